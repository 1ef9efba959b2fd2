-- What the module does to the process that it is loaded into, and does not.

local bare_host = require "spec.support.bare_host"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

local host

setup(function() host = bare_host.new() end)
teardown(function() host:remove() end)

-- Runs scripts in one bare host, which must come to a good end; returns what they printed.
local function run(scripts, environment)
  local result = host:run(scripts, environment)
  assert.is_false(result.timed_out)
  assert.same({ status = 0 }, { status = result.status, signal = result.signal }, result.stderr)
  return result.stdout
end

local function environment_of(service, more)
  local environment = { URL = service.url, CA_FILE = service.ca_file or false }
  for name, value in pairs(more or {}) do environment[name] = value end
  return environment
end

-- Begins each script: `delete(client, id)` tells the outcome, whatever it is.
local PRELUDE = [[
  local heygen = require "heygen"
  local function new(more)
    local options = {
      api_key = "test-key", base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE", max_retries = 0,
    }
    for name, value in pairs(more or {}) do options[name] = value end
    return heygen.new(options)
  end
  local function delete(client, id)
    local succeeded, first, second = pcall(client.delete_photo_avatar, client, id)
    return (succeeded and second or first).outcome
  end
]]

describe("SIGPIPE", function()
  local STATE = "print(host.is_sigpipe_blocked(), host.is_sigpipe_pending())\n"
  -- One call whose peer is gone when the request is sent, between two that are well.
  local CALLS = PRELUDE .. [[
    local client = new()
    local well = delete(client, "nobody")
    host.break_pipe(true)
    local broken = delete(client, "nobody")
    host.break_pipe(false)
    print(well, broken, delete(client, "nobody"))
  ]] .. STATE
  local OUTCOMES = "absent\tunknown\tabsent\n"

  it("does end a host that writes to a peer that is gone", function()
    local result = host:run { "host.raise_sigpipe()" }
    assert.not_equal(0, result.status)
  end)

  for _, protocol in ipairs { "HTTP", "TLS" } do
    describe("over " .. protocol, function()
      local service

      setup(function() service = server.start { tls = protocol == "TLS" } end)
      teardown(function() service:stop() end)

      it("does not end a host during a call", function()
        assert.equal(OUTCOMES .. "false\tfalse\n", run({ CALLS }, environment_of(service)))
      end)

      it("does not end a host that closes or drops a client", function()
        local printed = run({ PRELUDE .. [[
          for _, close in ipairs { function(client) client:close() end, function() end } do
            local client = new()
            print(delete(client, "nobody"))
            host.break_pipe(true)
            close(client)
            client = nil
            collectgarbage()
            host.break_pipe(false)
          end
        ]] .. STATE }, environment_of(service))
        assert.equal("absent\nabsent\nfalse\tfalse\n", printed)
      end)

      it("of a call does not stay behind where the host blocks it", function()
        local printed = run({ "host.block_sigpipe()\n" .. CALLS }, environment_of(service))
        assert.equal(OUTCOMES .. "true\tfalse\n", printed)
      end)

      it("of the host's own stays pending", function()
        local printed = run({ "host.block_sigpipe()\nhost.raise_sigpipe()\n" .. CALLS }, environment_of(service))
        assert.equal(OUTCOMES .. "true\ttrue\n", printed)
      end)
    end)
  end
end)

