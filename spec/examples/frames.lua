-- A loop of 60 frames a second that deletes photo avatars meanwhile, and says what that cost the frames:
--
--   HEYGEN_API_KEY=... lua5.4 spec/examples/frames.lua ID ...
--
-- The clock and the sleep are LuaSocket's, in the place of the ones that a game engine brings.

local heygen = require "heygen"
local socket = require "socket"

local FRAME = 1 / 60

local client <close> = heygen.new()

for _, id in ipairs(arg) do
  client:delete_photo_avatar_async(id, function(body, result)
    print(id, result.outcome, body and body.code or result.kind)
  end)
end

local frames, slowest = 0, 0
local next_frame = socket.gettime()
local left = #arg

while left > 0 do
  -- Here the game moves and draws. What follows does no network work, and runs one callback at most.
  local began = socket.gettime()
  left = client:poll(0, 1)
  slowest = math.max(slowest, socket.gettime() - began)

  frames = frames + 1
  next_frame = next_frame + FRAME
  socket.sleep(math.max(0, next_frame - socket.gettime()))
end

print(("%d frames, the slowest poll took %.3f ms"):format(frames, slowest * 1000))
