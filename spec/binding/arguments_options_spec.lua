-- What every option may be; and that nothing is sent when one is not.

local heygen = require "heygen"
local calls = require "spec.support.calls"
local refusals = require "spec.support.refusals"
local server = require "spec.support.server"

local function seconds()
  return {
    client = true, call = true, type = "number", good = 5, accepted = "a number of seconds from 0.001 to 86400",
    bad = { 0, -1, 0.0009, 86400.5, math.huge, -math.huge, 0 / 0, 1 << 62, math.mininteger },
  }
end

local function flag()
  return { call = true, type = "boolean", good = true, bad = {}, accepted = "true or false" }
end

-- The options there are: where each belongs, its type, one good value, values out of its range, and what an error says
-- is accepted. A new option is a new row here.
local OPTIONS = {
  api_key = {
    client = true, type = "string", good = "key", accepted = "printable ASCII",
    bad = { "", "a b", "a\r\nb", "a\0b", "\u{e9}" },
  },
  base_url = {
    client = true, type = "string", good = "https://api.example.com", accepted = '"https://api.heygen.com"',
    bad = { "", "example.com" },
  },
  ca_file = { client = true, type = "string", good = "/a b/ca.pem", accepted = "PEM", bad = { "", "a\0b" } },
  ca_path = { client = true, type = "string", good = "/a b", accepted = "hashed", bad = { "", "a\0b" } },
  proxy = {
    client = true, type = "string", good = "http://proxy.example:3128", accepted = "socks5h",
    bad = { "ftp://proxy", "://proxy", "xhttp://proxy", "http:// proxy", "http://a\r\nb", "http://a\0b", "\u{e9}",
      "http://u:pw@h:99999", ":abc", "[zz", "@@@", "http://" },
  },
  user_agent = {
    client = true, type = "string", good = "my tool/1.0", accepted = "printable ASCII",
    bad = { "", "a\r\nx-evil: 1", "a\nb", "a\0b", "a\127", "\u{e9}" },
  },
  api_version = {
    client = true, call = true, type = "string", good = "v3", accepted = '"v2" or "v3"',
    bad = { "", "v1", "V2", "v2 ", "v2\0" },
  },
  connect_timeout = seconds(),
  timeout = seconds(),
  max_response_bytes = {
    client = true, call = true, type = "number", good = 4096, accepted = "a whole number from 1 to 67108864",
    bad = { 0, -1, 1.5, 67108865, math.huge, -math.huge, 0 / 0, math.maxinteger, math.mininteger },
  },
  deadline = seconds(),
  max_rate = {
    client = true, type = "number", good = 5, accepted = "a number of requests a second from 0.001 to 1000000",
    bad = { 0, -1, 0.0009, 1e7, math.huge, 0 / 0 },
  },
  max_concurrency = {
    client = true, type = "number", good = 5, accepted = "a whole number from 1 to 1000",
    bad = { 0, -1, 1.5, 1001, math.huge, 0 / 0 },
  },
  max_retries = {
    client = true, call = true, type = "number", good = 5, accepted = "a whole number from 0 to 10",
    bad = { -1, 1.5, 11, math.huge, 0 / 0 },
  },
  trace = { client = true, call = true, type = "function", good = function() end, accepted = "a function", bad = {} },
  missing_ok = flag(),
  maybe_sent = flag(),
}

-- What belongs to a bulk run alone.
local OF_BULK = { "on_result", "collect", "report" }

local service, client, plain, assert_refused

setup(function() service, client, plain, assert_refused = refusals.stage() end)
teardown(function()
  client:close()
  service:stop()
end)

-- Calls `check` with every way to give an option of that name.
local function each_way(name, check)
  local option = OPTIONS[name]
  local function with(base, value)
    local options = {}
    for key, other in pairs(base) do options[key] = other end
    options[name] = value
    return options
  end
  if option.client then
    check("new", function(value) return heygen.new(with(plain, value)) end)
  end
  if option.call then
    check("a call", function(value) return client:delete_photo_avatar("avatar", with({}, value)) end)
  end
  check("the plain function", function(value)
    return heygen.delete_photo_avatar(nil, "avatar", with(plain, value))
  end)
end