describe("the module", function()
  local service

  setup(function() service = server.start { tls = true } end)
  teardown(function() service:stop() end)
  before_each(function() service:add { "first", "second" } end)

  -- Prints how many of the process's mappings are the module's.
  local MAPPINGS = [[
    local count = 0
    for line in io.lines "/proc/self/maps" do
      if line:find("/heygen/core.so", 1, true) then count = count + 1 end
    end
    print(count > 0 and "loaded" or "not loaded")
  ]]

  -- The look-up's thread outlives its call, its client and its Lua state.
  local LEAVE_LOOKUP = PRELUDE .. [[
    host.slow_lookups(1)
    local client = new { base_url = "https://slow.test", proxy = "", timeout = 0.2 }
    print(delete(client, "avatar"), host.lookups())
  ]]
  local AWAIT_LOOKUP = [[
    print(host.threads() > 1)
    while host.threads() > 1 do host.sleep(0.01) end
    print(host.lookups())
  ]]

  -- Linked again from the build's objects, but without the flag that keeps it in memory: as LuaRocks does it.
  local function link_without_flag()
    local folder = os.tmpname()
    os.remove(folder)
    local sanitize = os.getenv "SANITIZE"
    local command = ([[
      mkdir -p %s/heygen && exec env -u LD_PRELOAD ${CC:-cc} -shared %s -o %s/heygen/core.so \
      "$BUILD"/obj/src/*/*.o $(pkg-config --libs libcurl libcjson) 2>&1
    ]]):format(folder, sanitize and "-fsanitize=" .. sanitize or "", folder)
    local pipe = assert(io.popen(command))
    local words = pipe:read("a")
    assert(pipe:close(), words)
    return folder
  end

  local function assert_stays(environment)
    local call = PRELUDE .. "print(delete(new(), 'first'))"
    assert.equal("not loaded\ndeleted\nloaded\n", run({ MAPPINGS, call, MAPPINGS }, environment))
    assert.equal("not_deleted\t1\t0\ntrue\n1\t1\n", run({ LEAVE_LOOKUP, AWAIT_LOOKUP }, environment))
  end

  it("stays in memory when its Lua state closes", function()
    assert_stays(environment_of(service))
  end)

  it("stays in memory without the linker's help", function()
    local folder = link_without_flag()
    assert_stays(environment_of(service, { LUA_CPATH = folder .. "/?.so", LUA_CPATH_5_4 = false }))
    os.remove(folder .. "/heygen/core.so")
    os.remove(folder .. "/heygen")
    os.remove(folder)
  end)

  it("works in one Lua state after the other", function()
    local script = PRELUDE .. "print(delete(new(), os.getenv 'ID'), delete(new(), 'nobody'))"
    service:add "avatar"
    local environment = environment_of(service, { ID = "avatar" })
    assert.equal("deleted\tabsent\nabsent\tabsent\nabsent\tabsent\n", run({ script, script, script }, environment))
  end)

  it("works in a Lua state that leaves its client to lua_close", function()
    local script = PRELUDE .. [[
      client = new()
      print(delete(client, "nobody"), delete(client, "nobody"))
    ]]
    assert.equal(("absent\tabsent\n"):rep(2), run({ script, script }, environment_of(service)))
  end)
end)

describe("a program that the host starts", function()
  -- Prints how many TCP sockets the client has open, and how many of these a program has that is started then.
  local SCRIPT = [[
    local heygen = require "heygen"
    local function tcp_sockets()
      local sockets = {}
      for line in io.lines "/proc/self/net/tcp" do
        local inode = line:match("^%s*%d+:" .. ("%s+%S+"):rep(8) .. "%s+(%d+)")
        if inode then sockets["socket:[" .. inode .. "]"] = true end
      end
      return sockets
    end
    local function open_sockets(command)
      local known, open = tcp_sockets(), {}
      for line in io.popen(command):lines() do
        local name = line:match("-> (socket:%[%d+%])")
        if name and known[name] then open[name] = true end
      end
      return open
    end
    local function self()
      return open_sockets("ls -l /proc/$PPID/fd")
    end
    local function count(set, without)
      local number = 0
      for name in pairs(set) do number = number + (without[name] and 0 or 1) end
      return number
    end

    local before = self()
    local client = heygen.new { api_key = "test-key", base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE" }
    client:delete_photo_avatar("nobody", { missing_ok = true })
    print(count(self(), before), count(open_sockets("ls -l /proc/self/fd"), before))
  ]]

  for _, protocol in ipairs { "HTTP", "TLS" } do
    it("does not inherit a connection over " .. protocol, function()
      local service <close> = server.start { tls = protocol == "TLS" }
      local result = calls.run_script(SCRIPT, {}, { environment = environment_of(service) })
      assert.equal("1\t0\n", result.stdout, result.stderr)
    end)
  end
end)
