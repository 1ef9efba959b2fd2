-- Frames of a game with this module: again and again as many calls as the concurrency begin at once, on cold
-- connections, and each frame has time for one result. Prints how many were deleted, the 99th percentile of the time
-- that `poll` took, the 99.9th, the longest, and how many frames there were. A first call has warmed the program up,
-- but no connection.

local ours = require "spec.bench.ours"
local socket = require "socket"
local task = require "spec.bench.task"

-- The least number of frames from one cold start to the next; the limit has as many.
local FRAMES = 100

local given = task.read()
local deleted, frames = 0, {}

local function count(_, meta)
  if meta and meta.outcome == "deleted" then deleted = deleted + 1 end
end

-- Runs frames to the end of all calls of these numbers, and notes how long `poll` took in each. What is left of FRAMES
-- then need not rest.
local function play(first, last)
  local client <close> = ours.client(given)
  local enough = #frames + FRAMES
  for number = first, last do client:delete_photo_avatar_async(given.prefix .. number, count) end
  repeat
    local start = task.now()
    local pending = client:poll(0, 1)
    frames[#frames + 1] = task.now() - start
    if pending > 0 then socket.sleep(0.001) end
  until pending == 0 and #frames >= enough
end

play(0, 0)
frames = {}
for first = 1, given.count, given.concurrency do play(first, first + given.concurrency - 1) end
table.sort(frames)
print(("%d %.9f %.9f %.9f %d"):format(
  deleted, frames[#frames * 99 // 100 + 1], frames[#frames * 999 // 1000 + 1], frames[#frames], #frames))