describe("option", function()
  for name, option in pairs(OPTIONS) do
    describe(name, function()
      each_way(name, function(way, give)
        it("of another type is refused by " .. way, function()
          for type_name, value in pairs(refusals.A_VALUE_OF) do
            if type_name ~= option.type then
              local words = { ("option '%s' is a %s, expected "):format(name, type_name), option.accepted }
              assert_refused(words, give, value)
            end
          end
        end)

        it("out of its range is refused by " .. way, function()
          for _, value in ipairs(option.bad) do
            assert_refused({ ("option '%s' "):format(name), "expected ", option.accepted }, give, value)
          end
        end)
      end)

      if option.client then
        it("is taken by new", function()
          local options = calls.options(service, { [name] = option.good })
          heygen.new(options):close()
        end)
      else
        it("is refused by new, which says where it belongs", function()
          assert_refused({ ("option '%s' is one of a call: give it there"):format(name) }, heygen.new,
            calls.options(service, { [name] = option.good }))
        end)
      end

      if option.call then
        it("is taken by a call", function()
          service:add("avatar")
          client:delete_photo_avatar("avatar", { [name] = option.good })
        end)
      else
        it("is refused by a call, which says where it belongs", function()
          assert_refused({ ("option '%s' is one of the client: give it to heygen.new"):format(name) },
            client.delete_photo_avatar, client, "avatar", { [name] = option.good })
        end)
      end
    end)
  end

  it("names the value that is out of range", function()
    local values = { [-1] = "-1", [0.5] = "0.5", [math.huge] = "inf" }
    for value, text in pairs(values) do
      assert_refused({ "'max_response_bytes' is " .. text .. ";" }, client.delete_photo_avatar, client, "avatar",
        { max_response_bytes = value })
    end
    for _, nan in ipairs { 0 / 0, -(0 / 0) } do
      assert_refused({ "'timeout' is nan;" }, client.delete_photo_avatar, client, "avatar", { timeout = nan })
    end
  end)

  it("may be the least and the most of its range", function()
    for _, value in ipairs { 0.001, 86400 } do
      heygen.new(calls.options(service, { timeout = value, connect_timeout = value })):close()
    end
    for _, value in ipairs { 1, 10.0, 67108864 } do
      heygen.new(calls.options(service, { max_response_bytes = value })):close()
    end
  end)

  it("of a call wins over the client's", function()
    local third <close> = calls.client(service, { api_version = "v3" })
    service:add { "one", "two", "three" }
    third:delete_photo_avatar("one")
    third:delete_photo_avatar("two", { api_version = "v2" })
    third:delete_photo_avatar("three", {})
    assert.equal("/v3/avatars/looks/one", service:requests("one")[1].path)
    assert.equal("/v2/photo_avatar/two", service:requests("two")[1].path)
    assert.equal("/v3/avatars/looks/three", service:requests("three")[1].path)
  end)

  it("may be absent altogether", function()
    service:add { "one", "two" }
    client:delete_photo_avatar("one", nil)
    client:delete_photo_avatar("two")
  end)
end)

describe("options", function()
  it("must be a table", function()
    for type_name, value in pairs(refusals.A_VALUE_OF) do
      if type_name ~= "table" then
        local words = { ("options is a %s, expected a table"):format(type_name) }
        assert_refused(words, heygen.new, value)
        assert_refused(words, client.delete_photo_avatar, client, "avatar", value)
        assert_refused(words, heygen.delete_photo_avatar, "key", "avatar", value)
      end
    end
  end)

  it("are read and left alone", function()
    local options = setmetatable(calls.options(service), {
      __newindex = function() error("the options were written to") end,
    })
    heygen.new(options):close()
    assert.same(calls.options(service), options)
  end)
end)

