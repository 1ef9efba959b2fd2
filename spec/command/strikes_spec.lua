-- heygen-delete, struck at random moments by whatever ends a run, and started again: no answer is false, no id is lost.
-- `make strikes` strikes a hundred times, STRIKES=n so many times; SEED=n repeats a run of it.

local cjson = require "cjson"
local command = require "spec.support.command"
local server = require "spec.support.server"

local IDS = 2000
local STRIKES = tonumber(os.getenv "STRIKES") or 6
local STRIKES_PER_LIST = 10

-- How long a run may take, in seconds.
local PATIENCE = 120

local KEYS = { "first-key", "second-key" }

-- The time of the client's waits is jumped over.
local JUMPS_OVER_WAITS = 'require "spec.support.fake_time".install { flowing = true }'

local GONE = { deleted = true, presumed_deleted = true }
local THERE = { absent = true, not_deleted = true, not_attempted = true }

local seed = tonumber(os.getenv "SEED") or 20261127

-- A generator of its own: whatever else draws numbers, a failure can be repeated.
local function random(from, to)
  seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
  return from + (seed >> 8) % (to - from + 1)
end

-- Waits until the service has seen so many more requests, or the run is over.
local function await_deletes(service, child, count)
  local enough = service:deletes() + count
  server.eventually(function() return service:deletes() >= enough or child:has_ended() end, PATIENCE)
end

local function by_signal(name)
  return function(service, arguments, options)
    local child = command.start(service, arguments, options)
    await_deletes(service, child, random(0, IDS // STRIKES_PER_LIST))
    child:signal(name)
    return child:wait(PATIENCE)
  end
end

-- A limit for files acts like a full disk; the journal or the output meets it first.
local function by_full_disk(service, arguments, options)
  local limit = 'trap "" XFSZ; ulimit -f %d; exec "$@"'
  options.shell = limit:format(random(4, 600))
  return command.run(service, arguments, options)
end

-- Requests for some ids fail, some of them once the service has done its work; then it is well again.
local function by_outage(service, arguments, options, ids)
  local first = random(1, IDS - 400)
  for position = first, first + 400 do
    local kinds = { { { delete = true }, { reset = true } }, { { status = 503, body = "{}" } }, { { reset = true } } }
    service:plan(ids[position], { always = kinds[random(1, 3)] })
  end
  local child = command.start(service, arguments, options)
  await_deletes(service, child, random(100, 400))
  for position = first, first + 400 do service:plan(ids[position], {}) end
  return child:wait(PATIENCE)
end

local STRIKES_BY_NAME = {
  { "kill -9", by_signal "KILL", { [137] = true } },
  { "SIGTERM", by_signal "TERM", { [143] = true } },
  { "SIGHUP", by_signal "HUP", { [129] = true } },
  { "a full disk", by_full_disk, { [2] = true, [3] = true } },
  { "an outage", by_outage, { [1] = true, [4] = true } },
}

-- What was said of ids is true, as the service has it.
local function assert_true(said, service, about)
  for id, outcome in pairs(said) do
    local is_there = service:knows(id)
    assert(not (GONE[outcome] and is_there), ("%s: %s is %s, and is there"):format(about, id, outcome))
    assert(not (THERE[outcome] and not is_there), ("%s: %s is %s, and is gone"):format(about, id, outcome))
  end
end

local function told_in(text)
  local told, count = {}, 0
  for line in text:gmatch "([^\n]*)\n" do
    local fine, object = pcall(cjson.decode, line)
    -- Of a process that was killed, the last line may be cut.
    if fine then
      told[object.id] = object.outcome
      count = count + 1
    end
  end
  return told, count
end

-- How v2 ends on the way, and by which API version the runs go on.
local ENDS = { "404 with HTML", "405 with HTML", "410 with JSON", "404 in the envelope", "302 to a log-in" }
local AFTER_THE_END = { "v3", "auto" }

-- The words of a run: from some strike on its key is another one, and from some strike on v2 is gone.
local function arguments_of(journal, file, state)
  return {
    "-y", "--json", "--same-account", "--journal", journal, "--api-version", state.version, "--file", file,
    "--patience", "1h",
  }, { environment = { HEYGEN_API_KEY = state.key, LUA_INIT_5_4 = JUMPS_OVER_WAITS } }
end

describe("heygen-delete, struck on its way through 2,000 ids,", function()
  local met = {}

  -- Strikes on the way through one list, and how many there were: none once all of it is done.
  local function strike_list(strikes)
    local ids = command.ids(IDS)
    local service <close> = server.start { ids = ids, keys = KEYS, record = false }
    local folder = command.folder()
    local journal, file = folder .. "/journal", command.write(folder .. "/ids", table.concat(ids, "\n"))
    local key_changes, version_changes = random(1, strikes), random(1, strikes)
    local state = { key = KEYS[1], version = "v2" }
    local struck = 0
    for strike = 1, strikes do
      if strike == key_changes then state.key = KEYS[2] end
      if strike == version_changes then
        service:end_version("v2", ENDS[random(1, #ENDS)])
        state.version = AFTER_THE_END[random(1, #AFTER_THE_END)]
      end
      local name, act, statuses = table.unpack(STRIKES_BY_NAME[random(1, #STRIKES_BY_NAME)])
      local arguments, options = arguments_of(journal, file, state)
      local result = act(service, arguments, options, ids)
      local status = result.status or 128 + result.signal
      assert(statuses[status] or status == 0, ("%s: exit status %s\n%s"):format(name, status, result.stderr))
      if status ~= 0 or name == "an outage" then
        met[name] = (met[name] or 0) + 1
        struck = struck + 1
      end
      assert_true(told_in(result.stdout), service, name)
      assert_true(command.last_words(command.read(journal)), service, name)
      if status == 0 then break end
    end

    state = { key = KEYS[2], version = AFTER_THE_END[random(1, #AFTER_THE_END)] }
    local last = command.run(service, arguments_of(journal, file, state))
    assert.equal(0, last.status, last.stderr)
    local told, count = told_in(last.stdout)
    assert.equal(IDS, count)
    for _, id in ipairs(ids) do assert(GONE[told[id]] and not service:knows(id), id) end
    command.remove(folder)
    return struck
  end

  it(("says nothing false and loses nothing (%d strikes, seed %d)"):format(STRIKES, seed), function()
    local left = STRIKES
    while left > 0 do left = left - strike_list(math.min(left, STRIKES_PER_LIST)) end
  end)

  teardown(function()
    if not os.getenv "STRIKES" then return end
    for name, count in pairs(met) do print(("%s struck %d runs"):format(name, count)) end
  end)
end)
