-- Frames of a game with this module: all the calls begin at once on cold connections, and each frame has time for
-- one result. Prints how many were deleted, the 99th percentile of the time that `poll` took, and the longest.

local ours = require "spec.bench.ours"
local socket = require "socket"
local task = require "spec.bench.task"

local given = task.read()
local client <close> = ours.client(given)
local deleted = 0

local function count(_, meta)
  if meta and meta.outcome == "deleted" then deleted = deleted + 1 end
end

for number = 0, given.count do client:delete_photo_avatar_async(given.prefix .. number, count) end

local frames = {}
local pending = given.count + 1
while pending > 0 do
  local start = task.now()
  pending = client:poll(0, 1)
  frames[#frames + 1] = task.now() - start
  socket.sleep(0.001)
end

table.sort(frames)
print(("%d %.9f %.9f"):format(deleted, frames[#frames * 99 // 100 + 1], frames[#frames]))