describe("an unknown option", function()
  local NEAREST = {
    time_out = "timeout", Timeout = "timeout", timeouts = "timeout", connecttimeout = "connect_timeout",
    api_versoin = "api_version", version = "api_version", max_response_byte = "max_response_bytes",
  }
  local NEAREST_OF_CLIENT = { key = "api_key", apikey = "api_key", url = "base_url", cafile = "ca_file" }
  local NEAREST_OF_CALL = { missing = "missing_ok", maybesent = "maybe_sent", missingOk = "missing_ok" }

  local function refused_by_new(name, words)
    assert_refused(words, heygen.new, calls.options(service, { [name] = 1 }))
  end
  local function refused_by_call(name, words)
    assert_refused(words, client.delete_photo_avatar, client, "avatar", { [name] = 1 })
  end

  it("is named, with the nearest that there is", function()
    for name, nearest in pairs(NEAREST) do
      local words = { ("option '%s' is unknown; did you mean '%s'?"):format(name, nearest) }
      refused_by_new(name, words)
      refused_by_call(name, words)
    end
    for name, nearest in pairs(NEAREST_OF_CLIENT) do
      refused_by_new(name, { ("'%s' is unknown; did you mean '%s'?"):format(name, nearest) })
    end
    for name, nearest in pairs(NEAREST_OF_CALL) do
      refused_by_call(name, { ("'%s' is unknown; did you mean '%s'?"):format(name, nearest) })
    end
  end)

  it("is likened to none that would be refused there", function()
    local err = assert_refused({ "option 'apikey' is unknown" }, client.delete_photo_avatar, client, "avatar",
      { apikey = "key" })
    assert.not_matches("api_key", err.message)
  end)

  it("is likened to none that it is not like", function()
    for _, name in ipairs { "colour", "x", "verify_peer", "insecure" } do
      local err = assert_refused({ ("option '%s' is unknown"):format(name) }, heygen.new,
        calls.options(service, { [name] = 1 }))
      assert.not_matches("did you mean", err.message)
    end
  end)

  it("is refused where it belongs to a bulk run", function()
    for _, name in ipairs(OF_BULK) do
      assert.is_nil(OPTIONS[name])
      local words = { ("option '%s' is one of a bulk run"):format(name) }
      refused_by_new(name, words)
      refused_by_call(name, words)
    end
  end)

  it("is not shown unless it is a name", function()
    for _, name in ipairs { "a b", "a-b", "a\n", "", "a\0b", "\u{e9}", ("a"):rep(33), ("a"):rep(100000) } do
      local err = assert_refused({ "an option's name is unknown" }, heygen.new, calls.options(service, { [name] = 1 }))
      assert.is_true(#err.message < 100)
    end
    refused_by_new(("a"):rep(32), { ("a"):rep(32) })
  end)

  it("that is not shown is likened all the same", function()
    local hidden = {
      ["connect-timeout"] = "connect_timeout", ["max retries"] = "max_retries", ["timeout\n"] = "timeout",
    }
    for name, nearest in pairs(hidden) do
      local words = { ("an option's name is unknown; did you mean '%s'?"):format(nearest) }
      refused_by_new(name, words)
      refused_by_call(name, words)
    end
    refused_by_new("api-key", { "an option's name is unknown; did you mean 'api_key'?" })
    local err = assert_refused({ "an option's name is unknown" }, client.delete_photo_avatar, client, "avatar",
      { ["api-key"] = "key" })
    assert.not_matches("did you mean", err.message)
  end)

  it("is one that ends where C would stop reading", function()
    for _, name in ipairs { "timeout\0", "timeout\0x" } do
      local err = assert_refused({ "name is unknown" }, client.delete_photo_avatar, client, "avatar", { [name] = 5 })
      assert.not_matches("did you mean", err.message)
    end
  end)

  it("may be no string at all", function()
    assert_refused({ "an option's name is a number, expected a string" }, heygen.new, { "key" })
    assert_refused({ "an option's name is a boolean, expected a string" }, heygen.new, { [true] = "key" })
  end)
end)

describe("a user agent", function()
  it("is the one given, else our own with the version", function()
    local named <close> = calls.client(service, { user_agent = "my tool/1.0 (x; y)" })
    named:delete_photo_avatar("named", { missing_ok = true })
    client:delete_photo_avatar("unnamed", { missing_ok = true })
    assert.equal("my tool/1.0 (x; y)", service:requests("named")[1].headers["user-agent"])
    assert.equal("heygen-lua/" .. heygen._VERSION, service:requests("unnamed")[1].headers["user-agent"])
  end)
end)

describe("a proxy", function()
  it("has one of these schemes, or none", function()
    for _, url in ipairs { "http://p:1", "https://p:1", "socks4://p", "socks4a://p", "SOCKS5://p", "socks5h://u:pw@p",
      "proxy.example:3128", "" } do
      heygen.new({ api_key = "key", proxy = url }):close()
    end
  end)

  it("is not shown when it is refused: there may be a password in it", function()
    for _, url in ipairs { "http://u:secret@h:99999", "u:secret", "http://u:%00secret@h", "secret://h", "[secret" } do
      local err = assert_refused({ "option 'proxy' has ", "http://proxy.example:3128" }, heygen.new,
        { api_key = "key", proxy = url })
      assert.not_matches("secret", tostring(err))
    end
  end)
end)

describe("the environment", function()
  local SCRIPT = [[
    local heygen = require "heygen"
    local function show(succeeded, ...)
      print(succeeded and select(2, ...).outcome or (...).kind .. ": " .. (...).message)
    end
    local client = select(2, pcall(heygen.new))
    print(client)
    if not heygen.is_error(client) then show(pcall(client.delete_photo_avatar, client, "client")) end
    show(pcall(heygen.delete_photo_avatar, nil, "plain"))
    show(pcall(heygen.delete_photo_avatar, "given-key", "given"))
    show(pcall(heygen.delete_photo_avatar, nil, "option", { api_key = "option-key" }))
    show(pcall(heygen.delete_photo_avatar, nil, "elsewhere", { base_url = "http://127.0.0.1:1" }))
  ]]
  local busy

  before_each(function()
    busy = server.start {
      ids = { "client", "plain", "given", "option", "elsewhere" },
      keys = { "environment-key", "given-key", "option-key" },
    }
  end)
  after_each(function() busy:stop() end)

  local function run(environment)
    local result = calls.run_script(SCRIPT, {}, { environment = environment })
    assert.equal(0, result.status, result.stderr)
    local lines = {}
    for line in result.stdout:gmatch("[^\n]+") do lines[#lines + 1] = line end
    return lines
  end

  local function keys_seen()
    local keys = {}
    for _, request in ipairs(busy:requests()) do keys[request.id] = request.headers["x-api-key"] end
    return keys
  end

  it("gives the key and the base URL that are not given otherwise", function()
    local lines = run { HEYGEN_API_KEY = "environment-key", HEYGEN_API_BASE = busy.url }
    assert.same({ ("heygen.Client (%s)"):format(busy.url), "deleted", "deleted", "deleted", "deleted" },
      { table.unpack(lines, 1, 5) })
    assert.matches("^connection: ", lines[6])
    assert.same({ client = "environment-key", plain = "environment-key", given = "given-key", option = "option-key" },
      keys_seen())
  end)

  it("gives nothing by an empty variable", function()
    local lines = run { HEYGEN_API_KEY = "", HEYGEN_API_BASE = busy.url }
    assert.matches("there is no API key", lines[1])
    assert.matches("there is no API key", lines[2])
    assert.same({ "deleted", "deleted" }, { table.unpack(lines, 3, 4) })

    local script = [[print(require("heygen").new())]]
    local environment = { HEYGEN_API_KEY = "environment-key", HEYGEN_API_BASE = "" }
    local result = calls.run_script(script, {}, { environment = environment })
    assert.equal("heygen.Client (https://api.heygen.com)\n", result.stdout)
  end)

  it("is named when its key is no good, which is not shown", function()
    local lines = run { HEYGEN_API_KEY = "bad secret", HEYGEN_API_BASE = busy.url }
    for _, line in ipairs { lines[1], lines[2] } do
      assert.matches("invalid_argument: ", line, 1, true)
      assert.matches("option 'api_key', from the environment's HEYGEN_API_KEY, has a character", line, 1, true)
    end
    assert.not_matches("secret", table.concat(lines))
    assert.same({ "deleted", "deleted" }, { table.unpack(lines, 3, 4) })
  end)

  it("is named when its base URL is no good, unless there is another", function()
    local lines = run { HEYGEN_API_KEY = "environment-key", HEYGEN_API_BASE = "http://example.com" }
    for position = 1, 4 do
      assert.matches("option 'base_url', from the environment's HEYGEN_API_BASE, is http", lines[position], 1, true)
    end
    assert.matches("^connection: ", lines[5])
  end)
end)
