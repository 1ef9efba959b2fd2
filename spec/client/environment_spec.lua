-- What a client takes from its process, once, when it is made: the proxies, the working directory.

local bare_host = require "spec.support.bare_host"
local process = require "spec.support.process"
local server = require "spec.support.server"

local host, service

setup(function()
  host = bare_host.new()
  service = server.start { tls = true }
end)
teardown(function()
  host:remove()
  service:stop()
end)
before_each(function() service:add "avatar" end)

local VARIABLES = {
  "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
}

-- The service's, with these proxies and no others.
local function environment(more)
  local all = bare_host.environment(service)
  for _, name in ipairs(VARIABLES) do all[name] = false end
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local BEGIN = "local client = new()\nhost.forbid_environment(true)\n"
local END = "\nclient:close()\nhost.forbid_environment(false)"

describe("once a client is made, nobody reads the environment", function()
  for _, way in ipairs { "blocking", "asynchronous", "bulk" } do
    local calls = {
      blocking = "for _ = 1, 2 do print(delete(client, 'nobody')) end",
      asynchronous = [[
        for _ = 1, 2 do
          client:delete_photo_avatar_async("nobody", function(_, err) print(err.outcome) end)
          repeat until client:poll(1) == 0
        end
      ]],
      bulk = [[
        local function told(_, _, err) print(err.outcome) end
        client:delete_photo_avatars({ "nobody" }, { on_result = told })
        client:delete_photo_avatars_async({ "nobody" }, nil, { on_result = told })
        repeat until client:poll(1) == 0
      ]],
    }
    it("in " .. way .. " calls", function()
      local script = bare_host.PRELUDE .. BEGIN .. calls[way] .. END
      assert.equal("absent\nabsent\n", host:printed({ script }, environment()))
    end)

    it("in " .. way .. " calls that fail", function()
      local dead <close> = server.start { tls = true }
      dead:plan("nobody", { always = { { reset = true } } })
      local script = bare_host.PRELUDE .. BEGIN .. calls[way] .. END
      local own = environment { URL = dead.url, CA_FILE = dead.ca_file }
      assert.equal("unknown\nunknown\n", host:printed({ script }, own))
    end)
  end
end)

describe("the environment's proxy", function()
  local proxy, dead

  before_each(function()
    proxy = server.proxy { tunnel = true }
    dead = server.proxy { refuse = true }
  end)
  after_each(function()
    proxy:stop()
    dead:stop()
  end)

  local function remote_url()
    return ("https://%s:%d"):format(server.PROXIED_HOST, service.port)
  end

  -- What becomes of a call to a host that only the proxy reaches. "good" and "bad" stand for the two proxies' URLs.
  local function outcome(variables, script)
    local own = environment { URL = remote_url() }
    for name, value in pairs(variables) do
      own[name] = value == "good" and proxy.url or value == "bad" and dead.url or value
    end
    return host:printed({ bare_host.PRELUDE .. (script or "print(delete(new(), 'avatar'))") }, own)
  end

  for _, row in ipairs {
    { "is https_proxy", { https_proxy = "good" }, "deleted" },
    { "is https_proxy rather than HTTPS_PROXY", { https_proxy = "good", HTTPS_PROXY = "bad" }, "deleted" },
    { "is HTTPS_PROXY", { HTTPS_PROXY = "good" }, "deleted" },
    { "is HTTPS_PROXY rather than all_proxy", { HTTPS_PROXY = "good", all_proxy = "bad" }, "deleted" },
    { "is all_proxy", { all_proxy = "good" }, "deleted" },
    { "is all_proxy rather than ALL_PROXY", { all_proxy = "good", ALL_PROXY = "bad" }, "deleted" },
    { "is ALL_PROXY", { ALL_PROXY = "good" }, "deleted" },
    { "is no empty variable", { https_proxy = "", HTTPS_PROXY = "", all_proxy = "good" }, "deleted" },
    { "is not http_proxy", { http_proxy = "good", HTTP_PROXY = "good" }, "not_deleted" },
    { "spares no_proxy", { https_proxy = "good", no_proxy = "a," .. server.PROXIED_HOST }, "not_deleted" },
    { "spares NO_PROXY", { https_proxy = "good", NO_PROXY = server.PROXIED_HOST }, "not_deleted" },
    { "follows no_proxy rather than NO_PROXY", { https_proxy = "good", no_proxy = "a", NO_PROXY = "*" }, "deleted" },
    { "follows no empty no_proxy", { https_proxy = "good", no_proxy = "", NO_PROXY = "*" }, "not_deleted" },
  } do
    it(row[1], function() assert.equal(row[3] .. "\n", outcome(row[2])) end)
  end

  it("is that of the moment when the client is made", function()
    local printed = outcome({ https_proxy = "good", OTHER = "bad" }, [[
      local client = new()
      host.set_variable("https_proxy", os.getenv "OTHER")
      host.set_variable("no_proxy", "*")
      print(delete(client, "avatar"))
    ]])
    assert.equal("deleted\n", printed)
  end)

  it("of a plain function is that of the moment of the call", function()
    local printed = outcome({ https_proxy = "bad", OTHER = "good" }, [[
      local function delete_plain()
        local succeeded, first, second = pcall(heygen.delete_photo_avatar, "test-key", "avatar",
          { base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE", max_retries = 0 })
        print((succeeded and second or first).outcome)
      end
      delete_plain()
      host.set_variable("https_proxy", os.getenv "OTHER")
      delete_plain()
      host.set_variable("no_proxy", "*")
      delete_plain()
    ]])
    assert.equal("not_deleted\ndeleted\nnot_deleted\n", printed)
  end)

  it("is not used for the option's hosts that no_proxy names", function()
    local own = environment { URL = remote_url(), no_proxy = server.PROXIED_HOST, GOOD = proxy.url }
    local script = bare_host.PRELUDE .. "print(delete(new { proxy = os.getenv 'GOOD' }, 'avatar'))"
    assert.equal("not_deleted\n", host:printed({ script }, own))
  end)
end)

describe("a relative path of CA certificates", function()
  for _, option in ipairs { "ca_file", "ca_path" } do
    it("is that of the moment when the client is made: " .. option, function()
      local folder = os.tmpname()
      os.remove(folder)
      local setup_line = "mkdir -p %s/certs && cp %s %s/certs/ca.pem && openssl rehash %s/certs"
      local quoted = process.quote(folder)
      assert(os.execute(setup_line:format(quoted, process.quote(service.ca_file), quoted, quoted)))
      local path = option == "ca_file" and "certs/ca.pem" or "certs"
      local printed = host:printed({ bare_host.PRELUDE .. ([[
        host.change_directory(os.getenv "FOLDER")
        local client = heygen.new { api_key = "test-key", base_url = os.getenv "URL", max_retries = 0, %s = "%s" }
        host.change_directory "/"
        print(delete(client, "avatar"))
        client:delete_photo_avatar_async("avatar", function(_, err) print(err.outcome) end)
        repeat until client:poll(1) == 0
      ]]):format(option, path) }, environment { FOLDER = folder })
      os.execute("rm -r " .. quoted)
      assert.equal("deleted\nabsent\n", printed)
    end)
  end
end)
