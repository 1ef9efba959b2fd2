-- The descriptors by which threads wake each other: none is inherited, and a limit that is lowered later stops nobody.

local bare_host = require "spec.support.bare_host"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

describe("a program that the host starts", function()
  -- Prints how many descriptors more than before a child has, after calls of each kind and their clients' end.
  local SCRIPT = bare_host.PRELUDE .. [[
    local function inherited()
      local pipe = io.popen "ls -l /proc/self/fd | grep -c -e socket: -e eventfd -e pipe:"
      local count = tonumber(pipe:read "a")
      pipe:close()
      return count
    end
    local before = inherited()
    local blocking, asynchronous = new(), new()
    delete(blocking, "nobody")
    asynchronous:delete_photo_avatar_async "nobody"
    repeat until asynchronous:poll(1) == 0
    print(inherited() - before)
    heygen.delete_photo_avatars("test-key", { "nobody" }, { base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE" })
    print(inherited() - before)
  ]]

  for _, protocol in ipairs { "HTTP", "TLS" } do
    it("inherits no descriptor over " .. protocol, function()
      local service <close> = server.start { tls = protocol == "TLS" }
      local result = calls.run_script(SCRIPT, {}, { environment = bare_host.environment(service) })
      assert.equal("0\n0\n", result.stdout, result.stderr)
    end)
  end
end)

describe("where the host allows itself fewer descriptors than are open", function()
  local host, service

  setup(function()
    host = bare_host.new()
    service = server.start { tls = true }
    for number = 1, 6 do service:plan("slow-" .. number, { always = { { sleep = 2 }, { answer = true } } }) end
  end)
  teardown(function()
    host:remove()
    service:stop()
  end)

  for _, limit in ipairs { 0, 4 } do
    it(("what is in flight goes on: %d"):format(limit), function()
      local printed = host:printed({ bare_host.PRELUDE .. ([[
        local client = new()
        local function told(_, err) print(err.outcome) end
        for number = 1, 6 do client:delete_photo_avatar_async("slow-" .. number, told) end
        client:poll(1)
        local before = os.clock()
        host.limit_descriptors(%d)
        repeat until client:poll(5) == 0
        -- Nor does anybody spin meanwhile.
        print(os.clock() - before < 0.6)
        host.limit_descriptors(256)
      ]]):format(limit) }, bare_host.environment(service))
      assert.equal(("absent\n"):rep(6) .. "true\n", printed)
    end)
  end
end)
