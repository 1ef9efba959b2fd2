-- Resident memory, in KiB, of each thing that a host can have: this module, a client that is used, a request in
-- flight, and a bulk run, which is not to grow with the number of its ids. Prints how many were deleted, and these.

local task = require "spec.bench.task"

local CLIENTS = 20

local function resident()
  collectgarbage()
  collectgarbage()
  local file <close> = assert(io.open("/proc/self/status"))
  return tonumber(file:read("a"):match("VmRSS:%s*(%d+)"))
end

local given = task.read()
local bare = resident()
local ours = require "spec.bench.ours"
local loaded = resident()

local client <close> = ours.client(given)
local deleted = ours.delete(client, given.prefix .. 0)
local used = resident()

local others = {}
for number = 1, CLIENTS do
  others[number] = ours.client(given)
  deleted = deleted + ours.delete(others[number], ("%sclient-%d"):format(given.prefix, number))
end
local with_clients = resident()
for _, other in ipairs(others) do other:close() end

-- The service holds these back for a while.
local waiting <close> = ours.client { base_url = given.base_url .. "/held", concurrency = given.concurrency }
local before_requests = resident()
for number = 1, given.concurrency do
  waiting:delete_photo_avatar_async(("%sheld-%d"):format(given.prefix, number), function(_, meta)
    if meta and meta.outcome == "deleted" then deleted = deleted + 1 end
  end)
end
-- Long enough for all of them to be on the wire.
require("socket").sleep(1)
local with_requests = resident()
while waiting:poll(1) > 0 do end

-- The first tenth of the run brings it to its size. Both looks are at a run that is going on.
local early, late
local ids, given_out = task.ids(given), 0
local report = client:delete_photo_avatars(function()
  given_out = given_out + 1
  if given_out == given.count // 10 then early = resident() end
  if given_out == given.count then late = resident() end
  return ids()
end)
deleted = deleted + report.deleted

print(("%d %d %d %.1f %.2f %d"):format(deleted, loaded - bare, used - loaded, (with_clients - used) / CLIENTS,
  (with_requests - before_requests) / given.concurrency, late - early))
