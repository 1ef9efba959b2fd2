-- The end of a client with requests in flight: by close, by collection and by lua_close, in the midst of whatever.

local bare_host = require "spec.support.bare_host"
local server = require "spec.support.server"

-- Left alone, everything here would last for at least so long, in seconds.
local HANGING = 300

-- How long an end may take before it counts as waiting for what hangs. The goal is 0.05 s; what an end took is in the
-- times that the scripts print.
local LIMIT = 10

-- Each ends its client in one way, and prints how long that took and how many threads are left, but for those in which
-- libcurl looks a name up.
local SCRIPT = [[
  local socket = require "socket"
  local heygen = require "heygen"

  local function threads()
    local begun, ended = host.lookups()
    return host.threads() - (begun - ended)
  end

  local function report(started)
    local seconds = socket.gettime() - started
    -- A thread that is to look up a name counts as one that does so once it has begun.
    local limit = socket.gettime() + 10
    while threads() > 1 and socket.gettime() < limit do host.sleep(0.01) end
    print("end", ("%.4f"):format(seconds), threads())
  end

  local ways = {}

  function ways.close(client)
    local started = socket.gettime()
    client:close()
    report(started)
    assert(client:poll(1) == 0)
  end

  function ways.collect(client)
    client = nil
    local started = socket.gettime()
    collectgarbage()
    report(started)
  end

  -- Finalizers run in reverse order: the last one made here is the first, the one of before the client the last.
  local started
  local last = setmetatable({}, { __gc = function() report(started) end })
  function ways.lua_close(client)
    kept = { last, client, setmetatable({}, { __gc = function() started = socket.gettime() end }) }
  end

  host.slow_lookups(tonumber(os.getenv "HANGING"))
  local seconds = tonumber(os.getenv "HANGING")
  local calls = 0

  local function start()
    local client = heygen.new {
      api_key = "test-key", base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE", proxy = "",
      timeout = seconds, connect_timeout = seconds, deadline = seconds, max_concurrency = 500,
    }
    for number = 1, tonumber(os.getenv "COUNT") do
      client:delete_photo_avatar_async("hanging", function(_, err)
        calls = calls + 1
        assert(err.kind == "cancelled" and (err.outcome == "unknown" or err.outcome == "not_deleted"), err)
      end)
    end
    -- Time to get into the midst of it.
    host.sleep(0.3)
    return client
  end

  ways[os.getenv "WAY"](start())
  print("callbacks", calls)
]]

describe("with", function()
  local host, handshakes, answers

  setup(function()
    host = bare_host.new()
    -- A connection that hangs before the handshake, for each of the requests of all the cases.
    handshakes = server.start { tls = true }
    local plans = {}
    for position = 1, 2000 do plans[position] = { { hang = true } } end
    handshakes:plan_connection(plans)
    answers = server.start()
    answers:plan("hanging", { always = { { hang = true } } })
  end)
  teardown(function()
    host:remove()
    handshakes:stop()
    answers:stop()
  end)

  local SITUATIONS = {
    ["slow look-ups"] = function() return { URL = "https://slow.test" } end,
    ["hanging handshakes"] = function() return { URL = handshakes.url, CA_FILE = handshakes.ca_file } end,
    ["answers that do not come"] = function() return { URL = answers.url } end,
  }

  for _, count in ipairs { 0, 1, 500 } do
    for situation, environment_of in pairs(SITUATIONS) do
      for _, way in ipairs { "close", "collect", "lua_close" } do
        local name = ("%d in flight in the midst of %s, %s is quick and leaves no thread"):format(count, situation, way)
        it(name, function()
          local environment = environment_of()
          environment.COUNT, environment.WAY, environment.HANGING = tostring(count), way, tostring(HANGING)
          environment.ASAN_OPTIONS = (os.getenv "ASAN_OPTIONS" or "") .. ":detect_leaks=1"
          local result = host:run({ SCRIPT }, environment)
          assert.equal(0, result.status, result.stderr)
          local seconds, threads = result.stdout:match "end\t(%d+%.%d+)\t(%-?%d+)\n"
          assert.is_true(tonumber(seconds) < LIMIT, seconds)
          assert.equal("1", threads)
          local callbacks = way == "close" and count or 0
          assert.equal(callbacks, tonumber(result.stdout:match "callbacks\t(%d+)\n"))
        end)
      end
    end
  end
end)
