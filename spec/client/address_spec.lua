local probe = require "heygen_probe"

local BASE = "https://api.heygen.com"

---Fails unless the check finds no flaw in any of the texts.
local function assert_accepted(flaw, texts)
  for _, text in ipairs(texts) do assert.is_nil(flaw(text), ("%q"):format(text)) end
end

---Fails unless the check finds a flaw, with these words, in each of the texts, and does not quote it.
local function assert_refused(flaw, words, texts)
  for _, text in ipairs(texts) do
    local found = flaw(text)
    assert.matches(words, found or "accepted", 1, true, ("%q"):format(text))
    -- The scheme stands in our own words.
    if #text > #"https" then assert.is_nil(found:find(text, 1, true), "quotes what may be a key") end
  end
end

---The characters from 0 to 255, those of the pattern and the others.
local function partition(pattern)
  local within, without = {}, {}
  for byte = 0, 255 do
    local character = string.char(byte)
    local list = character:find(pattern) and within or without
    list[#list + 1] = character
  end
  return within, without
end

---Each of the characters at the beginning, in the midst and at the end of a text.
local function placed(characters, text)
  local texts = {}
  for _, character in ipairs(characters) do
    for _, at in ipairs { 0, #text // 2, #text } do
      texts[#texts + 1] = text:sub(1, at) .. character .. text:sub(at + 1)
    end
  end
  return texts
end

describe("a host", function()
  it("ends in no empty label", function()
    for _, host in ipairs { ".", "..", "x..", "api.heygen.com..", "127.0.0.1.." } do
      for _, rest in ipairs { "", ":8443", "/prefix" } do
        assert_refused(probe.base_flaw, "has a host that ends in an empty label", { "https://" .. host .. rest })
        assert.equal("has a host that ends in an empty label", probe.text_flaw("proxy", "http://" .. host .. rest))
      end
    end
    assert_accepted(probe.base_flaw, { "https://api.heygen.com.", "https://x./prefix" })
  end)
end)

describe("an id", function()
  local good, bad = partition("^[A-Za-z0-9._~-]$")

  it("is 1 to 256 characters", function()
    assert_accepted(probe.id_flaw, { "a", ("a"):rep(255), ("a"):rep(256) })
    assert_refused(probe.id_flaw, "is empty", { "" })
    assert_refused(probe.id_flaw, "is too long", { ("a"):rep(257), ("a"):rep(100000) })
  end)

  it("has the characters A-Z a-z 0-9 - . _ ~ and no other byte", function()
    assert.equal(66, #good)
    assert_accepted(probe.id_flaw, placed(good, "ab"))
    assert_refused(probe.id_flaw, "has a character that no id has", placed(bad, "ab"))
    assert_refused(probe.id_flaw, "has a character that no id has",
      { "../x", "a/b", "a?b", "a#b", "%2e", "a\0b", "é" })
  end)

  it("is no dot segment, though it may begin and end with dots", function()
    assert_refused(probe.id_flaw, "is a dot segment", { ".", ".." })
    assert_accepted(probe.id_flaw, { "...", ".a", "..a", "a.", "a..", "-", "_", "~" })
  end)

  it("is as those that were seen", function()
    assert_accepted(probe.id_flaw, { ("0123456789abcdef"):rep(2), "Abigail_standing_office_front" })
  end)
end)

describe("an API key", function()
  it("is 1 or more bytes from 0x21 to 0x7E", function()
    local good, bad = partition("^[\x21-\x7e]$")
    assert.equal(94, #good)
    assert_accepted(probe.key_flaw, placed(good, "ab"))
    assert_accepted(probe.key_flaw, { "k", ("k"):rep(10000) })
    assert_refused(probe.key_flaw, "has a character that no key has", placed(bad, "ab"))
    assert_refused(probe.key_flaw, "has a character that no key has", { "key\r\nx-evil: 1", "two words", "schlüssel" })
    assert_refused(probe.key_flaw, "is empty", { "" })
    assert_refused(probe.key_flaw, "is in quotes: leave them out", { '"key"', "'key'", '""', "''", [['"']] })
    assert_accepted(probe.key_flaw, { '"', "'", [["key']], '"key', "key'" })
    assert_refused(probe.key_flaw, "begins with a variable's name and =", {
      "HEYGEN_API_KEY=key", "KEY=k", "K2=k", "_=k", 'HEYGEN_API_KEY="key"', "A==",
    })
    assert_accepted(probe.key_flaw, { "KEY=", "key=k", "=k", "2K=k", "Key=k", "sk_V2_a=b", "ABC" })
  end)
end)

describe("a base URL", function()
  local flaw = probe.base_flaw

  it("is https with a host, in any case of letters", function()
    assert_accepted(flaw, { BASE, "HTTPS://API.HeyGen.com", "https://h", "https://my-host_1.example.",
      "https://10.0.0.1", "https://[2001:db8::1]", "https://[2001:DB8::1.2.3.4]:8443", "https://localhost" })
  end)

  it("needs its scheme", function()
    assert_refused(flaw, "does not begin with https://", { "", "api.heygen.com", "//h", "https:/h", "https:h", "https",
      "ftp://h", "file:///etc/passwd", " https://h", "httpsx://h", "http:", "ws://h", "https\0://h" })
  end)

  it("needs a host, and one whose characters are those of hosts", function()
    assert_refused(flaw, "has no host", { "https://", "https:///x", "https://:443", "https://?q", "http://" })
    assert_refused(flaw, "host", { "https://a b", "https://a\\b", "https://ü.example", "https://a%2eb", "https://a\0b",
      "https://a,b", "https://a\nb", "https://[::1]x", "https://[fe80::1%25eth0]", "https://[example]",
      "https://[" .. ("0:"):rep(40) .. ":1]" })
    assert_refused(flaw, "bracket", { "https://[::1", "https://[" })
  end)

  it("has an address within its brackets", function()
    assert_refused(flaw, "host", { "https://[]", "https://[]:443" })
  end)

  it("may have a port from 1 to 65535", function()
    assert_accepted(flaw, { "https://h:1", "https://h:443/", "https://h:65535", "https://[::1]:8443" })
    assert_refused(flaw, "has a port outside 1 to 65535",
      { "https://h:", "https://h:/", "https://h:0", "https://h:65536", "https://h:99999", "https://h:100000",
        "https://h:" .. ("9"):rep(100), "https://[::1]:" })
    assert_refused(flaw, "has a port that is no number",
      { "https://h:a", "https://h:-1", "https://h:+1", "https://h:80x", "https://h: 80", "https://h:80:80" })
  end)

  it("has no user info, query or fragment", function()
    assert_refused(flaw, "has user info",
      { "https://user@h", "https://user:word@h", "https://@h", "http://127.0.0.1@evil.example", "https://h:1@h" })
    assert_refused(flaw, "has a query", { "https://h?a=b", "https://h/?", "https://h/a?b#c" })
    assert_refused(flaw, "has a fragment", { "https://h#a", "https://h/#", "https://h/a#b?c" })
  end)

  it("may have a path, of the characters of RFC 3986", function()
    local good, bad = partition("^[A-Za-z0-9%-._~:@!$&'()*+,;=/]$")
    assert.equal(80, #good)
    for _, character in ipairs(good) do
      assert_accepted(flaw, { BASE .. "/" .. character, BASE .. "/a" .. character .. "b/" })
    end
    for _, character in ipairs(bad) do
      assert_refused(flaw, "has a ", { BASE .. "/" .. character, BASE .. "/a" .. character .. "b/" })
    end
  end)

  it("may have %XX in its path, with hexadecimal digits", function()
    assert_accepted(flaw, { BASE .. "/%41", BASE .. "/a%2Fb/%c3%BC", BASE .. "/%00" })
    assert_refused(flaw, "has a % that two hexadecimal digits do not follow",
      { BASE .. "/%", BASE .. "/%4", BASE .. "/%4g", BASE .. "/%g4", BASE .. "/%%41", BASE .. "/a%/4" })
  end)

  it("may be http for three names of this machine alone", function()
    assert_accepted(flaw, { "http://127.0.0.1", "http://127.0.0.1:8080/x", "http://[::1]", "http://[::1]:80",
      "http://localhost", "HTTP://LocalHost:8080" })
    assert_refused(flaw, "is http", { "http://api.heygen.com", "http://127.0.0.2", "http://127.0.0.1.evil.example",
      "http://localhost.evil.example", "http://evillocalhost", "http://localhost.", "http://127.1", "http://0.0.0.0",
      "http://[::2]", "http://[0:0:0:0:0:0:0:1]", "http://[::ffff:127.0.0.1]", "http://x.localhost",
      "http://10.0.0.1", "http://127.0.0.10" })
  end)

  it("is of this machine, so that no proxy is asked for it, by name or by address", function()
    for _, url in ipairs { "http://127.0.0.1:8080", "https://127.0.0.1/x", "https://127.200.3.4", "http://[::1]",
      "https://[::1]:443", "https://localhost", "https://LOCALHOST:1", "https://[0:0::1]", "https://[::0:1]:1/x",
      "https://[0:0:0:0:0:0:0:1]", "https://[::ffff:127.0.0.1]", "https://[::FFFF:7f01:203]", "https://localhost.",
      "https://localhost.:443/x", "https://api.localhost", "https://A.B.LocalHost.:1", "https://.localhost" } do
      assert.is_true(probe.is_loopback(url), url)
    end
    for _, url in ipairs { BASE, "https://128.0.0.1", "https://127.evil.example", "https://127.0.0.1.evil.example",
      "https://12.7.0.0", "https://localhost.evil.example", "https://[::2]", "https://h/127.0.0.1", "127.0.0.1",
      "https://127.0.0.1@h", "", "https://[::ffff:128.0.0.1]", "https://[::ffff:1.127.0.0]",
      "https://[::127.0.0.1]", "https://[1::1]", "https://localhost..", "https://xlocalhost", "https://localhos",
      "https://localhost.x", "https://x-localhost." } do
      assert.is_false(probe.is_loopback(url), url)
    end
  end)

  it("is clear text when it is a valid http one", function()
    assert.is_true(probe.is_clear_text "http://localhost:80/x")
    assert.is_true(probe.is_clear_text "HTTP://127.0.0.1")
    for _, url in ipairs { BASE, "https://localhost", "http://h.example", "", "http://" } do
      assert.is_false(probe.is_clear_text(url), url)
    end
  end)
end)

describe("the route", function()
  it("has its own path in each version", function()
    assert.equal("https://api.heygen.com/v2/photo_avatar/abc", probe.url("v2", BASE, "abc"))
    assert.equal("https://api.heygen.com/v3/avatars/looks/abc", probe.url("v3", BASE, "abc"))
    assert.has_error(function() probe.url("v4", BASE, "abc") end)
  end)

  it("comes after the base URL's port and path, whose last slashes do not double", function()
    for base, url in pairs {
      ["http://127.0.0.1:8080"] = "http://127.0.0.1:8080/v2/photo_avatar/x",
      ["https://h/"] = "https://h/v2/photo_avatar/x",
      ["https://h//"] = "https://h/v2/photo_avatar/x",
      ["https://h/a/b"] = "https://h/a/b/v2/photo_avatar/x",
      ["https://h/a%20b/"] = "https://h/a%20b/v2/photo_avatar/x",
      ["https://[::1]:1/p"] = "https://[::1]:1/p/v2/photo_avatar/x",
    } do
      assert.equal(url, probe.url("v2", base, "x"))
    end
  end)

  it("takes the longest id and every character of ids as they are", function()
    local longest = ("-._~"):rep(64)
    assert.equal(BASE .. "/v3/avatars/looks/" .. longest, probe.url("v3", BASE, longest))
  end)

  it("of a group is another one", function()
    assert.equal(BASE .. "/v2/photo_avatar_group/abc", probe.url("v2", BASE, "abc", "delete_avatar_group"))
    assert.equal(BASE .. "/v3/avatars/abc", probe.url("v3", BASE, "abc", "delete_avatar_group"))
  end)
end)
