-- What each Lua state of host.c does: every kind of call, and every kind of end.

local number, url, ca_file = ...
local heygen = require "heygen"

local ID = "id-%d-%d"

local function new()
  return heygen.new { api_key = "test-key", base_url = url, ca_file = ca_file, max_concurrency = 4 }
end

local function finish(client)
  repeat until client:poll(30) == 0
end

local function work(client)
  local callbacks, outcomes = 0, 0
  local requests = {}
  for position = 1, 6 do
    requests[position] = client:delete_photo_avatar_async(ID:format(number, position), function(_, result)
      callbacks = callbacks + 1
      outcomes = outcomes + (result.outcome == "absent" and 1 or 0)
    end, { missing_ok = true, trace = function() end })
  end
  coroutine.wrap(function() requests[1]:await() end)()
  for _ = 1, 3 do client:poll() end
  local _, meta = client:delete_photo_avatar(ID:format(number, 7), { missing_ok = true })
  assert(meta.outcome == "absent")
  finish(client)
  assert(callbacks == 6 and outcomes == 6)
end

-- Cancels over and over while the worker does as it is told.
local function work_in_vain(client)
  local requests = {}
  for position = 1, 4 do requests[position] = client:delete_photo_avatar_async "hanging" end
  repeat
    for _, request in ipairs(requests) do request:cancel() end
  until client:poll() == 0
  for _, request in ipairs(requests) do assert(select(2, request:result()).kind == "cancelled") end
end

local function work_in_bulk(client)
  local ids = {}
  for position = 1, 10 do ids[position] = ID:format(number, 10 + position) end
  local request = client:delete_photo_avatars_async(ids)
  finish(client)
  local report = request:result()
  assert(report.total == 10 and report.absent == 10)
end

local client = new()
work(client)
work_in_vain(client)
work_in_bulk(client)

-- One in flight each: of a client that is closed, of one that is collected, of one that is left to lua_close.
client:delete_photo_avatar_async "hanging"
client:close()
assert(client:poll() == 0)
new():delete_photo_avatar_async "hanging"
collectgarbage()
local left = new()
left:delete_photo_avatar_async "hanging"
