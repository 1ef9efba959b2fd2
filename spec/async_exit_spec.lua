-- The end of the process, or of the module's stay in it, with requests in flight.

local bare_host = require "spec.support.bare_host"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

local ENDINGS = 75

-- Forks again and again; each child gets into the midst of TLS, a little further each time, and ends in one way. The
-- wait status tells of a crash.
local SCRIPT = [[
  local url, ca_file, way, count = ...
  local system = require("spec.support.compiler").load "system"
  local heygen = require "heygen"

  local function start(callback)
    client = heygen.new { api_key = "test-key", base_url = url, ca_file = ca_file }
    for number = 1, 8 do client:delete_photo_avatar_async("id-" .. number, callback) end
  end
  local function poll_for(seconds)
    local limit = os.clock() + seconds
    repeat until client:poll(0.001) == 0 or os.clock() > limit
  end

  local ways = {
    ["without closing the state"] = function(seconds)
      start()
      poll_for(seconds)
      os.exit(0)
    end,
    ["after closing the state"] = function(seconds)
      start()
      poll_for(seconds)
      os.exit(0, true)
    end,
    ["in a callback"] = function(seconds)
      start(function() os.exit(0) end)
      repeat until client:poll(seconds) == 0
    end,
    ["in a callback, after closing the state"] = function(seconds)
      start(function() os.exit(0, true) end)
      repeat until client:poll(seconds) == 0
    end,
  }

  for round = 1, tonumber(count) do
    local text, status = system.fork(function()
      ways[way](round % 50 / 5000)
      return "came back"
    end)
    assert(status == 0 and text == "", ("round %d: status %d, %s"):format(round, status, text))
  end
]]

describe("in the midst of TLS, the process may end", function()
  local service

  setup(function() service = server.start { tls = true, record = false } end)
  teardown(function() service:stop() end)

  for _, way in ipairs {
    "without closing the state", "after closing the state", "in a callback", "in a callback, after closing the state",
  } do
    it(way, function()
      -- A process that ends like this leaves everything behind: there is no point in looking for leaks.
      local environment = { ASAN_OPTIONS = (os.getenv "ASAN_OPTIONS" or "") .. ":detect_leaks=0" }
      local arguments = { service.url, service.ca_file, way, tostring(ENDINGS) }
      local result = calls.run_script(SCRIPT, arguments, { environment = environment })
      assert.is_nil(result.signal)
      assert.equal(0, result.status, result.stderr)
    end)
  end
end)

describe("a host that closes its Lua state and unloads the module", function()
  local host

  setup(function() host = bare_host.new() end)
  teardown(function() host:remove() end)

  -- Leaves requests in flight to lua_close.
  local LEAVE = [[
    local heygen = require "heygen"
    host.slow_lookups(0.5)
    kept = {}
    for number, base_url in ipairs { os.getenv "URL", "https://slow.test" } do
      kept[number] = heygen.new {
        api_key = "test-key", base_url = base_url, ca_file = os.getenv "CA_FILE", proxy = "", timeout = 60,
      }
      for _ = 1, 10 do kept[number]:delete_photo_avatar_async "hanging" end
    end
    host.sleep(0.1)
  ]]

  local WORK = [[
    local heygen = require "heygen"
    local client = heygen.new { api_key = "test-key", base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE" }
    client:delete_photo_avatar_async("unknown", function(_, err) print(err.outcome) end)
    repeat until client:poll(1) == 0
  ]]

  local AWAIT_LOOKUPS = [[
    while host.threads() > 1 do host.sleep(0.01) end
    print "alone"
  ]]

  it("may do so with requests in flight, and begin anew", function()
    local service <close> = server.start { tls = true }
    service:plan("hanging", { always = { { hang = true } } })
    local result = host:run({ LEAVE, WORK, LEAVE, LEAVE, AWAIT_LOOKUPS, WORK },
      { URL = service.url, CA_FILE = service.ca_file })
    assert.equal(0, result.status, result.stderr)
    assert.equal("absent\nalone\nabsent\n", result.stdout)
    server.eventually(function() return service:open_connections() == 0 end)
  end)
end)
