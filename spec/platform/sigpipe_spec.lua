-- SIGPIPE, which ends a host that does not expect it, and the host's own.

local bare_host = require "spec.support.bare_host"
local server = require "spec.support.server"

local host

setup(function() host = bare_host.new() end)
teardown(function() host:remove() end)

describe("SIGPIPE", function()
  local STATE = "print(host.is_sigpipe_blocked(), host.is_sigpipe_pending())\n"
  -- One call whose peer is gone when the request is sent, between two that are well.
  local CALLS = bare_host.PRELUDE .. [[
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

  local function specify(tls, age)
    local service

    setup(function() service = server.start { tls = tls } end)
    teardown(function() service:stop() end)

    local function printed_by(script)
      return host:printed({ age .. script }, bare_host.environment(service))
    end

    it("does not end a host during a call", function()
      assert.equal(OUTCOMES .. "false\tfalse\n", printed_by(CALLS))
    end)

    it("does not end a host that closes or drops a client", function()
      local printed = printed_by(bare_host.PRELUDE .. [[
        for _, close in ipairs { function(client) client:close() end, function() end } do
          local client = new()
          print(delete(client, "nobody"))
          host.break_pipe(true)
          close(client)
          client = nil
          collectgarbage()
          host.break_pipe(false)
        end
      ]] .. STATE)
      assert.equal("absent\nabsent\nfalse\tfalse\n", printed)
    end)

    it("of a call does not stay behind where the host blocks it", function()
      local printed = printed_by("host.block_sigpipe()\n" .. CALLS)
      assert.equal(OUTCOMES .. "true\tfalse\n", printed)
    end)

    it("may be taken by another thread", function()
      assert.equal(OUTCOMES .. "false\tfalse\n", printed_by("host.take_sigpipe()\n" .. CALLS))
    end)

    it("of the host's own stays pending", function()
      local printed = printed_by("host.block_sigpipe()\nhost.raise_sigpipe()\n" .. CALLS)
      assert.equal(OUTCOMES .. "true\ttrue\n", printed)
    end)
  end

  for _, protocol in ipairs { "HTTP", "TLS" } do
    describe("over " .. protocol, function() specify(protocol == "TLS", "") end)
    describe("over " .. protocol .. " with libcurl 7.87", function()
      specify(protocol == "TLS", "host.age_libcurl(0x075700)\n")
    end)
  end

  -- To block it for each call takes longer than the rest of what the module itself does for the call.
  it("is blocked only where libcurl may bring it", function()
    local service <close> = server.start()
    local script = bare_host.PRELUDE .. [[
      delete(new(), "nobody")
      local version, tls = host.libcurl()
      print(host.was_sigpipe_blocked(), version < 0x075800 or not tls:find "^OpenSSL/")
    ]]
    local printed = host:printed({ script }, bare_host.environment(service))
    assert.is_true(printed == "false\tfalse\n" or printed == "true\ttrue\n", printed)
    printed = host:printed({ "host.age_libcurl(0x075700)\n" .. script }, bare_host.environment(service))
    assert.equal("true\ttrue\n", printed)
  end)
end)
