-- What the module does to the process that it is loaded into, and does not.

local bare_host = require "spec.support.bare_host"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

local host

setup(function() host = bare_host.new() end)
teardown(function() host:remove() end)

describe("the module", function()
  local service

  setup(function() service = server.start { tls = true } end)
  teardown(function() service:stop() end)
  before_each(function() service:add { "first", "second" } end)

  it("can't be loaded with a libcurl that is older than it needs", function()
    local printed = host:printed { [[
      host.age_libcurl(0x074a00)
      print(pcall(require, "heygen"))
    ]] }
    assert.equal("false\theygen: libcurl 7.80 or newer is needed; this system has 7.74.0.\n", printed)
  end)

  it("can't be loaded with a libcurl that has no TLS", function()
    local printed = host:printed { [[
      host.strip_libcurl "TLS"
      print(pcall(require, "heygen"))
    ]] }
    assert.equal("false\theygen: a libcurl with TLS is needed; this system's was built without it.\n", printed)
  end)

  it("works with a TLS library that reads no directories of CA certificates", function()
    local script = bare_host.PRELUDE .. [[
      host.strip_libcurl "directories"
      print(delete(new(), "first"))
      local _, err = pcall(new, { ca_path = "/etc/ssl/certs" })
      print(err.kind, err.message)
    ]]
    assert.equal("deleted\ninvalid_argument\toption 'ca_path' can't be used: the TLS library of this system's libcurl "
      .. "reads no directories of CA certificates; give a file as ca_file\n",
      host:printed({ script }, bare_host.environment(service)))
  end)

  -- Prints how many of the process's mappings are the module's.
  local MAPPINGS = [[
    local count = 0
    for line in io.lines "/proc/self/maps" do
      if line:find("/heygen/core.so", 1, true) then count = count + 1 end
    end
    print(count > 0 and "loaded" or "not loaded")
  ]]

  -- The look-up's thread outlives its call, its client and its Lua state.
  local LEAVE_LOOKUP = bare_host.PRELUDE .. [[
    host.slow_lookups(1)
    local client = new { base_url = "https://slow.test", proxy = "", timeout = 0.2 }
    local outcome, begun, ended = delete(client, "avatar"), host.lookups()
    print(outcome, begun > 0, ended)
  ]]
  local AWAIT_LOOKUP = [[
    print(host.threads() > 1)
    while host.threads() > 1 do host.sleep(0.01) end
    local begun, ended = host.lookups() -- one for each family of addresses, or one for both
    print(begun == ended)
  ]]

  -- Linked again from the build's objects, but without the flag that keeps it in memory: as LuaRocks does it.
  local function link_without_flag()
    local folder = os.tmpname()
    os.remove(folder)
    local sanitize = os.getenv "SANITIZE"
    local command = ([[
      mkdir -p %s/heygen && exec env -u LD_PRELOAD ${CC:-cc} -shared %s -o %s/heygen/core.so \
      $(for source in src/*/*.c; do echo "$BUILD/obj/${source%%.c}.o"; done) \
      $(pkg-config --libs libcurl libcjson) 2>&1
    ]]):format(folder, sanitize and "-fsanitize=" .. sanitize or "", folder)
    local pipe = assert(io.popen(command))
    local words = pipe:read("a")
    assert(pipe:close(), words)
    return folder
  end

  local function assert_stays(environment)
    local call = bare_host.PRELUDE .. "print(delete(new(), 'first'))"
    assert.equal("not loaded\ndeleted\nloaded\n", host:printed({ MAPPINGS, call, MAPPINGS }, environment))
    assert.equal("not_deleted\ttrue\t0\ntrue\ntrue\n", host:printed({ LEAVE_LOOKUP, AWAIT_LOOKUP }, environment))
  end

  it("stays in memory when its Lua state closes", function()
    assert_stays(bare_host.environment(service))
  end)

  it("stays in memory without the linker's help", function()
    local folder = link_without_flag()
    assert_stays(bare_host.environment(service, { LUA_CPATH = folder .. "/?.so", LUA_CPATH_5_4 = false }))
    os.remove(folder .. "/heygen/core.so")
    os.remove(folder .. "/heygen")
    os.remove(folder)
  end)

  it("works in one Lua state after the other", function()
    local script = bare_host.PRELUDE .. "print(delete(new(), os.getenv 'ID'), delete(new(), 'nobody'))"
    service:add "avatar"
    local environment = bare_host.environment(service, { ID = "avatar" })
    local printed = host:printed({ script, script, script }, environment)
    assert.equal("deleted\tabsent\nabsent\tabsent\nabsent\tabsent\n", printed)
  end)

  it("works in a Lua state that leaves its client to lua_close", function()
    local script = bare_host.PRELUDE .. [[
      client = new()
      print(delete(client, "nobody"), delete(client, "nobody"))
    ]]
    assert.equal(("absent\tabsent\n"):rep(2), host:printed({ script, script }, bare_host.environment(service)))
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
      local result = calls.run_script(SCRIPT, {}, { environment = bare_host.environment(service) })
      assert.equal("1\t0\n", result.stdout, result.stderr)
    end)
  end
end)
