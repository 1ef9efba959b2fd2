-- What an id, a key and a base URL may be; that nothing is sent when one is not, and that no error shows a key.

local heygen = require "heygen"
local calls = require "spec.support.calls"
local refusals = require "spec.support.refusals"
local server = require "spec.support.server"

local service, client, plain, assert_refused

setup(function() service, client, plain, assert_refused = refusals.stage() end)
teardown(function()
  client:close()
  service:stop()
end)

describe("an id", function()
  local ACCEPTED = "1 to 256 of the characters A-Z a-z 0-9 - . _ ~"

  local function assert_refused_id(id, words)
    assert_refused(words, client.delete_photo_avatar, client, id)
    assert_refused(words, heygen.delete_photo_avatar, nil, id, plain)
  end

  local function assert_accepted_id(id)
    client:delete_photo_avatar(id, { missing_ok = true })
    local seen = service:requests(id)
    assert.equal(1, #seen)
    assert.equal("/v2/photo_avatar/" .. id, seen[1].path)
  end

  it("is needed", function()
    assert_refused_id(nil, { "the id is a nil, expected a string", ACCEPTED })
    assert_refused({ "the id is a nil" }, client.delete_photo_avatar, client)
    assert_refused({ "the id is a nil" }, heygen.delete_photo_avatar, "key")
  end)

  it("is a string", function()
    for type_name, value in pairs(refusals.A_VALUE_OF) do
      if type_name ~= "string" then
        assert_refused_id(value, { ("the id is a %s, expected a string"):format(type_name), ACCEPTED })
      end
    end
  end)

  it("has 1 to 256 characters", function()
    assert_refused_id("", { "the id is empty", ACCEPTED })
    assert_refused_id(("a"):rep(257), { "the id is too long", ACCEPTED })
    assert_refused_id(("a"):rep(1 << 20), { "the id is too long", ACCEPTED })
    assert_accepted_id("a")
    assert_accepted_id(("a"):rep(256))
  end)

  it("is no step in a path", function()
    assert_refused_id(".", { "dot segment", ACCEPTED })
    assert_refused_id("..", { "dot segment", ACCEPTED })
    for _, id in ipairs { "...", ".a", "a..", "~", "-" } do assert_accepted_id(id) end
  end)

  it("may have letters, digits and - . _ ~ anywhere, and no other byte", function()
    for byte = 0, 255 do
      local character = string.char(byte)
      for _, id in ipairs { "a" .. character .. "b", character .. "b", "a" .. character } do
        if character:find("[%w._~-]") then
          service:reset_record()
          assert_accepted_id(id)
        else
          assert_refused_id(id, { "the id has a character that no id has", ACCEPTED })
        end
      end
    end
  end)

  it("is not the API key", function()
    local id = calls.KEY
    local err = assert_refused({ "the id is the API key" }, client.delete_photo_avatar, client, id)
    assert.equal("[redacted]", err.avatar_id)
    err = assert_refused({ "the id is the API key" }, heygen.delete_photo_avatar, nil, id, plain)
    assert.equal("[redacted]", err.avatar_id)
  end)

  it("is not any other key either, and stands in no error", function()
    local keys = { "sk_V2_other", "sk_V2_", "sk_V2_other\n", "'sk_V2_other'", calls.KEY .. "\n" }
    for _, id in ipairs(keys) do
      local errors = {
        calls.raised(client.delete_photo_avatar, client, id),
        calls.raised(client.delete_photo_avatar_async, client, id),
        calls.raised(heygen.delete_photo_avatar, nil, id, plain),
      }
      for _, err in ipairs(errors) do
        assert.same({ "invalid_argument", "[redacted]" }, { err.kind, err.avatar_id })
        for _, value in pairs(err) do assert.is_nil(tostring(value):find("other", 1, true)) end
      end
    end
  end)

  it("comes after the key, as an error without one says", function()
    for _, call in ipairs { heygen.delete_photo_avatar, heygen.delete_photo_avatars } do
      local err = calls.raised(call, "avatar")
      assert.equal("invalid_argument", err.kind)
      assert.matches("the key comes first: delete_photo_avatars?%(key, ids?%)", err.hint)
    end
    assert.matches("the key comes first", calls.raised(heygen.delete_photo_avatars, { "avatar" }).hint)
    assert.is_nil(calls.raised(client.delete_photo_avatar, client).hint)
  end)

  it("is not the environment's key either, whatever key is in use", function()
    local script = [[
      local heygen = require "heygen"
      local url, key = ...
      local options = { base_url = url, missing_ok = true }
      local client <close> = heygen.new { api_key = "test-key", base_url = url }
      for _, id in ipairs { "avatar", key } do
        for _, run in ipairs {
          function() return heygen.delete_photo_avatar("test-key", id, options) end,
          function() return client:delete_photo_avatar(id, { missing_ok = true }) end,
          function() return client:delete_photo_avatar_async(id) end,
          function()
            local report = client:delete_photo_avatars({ id }, { missing_ok = true })
            return error(report.results["[redacted]"].err)
          end,
        } do
          local succeeded, err = pcall(run)
          print(succeeded, err)
        end
      end
    ]]
    local key = "sk_V2_hgu_secret"
    local result = calls.run_script(script, { service.url, key }, { environment = { HEYGEN_API_KEY = key } })
    assert.equal("", result.stderr)
    local refusal = "false\t[^\t\n]*heygen: invalid_argument: the id is the API key; "
    local _, refusals_seen = result.stdout:gsub(refusal, "")
    assert.equal(4, refusals_seen, result.stdout)
    assert.not_matches("secret", result.stdout)
    assert.equal(0, service:deletes(key))
    assert.is_true(service:deletes("avatar") > 0)
  end)

  it("is in the error once it is known to be one", function()
    local err = calls.raised(client.delete_photo_avatar, client, "avatar", { timeout = -1 })
    assert.equal("avatar", err.avatar_id)
    assert.is_nil(calls.raised(client.delete_photo_avatar, client, "no id").avatar_id)
  end)
end)

describe("a key", function()
  it("has bytes 0x21 to 0x7E and no others", function()
    for byte = 0, 255 do
      local key = "a" .. string.char(byte) .. "b"
      if byte >= 0x21 and byte <= 0x7e then
        heygen.new({ api_key = key }):close()
      else
        local flaw = "has a character that no key has"
        assert_refused({ "option 'api_key' " .. flaw, "expected" }, heygen.new, { api_key = key })
        assert_refused({ "the key " .. flaw, "expected" }, heygen.delete_photo_avatar, key, "avatar")
      end
    end
  end)

  it("is not in quotes, and no NAME=key", function()
    local keys = { '"secret"', "'secret'", "HEYGEN_API_KEY=secret", "K2_=secret", 'KEY="secret"' }
    for _, key in ipairs(keys) do
      local err = calls.raised(heygen.new, { api_key = key })
      assert.equal("invalid_argument", err.kind)
      for _, value in pairs(err) do assert.is_nil(tostring(value):find("secret", 1, true)) end
      assert.equal("invalid_argument", calls.raised(heygen.delete_photo_avatar, key, "avatar", plain).kind)
    end
    for _, key in ipairs { "secret==", "SECRET=", "Secret=more", "=secret", '"secret', "s'ecret'" } do
      heygen.new({ api_key = key }):close()
    end
  end)

  it("arrives as it was given", function()
    local characters = {}
    for byte = 0x21, 0x7e do characters[#characters + 1] = string.char(byte) end
    local key = table.concat(characters)
    local other <close> = server.start { keys = { key }, ids = { "avatar" } }
    local _, meta = heygen.delete_photo_avatar(key, "avatar", { base_url = other.url })
    assert.equal("deleted", meta.outcome)
  end)

  it("is needed", function()
    assert_refused({ "there is no API key", "HEYGEN_API_KEY" }, heygen.new)
    assert_refused({ "there is no API key", "HEYGEN_API_KEY" }, heygen.new, {})
    assert_refused({ "there is no API key", "HEYGEN_API_KEY" }, heygen.delete_photo_avatar, nil, "avatar")
  end)

  it("is a string, not empty", function()
    assert_refused({ "the key is empty; expected" }, heygen.delete_photo_avatar, "", "avatar")
    assert_refused({ "the key is a number, expected" }, heygen.delete_photo_avatar, 12, "avatar")
    assert_refused({ "the key is a table, expected" }, heygen.delete_photo_avatar, plain, "avatar")
  end)

  it("is given once", function()
    assert_refused({ "given twice" }, heygen.delete_photo_avatar, calls.KEY, "avatar", plain)
  end)

  local function assert_hidden(errors)
    for _, err in ipairs(errors) do
      assert.not_matches("secret", tostring(err))
      for field, value in pairs(err) do assert.not_matches("secret", tostring(value), field) end
    end
  end

  -- Those that raise of a client and of the plain functions for any key, which is the one in use.
  local function errors_of(key, caller)
    return {
      calls.raised(heygen.new, key),
      calls.raised(heygen.new, { key }),
      calls.raised(heygen.new, { [key] = true }),
      calls.raised(caller.delete_photo_avatar, caller, key),
      calls.raised(caller.delete_photo_avatar, key),
      calls.raised(caller.delete_photo_avatar, caller, "avatar", key),
      calls.raised(caller.delete_photo_avatar, caller, "avatar", { [key] = 1 }),
      calls.raised(heygen.delete_photo_avatar, key, key, { base_url = service.url }),
      calls.raised(heygen.delete_photo_avatar, "key", "avatar", { [key] = 1 }),
    }
  end

  it("is in no error, wherever it was put by mistake", function()
    local key = "sk_V2_hgu_0123456789abcdefABCDEF_secret"
    local keyed <close> = calls.client(service, { api_key = key })
    local errors = errors_of(key, keyed)
    for _, name in ipairs { "base_url", "api_version", "timeout", "max_response_bytes", "missing_ok" } do
      errors[#errors + 1] = calls.raised(heygen.new, { api_key = "key", [name] = key })
      errors[#errors + 1] = calls.raised(keyed.delete_photo_avatar, keyed, "avatar", { [name] = key })
    end
    assert_hidden(errors)
  end)

  it("is in no error where it can't even be a key", function()
    local key = "sk V2/hgu=+secret"
    local errors = errors_of(key, client)
    errors[#errors + 1] = calls.raised(heygen.new, { api_key = key })
    errors[#errors + 1] = calls.raised(heygen.new, { api_key = "key", proxy = key })
    errors[#errors + 1] = calls.raised(heygen.delete_photo_avatar, "avatar", key)
    errors[#errors + 1] = calls.raised(heygen.delete_photo_avatar, key, "avatar")
    assert_hidden(errors)
  end)
end)

describe("a base URL", function()
  local REFUSED = {
    ["does not begin with https://"] = {
      "", "api.heygen.com", "ftp://host", "https:/host", " https://host", "//host",
    },
    ["has no host"] = { "https://", "https:///path", "https://:443", "https://?a" },
    ["has user info"] = { "https://user:pass@host", "https://@host", "https://host@" },
    ["has a query"] = { "https://host?a=b", "https://host/path?", "https://host/?a" },
    ["has a fragment"] = { "https://host#a", "https://host/path#" },
    ["has a port outside"] = { "https://host:", "https://host:0", "https://host:65536", "https://host:9999999999999" },
    ["has a port that is no number"] = { "https://host:abc", "https://host:80x", "https://host:-1" },
    ["has a character that no host has"] = {
      "https://ho st", "https://host\r\nx", "https://host\0", "https://h%41st", "https://h\u{f6}st", "https://[::1]x",
    },
    ["bracket"] = { "https://[::1", "https://[" },
    ["has a host that is no IPv6 address"] = { "https://[host]", "https://[fe80::1%25eth0]", "https://[]" },
    ["has a character that no URL has"] = {
      "https://host/a b", "https://host/\r\n", "https://host/\0", "https://host/\\", "https://host/\u{e9}",
      "https://host/<>",
    },
    ["has a % that two hexadecimal digits do not follow"] = { "https://host/%", "https://host/%2", "https://host/%zz" },
    ["is http, which would show the key"] = {
      "http://api.heygen.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://127.0.0.2",
      "http://0.0.0.0", "http://[::2]", "http://2130706433",
    },
  }
  local ACCEPTED = {
    "https://api.heygen.com", "https://api.heygen.com/", "HTTPS://API.HeyGen.com", "https://host:1",
    "https://host:65535", "https://host/a%20b/c%C3%A9", "https://host/-._~!$&'()*+,;=:@/x",
    "https://[2001:db8::1]:8443/x", "https://192.0.2.1", "http://127.0.0.1", "http://127.0.0.1:8080/x",
    "http://localhost:1", "http://LOCALHOST", "http://[::1]:8080",
  }

  for flaw, urls in pairs(REFUSED) do
    it("is refused when it " .. flaw, function()
      for _, url in ipairs(urls) do
        local options = { api_key = "key", base_url = url }
        assert_refused({ "option 'base_url' ", flaw, "expected", "https" }, heygen.new, options)
      end
    end)
  end

  it("is taken otherwise", function()
    for _, url in ipairs(ACCEPTED) do
      local taken <close> = heygen.new { api_key = "key", base_url = url }
      assert.matches(url, tostring(taken), 1, true)
    end
  end)

  it("may have a path before the routes", function()
    for _, prefix in ipairs { "/proxy", "/a%20b/c", "/~!$&'()*+,;=:@" } do
      local behind <close> = server.start { prefix = prefix, ids = { "one", "two" } }
      for id, slashes in pairs { one = "", two = "//" } do
        local caller <close> = calls.client(behind, { base_url = behind.url .. slashes })
        caller:delete_photo_avatar(id)
        assert.equal(prefix .. "/v2/photo_avatar/" .. id, behind:requests(id)[1].path)
      end
    end
  end)
end)
