--- Many calls through a service that misbehaves at random: `lua5.4 spec/soak/soak.lua CALLS [SEED]`.
---
--- Every kind of call takes its turn, round by round. After each round the service says what is gone, and what was
--- reported of each avatar is held against that. Over all rounds, memory and open descriptors must stay as they are
--- after the first ones. Time is jumped over, but for the network's own.

local heygen = require "heygen"
local compiler = require "spec.support.compiler"
local fake_time = require "spec.support.fake_time"
local misbehaviour = require "spec.soak.misbehaviour"
local server = require "spec.support.server"

local system = compiler.load "system"

local ROUND = 250 -- avatars
local EXISTING = 0.95 -- of these; the others are not there
local POLLS, PATIENCE = 10000, 5 -- of one round, and in seconds

-- What may be more after the last round than after the first tenth of them.
local MEMORY_SLACK, DESCRIPTOR_SLACK = 2 * 1024 * 1024, 8
local PAGE = 4096

local calls, seed = tonumber((...)), tonumber((select(2, ...))) or 1
assert(calls, "usage: lua5.4 spec/soak/soak.lua CALLS [SEED]")

math.randomseed(seed)
fake_time.install { flowing = true, random = { 0.1, 0.5, 0.9 } }

local service = server.start { record = false }
local options = { api_key = "test-key", base_url = service.url, timeout = 0.5, max_response_bytes = 65536 }
local client = heygen.new(options)

-- --- The ways to delete: each returns id → { outcome, attempts } ---

local function note(results, id, body, second)
  results[id] = { outcome = second.outcome, attempts = second.attempts, kind = not body and second.kind or nil }
end

local function attempt(results, id, call, ...)
  local fine, first, second = pcall(call, ...)
  assert(fine or heygen.is_error(first), first)
  note(results, id, fine, fine and second or first)
end

local function blocking(ids)
  local results = {}
  for _, id in ipairs(ids) do attempt(results, id, client.delete_photo_avatar, client, id) end
  return results
end

local function plain(ids)
  local results = {}
  for _, id in ipairs(ids) do attempt(results, id, heygen.delete_photo_avatar, nil, id, options) end
  return results
end

local function short_lived(ids)
  local results = {}
  for _, id in ipairs(ids) do
    local own <close> = heygen.new(options)
    attempt(results, id, own.delete_photo_avatar, own, id)
  end
  return results
end

local function poll_until_done()
  for _ = 1, POLLS do
    if client:poll(PATIENCE) == 0 then return end
  end
  error "a request never finished"
end

local function asynchronous(ids)
  local results = {}
  for _, id in ipairs(ids) do
    client:delete_photo_avatar_async(id, function(body, second) note(results, id, body, second) end)
  end
  poll_until_done()
  return results
end

local function noting(results)
  return { on_result = function(id, body, second) note(results, id, body, second) end }
end

local function check_report(report, ids)
  local counted = 0
  for _, name in ipairs { "deleted", "presumed_deleted", "absent", "not_deleted", "unknown", "not_attempted" } do
    counted = counted + report[name]
  end
  assert(report.total == #ids and counted == #ids, "a report does not add up")
end

local function bulk(ids)
  local results = {}
  check_report(client:delete_photo_avatars(ids, noting(results)), ids)
  return results
end

local function asynchronous_bulk(ids)
  local results = {}
  local request = client:delete_photo_avatars_async(ids, nil, noting(results))
  poll_until_done()
  check_report(request:result(), ids)
  return results
end

local WAYS = { blocking, bulk, asynchronous, asynchronous_bulk, plain, short_lived }

-- --- A round ---

local GONE = { deleted = true, presumed_deleted = true, not_deleted = false, not_attempted = false }

local outcomes = {}

-- What was said of an avatar, and what the service knows of it. An id that a stopped run has left out has no result. Of
-- an avatar that was never there, nothing that is said can be wrong.
local function is_true(outcome, existed, gone)
  return not existed or (outcome ~= "absent" and (GONE[outcome] == nil or GONE[outcome] == gone))
end

local function check(id, existed, result)
  result = result or { outcome = "not_attempted", attempts = 0 }
  local gone, seen = not service:knows(id), service:deletes(id)
  if not is_true(result.outcome, existed, gone) or seen > result.attempts then
    error(("%s is called %s (%s) after %d attempts; the service saw %d and says that it is %s"):format(
      id, result.outcome, result.kind, result.attempts, seen, gone and "gone" or "there"))
  end
  outcomes[result.outcome] = (outcomes[result.outcome] or 0) + 1
end

local function run_round(number)
  local ids, existing = {}, {}
  for index = 1, ROUND do
    ids[index] = "avatar-" .. index
    if math.random() < EXISTING then existing[#existing + 1] = ids[index] end
    service:plan(ids[index], misbehaviour.plan())
  end
  service:add(existing)
  service:reset_record()
  local results = WAYS[number % #WAYS + 1](ids)
  local existed = {}
  for _, id in ipairs(existing) do existed[id] = true end
  for _, id in ipairs(ids) do check(id, existed[id], results[id]) end
end

-- --- All of them ---

local function measure()
  collectgarbage()
  collectgarbage()
  local file <close> = assert(io.open "/proc/self/statm")
  local _, resident = file:read("n", "n")
  return resident * PAGE, system.descriptors()
end

local rounds = math.max(10, calls // ROUND)
local memory_before, descriptors_before
for round = 1, rounds do
  run_round(round)
  if round == rounds // 10 then memory_before, descriptors_before = measure() end
end
local memory, descriptors = measure()

print(("%d calls, seed %d"):format(rounds * ROUND, seed))
for outcome, count in pairs(outcomes) do print(("%16s %d"):format(outcome, count)) end
print(("resident memory: %d KiB, then %d KiB"):format(memory_before // 1024, memory // 1024))
print(("descriptors: %d, then %d"):format(descriptors_before, descriptors))
assert(memory - memory_before < MEMORY_SLACK, "memory grows")
assert(descriptors - descriptors_before < DESCRIPTOR_SLACK, "descriptors are left open")
