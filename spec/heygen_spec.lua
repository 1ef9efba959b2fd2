-- The public face: what `require "heygen"` gives, and the plain function with its one hidden client.

local core = require "heygen.core"
local heygen = require "heygen"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

-- A name that is added to the module is added here, too.
local MEMBERS = {
  delete_photo_avatar = "function", delete_photo_avatars = "function", new = "function", is_error = "function",
  kinds = "table", outcomes = "table", null = "userdata", _VERSION = "string",
}

describe("heygen", function()
  it("has these members and no others", function()
    local found = {}
    for name, value in pairs(heygen) do found[name] = type(value) end
    assert.same(MEMBERS, found)
  end)

  it("has the lists, the null and the version of heygen.core", function()
    for _, name in ipairs { "kinds", "outcomes", "null", "_VERSION" } do
      assert.equal(core[name], heygen[name])
    end
  end)

  it("leaves no global behind", function()
    local result = calls.run_script [[
      local before = {}
      for name in pairs(_G) do before[name] = true end
      require "heygen"
      require "heygen.safe"
      for name in pairs(_G) do assert(before[name], name) end
    ]]
    assert.equal(0, result.status, result.stderr)
  end)
end)

describe("the plain function", function()
  local service

  before_each(function() service = server.start { keys = { calls.KEY, "other-key" } } end)
  after_each(function() service:stop() end)

  -- Which of the service's connections served the call.
  local function connection_of_call(key, options)
    local id = "call-" .. service:deletes()
    options.missing_ok = true
    heygen.delete_photo_avatar(key, id, options)
    local seen = service:requests(id)
    assert.equal(1, #seen)
    assert.equal(key or options.api_key, seen[1].headers["x-api-key"])
    return seen[1].connection
  end

  local function options(more)
    local all = { base_url = service.url }
    for name, value in pairs(more or {}) do all[name] = value end
    return all
  end

  it("deletes, and returns body and meta", function()
    service:add "avatar"
    local body, meta = heygen.delete_photo_avatar(calls.KEY, "avatar", options())
    assert.same({ code = 100 }, body)
    assert.same({ "deleted", 200, 1 }, { meta.outcome, meta.status, meta.attempts })
    assert.is_false(service:knows "avatar")
  end)

  it("raises what a client raises", function()
    local err = calls.raised(heygen.delete_photo_avatar, calls.KEY, "unknown", options())
    assert.same({ "not_found", "absent", "delete_photo_avatar", "unknown" },
      { err.kind, err.outcome, err.operation, err.avatar_id })
  end)

  it("takes the key from the options where the argument is nil", function()
    assert.is_number(connection_of_call(nil, options { api_key = "other-key" }))
  end)

  it("keeps one connection while key and client options stay the same", function()
    local first = connection_of_call(calls.KEY, options())
    assert.equal(first, connection_of_call(calls.KEY, options()))
    assert.equal(first, connection_of_call(nil, options { api_key = calls.KEY }))
    assert.equal(1, service:open_connections())
  end)

  it("keeps it also when options of the call alone differ", function()
    local first = connection_of_call(calls.KEY, options())
    local of_a_call = {
      { timeout = 5 }, { connect_timeout = 5 }, { api_version = "v3" }, { maybe_sent = true },
      { max_response_bytes = 5000 },
    }
    for _, more in ipairs(of_a_call) do
      assert.equal(first, connection_of_call(calls.KEY, options(more)))
    end
  end)

  it("keeps it after a refused call", function()
    local first = connection_of_call(calls.KEY, options())
    local refused = { { "bad key", "avatar" }, { "other-key", "" }, { "other-key", "avatar", { timeout = -1 } } }
    for _, arguments in ipairs(refused) do
      calls.raised(heygen.delete_photo_avatar, table.unpack(arguments))
    end
    assert.equal(first, connection_of_call(calls.KEY, options()))
  end)

  local DIFFERENCES = {
    ["the key"] = { "other-key", {} },
    ["the user agent"] = { calls.KEY, { user_agent = "other" } },
    ["the authorities"] = { calls.KEY, { ca_file = "/other.pem" } },
    ["the authorities' folder"] = { calls.KEY, { ca_path = "/other" } },
    ["the proxy"] = { calls.KEY, { proxy = "http://127.0.0.1:1" } },
    ["the base URL"] = { calls.KEY, {}, other_url = true },
  }
  for what, difference in pairs(DIFFERENCES) do
    it("takes a new one, and ends the old, when it differs in " .. what, function()
      local key, more = table.unpack(difference)
      local first = connection_of_call(calls.KEY, options())
      if difference.other_url then more = { base_url = service.url .. "/" } end
      local second = connection_of_call(key, options(more))
      assert.not_equal(first, second)
      server.eventually(function() return service:open_connections() == 1 end)
      assert.equal(second, connection_of_call(key, options(more)))
      assert.not_equal(second, connection_of_call(calls.KEY, options()))
    end)
  end

  it("warns of a deprecated route once per hidden client", function()
    local old <close> = server.start { ids = { "a", "b", "c" }, keys = { "one", "two" }, deprecated = true }
    local result = calls.run_script([[
      local heygen = require "heygen"
      local options = { base_url = ..., api_version = "v2" }
      heygen.delete_photo_avatar("one", "a", options)
      heygen.delete_photo_avatar("one", "b", options)
      heygen.delete_photo_avatar("two", "c", options)
    ]], { old.url }, { warnings = true })
    assert.equal(0, result.status, result.stderr)
    assert.equal(2, select(2, result.stderr:gsub("[^\n]+\n", "")))
  end)
end)
