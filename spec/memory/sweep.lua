--- Memory runs out at every allocation in turn, once and from then on, while a scenario runs:
---
---   lua5.4 spec/memory/sweep.lua SCENARIO [tls]
---
--- with the library of faults.c preloaded. Prints the number of allocations that failed. Ends with an error when one of
--- them brings about a wrong outcome, a leak, or a client that does not work afterwards.

local faults = require "heygen_faults"

local heygen = require "heygen"
local fake_time = require "spec.support.fake_time"
local scenarios = require "spec.memory.scenarios"
local server = require "spec.support.server"
local tls_front = require "spec.memory.tls_front"

local SOURCES, COUNTS = { "c", "lua" }, { 1, math.maxinteger }

-- Enough to get past everything that a scenario allocates.
local MOST = 50000

-- What is allocated once for the process is not taken for a leak: a leak comes again.
local WARM_UPS, REPEATS = 3, 3

local name, tls = ...
local service = server.start { record = false }
local front = tls and tls_front.start(service.url) or service
local options = {
  api_key = "test-key", base_url = front.url, ca_file = front.ca_file, user_agent = "spec", api_version = "v2",
}

local function find_scenario()
  for _, scenario in ipairs(scenarios { service = service, options = options }) do
    if scenario.name == name then return scenario end
  end
  error(("there is no scenario '%s'"):format(name))
end

local scenario = find_scenario()
local ids = scenario.ids or { "avatar" }

-- There is memory again. What was sent before may get to the service only now: whether the avatar was there is not
-- known, but gone it must be.
local function check_client(client)
  for _, id in ipairs(ids) do
    service:plan(id, {})
    client:delete_photo_avatar(id, { missing_ok = true })
    assert(not service:knows(id), "the client does not work afterwards")
  end
end

local function new_try()
  service:add(ids)
  if scenario.prepare then scenario.prepare() end
  local try = { client = heygen.new(options), ids = ids, report = {}, succeeded = false, result = false }
  for field, value in pairs(scenario.fields or {}) do try[field] = value end
  return try
end

-- Returns whether there were so many allocations, and whether it succeeded in spite of all.
local function run(source, first, count)
  local try <const> = new_try()
  local client <close> = try.client
  local reached, succeeded, result = faults.run(source, first, count, function() return scenario.run(try) end)
  try.succeeded, try.result = succeeded, result
  if scenario.settle then scenario.settle(try) end
  if scenario.check then scenario.check(try) end
  check_client(client)
  return reached, succeeded
end

local function live_blocks()
  collectgarbage()
  collectgarbage()
  return faults.live()
end

-- By how many blocks each of some runs grew the memory in use.
local function leaks(source, first, count)
  for _ = 1, REPEATS do
    local before = live_blocks()
    run(source, first, count)
    if live_blocks() <= before then return false end
  end
  return true
end

local function sweep(source, count)
  local first, failures = 0, 0
  repeat
    first = first + 1
    assert(first < MOST, "the scenario has no end")
    local before = live_blocks()
    local reached, succeeded = run(source, first, count)
    if not succeeded then failures = failures + 1 end
    if live_blocks() > before then assert(not leaks(source, first, count), "memory leaks") end
  until not reached
  -- A single fault can be made good, by an emergency collection or another attempt; others can't.
  assert(count == 1 or failures > 0, "no fault was noticed")
  return first - 1
end

fake_time.install()
for _ = 1, WARM_UPS do run("c", math.maxinteger, 1) end
local points = 0
for _, source in ipairs(SOURCES) do
  for _, count in ipairs(COUNTS) do
    local reached = "?"
    local fine, words = xpcall(function() reached = sweep(source, count) end, debug.traceback)
    if not fine then error(("%s, %s of '%s': %s"):format(name, count == 1 and "once" or "for good", source, words)) end
    points = points + reached
  end
end
print(points)
