-- Frames of a game with this module: again and again as many calls as the concurrency begin at once, on cold
-- connections, and each frame has time for one result. Prints how many were deleted, the 99th percentile of the time
-- that `poll` took, and the longest. A first call has warmed the program up, but no connection.

local ours = require "spec.bench.ours"
local socket = require "socket"
local task = require "spec.bench.task"

local given = task.read()
local deleted, frames = 0, {}

local function count(_, meta)
  if meta and meta.outcome == "deleted" then deleted = deleted + 1 end
end

-- Runs frames to the end of all calls of these numbers, and notes how long `poll` took in each.
local function play(first, last)
  local client <close> = ours.client(given)
  for number = first, last do client:delete_photo_avatar_async(given.prefix .. number, count) end
  repeat
    local start = task.now()
    local pending = client:poll(0, 1)
    frames[#frames + 1] = task.now() - start
    socket.sleep(0.001)
  until pending == 0
end

play(0, 0)
frames = {}
for first = 1, given.count, given.concurrency do play(first, first + given.concurrency - 1) end
table.sort(frames)
print(("%d %.9f %.9f"):format(deleted, frames[#frames * 99 // 100 + 1], frames[#frames]))
