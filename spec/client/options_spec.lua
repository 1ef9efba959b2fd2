local probe = require "heygen_probe"

-- Name, type, of the client, of a call, of a bulk run, default, least and most.
local CONTRACT = {
  { "api_key", "text", true, false, false },
  { "base_url", "text", true, false, false },
  { "ca_file", "text", true, false, false },
  { "ca_path", "text", true, false, false },
  { "proxy", "text", true, false, false },
  { "user_agent", "text", true, false, false },
  { "api_version", "version", true, true, true, "auto" },
  { "connect_timeout", "seconds", true, true, true, 10, 0.001, 86400 },
  { "timeout", "seconds", true, true, true, 30, 0.001, 86400 },
  { "deadline", "seconds", true, true, true, 120, 0.001, 86400 },
  { "max_rate", "rate", true, false, true, 0 },
  { "max_concurrency", "count", true, false, true, 8, 1, 1000 },
  { "max_retries", "count", true, true, true, 2, 0, 10 },
  { "max_response_bytes", "count", true, true, true, 1024 * 1024, 1, 64 * 1024 * 1024 },
  { "trace", "function", true, true, true },
  { "missing_ok", "flag", false, true, true, false },
  { "maybe_sent", "flag", false, true, true, false },
  { "on_result", "function", false, false, true },
  { "collect", "flag", false, false, true, false },
  { "report", "table", false, false, true },
}

-- Those that the client in C keeps: not Lua's functions and tables.
local function is_kept(row)
  return row[2] ~= "text" and row[2] ~= "function" and row[2] ~= "table"
end

local NAN, INFINITY = 0 / 0, math.huge

local function assert_refused(name, numbers)
  for _, number in ipairs(numbers) do assert.is_nil(probe.setting(name, number), name .. " " .. number) end
end

---Fails unless an option's text is accepted, or refused with these words.
local function assert_text(option, text, words)
  local flaw = probe.text_flaw(option, text)
  if words then
    assert.matches(words, flaw or "accepted", 1, true, ("%s %q"):format(option, text))
  else
    assert.is_nil(flaw, ("%s %q"):format(option, text))
  end
end

describe("the table of options", function()
  it("has those of the contract, each for the client, a call, a bulk run", function()
    local rows = {}
    for i, option in ipairs(probe.options()) do
      rows[i] = { option.name, option.type, option.client, option.call, option.bulk }
    end
    local expected = {}
    for i, row in ipairs(CONTRACT) do expected[i] = { table.unpack(row, 1, 5) } end
    assert.same(expected, rows)
  end)

  it("says of each what it may be", function()
    for _, option in ipairs(probe.options()) do assert.is_string(option.accepted, option.name) end
  end)

  it("has the contract's defaults", function()
    for _, row in ipairs(CONTRACT) do
      if is_kept(row) then assert.equal(row[6], probe.setting(row[1]), row[1]) end
    end
  end)

  it("has limits that agree with what it says of them", function()
    for _, option in ipairs(probe.options()) do
      if option.type == "seconds" or option.type == "count" then
        local least, most = option.accepted:match("from ([%d.]+) to (%d+)$")
        assert.equal(option.minimum, tonumber(least), option.name)
        assert.equal(option.maximum, tonumber(most), option.name)
      end
    end
  end)
end)

describe("a setting", function()
  it("takes its least and its most, and nothing beyond", function()
    for _, row in ipairs(CONTRACT) do
      local name, least, most = row[1], row[7], row[8]
      if least then
        assert.equal(least, probe.setting(name, least), name)
        assert.equal(most, probe.setting(name, most), name)
        assert_refused(name, { least - 0.0005, -least - 1, -1, most + 1, most * 2, 1e300, INFINITY, -INFINITY, NAN })
      end
    end
  end)

  it("of seconds takes fractions, of bytes whole numbers alone", function()
    assert.equal(2.5, probe.setting("timeout", 2.5))
    assert.equal(0.25, probe.setting("connect_timeout", 0.25))
    assert.equal(1000, probe.setting("max_response_bytes", 1000.0))
    assert_refused("max_response_bytes", { 1.5, 1000.25, 0.5 })
  end)

  it("that is a flag or a version takes those there are", function()
    for _, name in ipairs { "missing_ok", "maybe_sent" } do
      assert.is_true(probe.setting(name, 1))
      assert.is_false(probe.setting(name, 0))
      assert_refused(name, { 2, -1, 0.5, NAN })
    end
    assert.equal("v2", probe.setting("api_version", 0))
    assert.equal("v3", probe.setting("api_version", 1))
    assert.equal("auto", probe.setting("api_version", 2))
    assert_refused("api_version", { 3, -1, 0.5, NAN, INFINITY })
  end)
end)

describe("a text option", function()
  it("is checked as what it is", function()
    assert_text("api_key", "sk_123")
    assert_text("api_key", "a b", "has a character that no key has")
    assert_text("base_url", "https://h/p")
    assert_text("base_url", "https://h?p", "has a query")
  end)

  it("that is a path has no NUL and is not empty", function()
    for _, name in ipairs { "ca_file", "ca_path" } do
      assert_text(name, "/etc/ssl/ça va.pem")
      assert_text(name, "", "is empty")
      assert_text(name, "/etc/ssl\0/x", "has a NUL in it")
      assert_text(name, "/etc/ssl\0", "has a NUL in it")
    end
  end)

  it("that is the user agent can't inject a header", function()
    assert_text("user_agent", "my game/1.0 (+https://example.com)")
    assert_text("user_agent", "", "is empty")
    for byte = 0, 255 do
      local printable = byte >= 0x20 and byte <= 0x7e
      assert_text("user_agent", "a" .. string.char(byte) .. "b", not printable and "control or non-ASCII" or nil)
    end
  end)

  it("that is a proxy has a known scheme or none", function()
    for _, proxy in ipairs { "", "proxy.example", "proxy.example:3128", "http://h:1", "HTTP://h", "https://h",
      "socks4://h", "socks4a://h", "socks5://h", "socks5h://user:word@h:1080" } do
      assert_text("proxy", proxy)
    end
    for _, proxy in ipairs { "ftp://h", "://h", "socks://h", "socks6://h", "httpx://h", "xhttp://h" } do
      assert_text("proxy", proxy, "has an unknown scheme")
    end
    for _, character in ipairs { "\0", " ", "\r", "\n", "\t", "\x7f", "\x80", "\xff" } do
      assert_text("proxy", "http://h" .. character, "has a space, control or non-ASCII character")
    end
  end)
end)

describe("a proxy's URL", function()
  it("may have user info, and a path that is of no account", function()
    for _, proxy in ipairs { "http://u:p@h:1", "u:p@h", "http://u@h", "http://@h",
      "http://u:%25%40%2f%7f@h", "http://h/", "http://h:1/x?y#z", "h/x@:y", "socks5h://localhost/tmp/x",
      "http://[::1]:3128", "http://u:p@[2001:db8::1]", "http://10.0.0.1:65535" } do
      assert_text("proxy", proxy)
    end
  end)

  it("needs a host, and a port that is one", function()
    for proxy, words in pairs {
      ["http://u:secret@h:99999"] = "has a port outside 1 to 65535", ["h:0"] = "has a port outside 1 to 65535",
      ["http://h:"] = "has a port outside 1 to 65535", ["http://u:secret@h:x"] = "has a port that is no number",
      ["u:secret"] = "has a port that is no number", ["http://u:secret/x@h:1"] = "has a port that is no number",
      [":secret"] = "has no host", ["http://"] = "has no host", ["secret@"] = "has no host",
      ["http://u:secret@"] = "has no host", ["http:///secret"] = "has no host", ["@"] = "has no host",
      ["[secret"] = "has a bracket without its partner", ["http://u:secret@[zz"] = "has a bracket without its partner",
      ["http://[secret]"] = "has a host that is no IPv6 address",
      ["http://u:p@se,cret"] = "has a character that no host has",
      -- An @ of user info is %40: libcurl takes the first for its end.
      ["http://u:p@secret@h:1"] = "has a character that no host has",
      ["http://u:p@secret:x@h:1"] = "has a port that is no number",
    } do
      assert_text("proxy", proxy, words)
    end
  end)

  -- libcurl would do without the proxy.
  it("has no user info that stands for control characters", function()
    for _, proxy in ipairs { "http://u:%00@h", "http://%0a@h", "u%1Fx:p@h:1" } do
      assert_text("proxy", proxy, "has user info with a control character")
    end
    for _, proxy in ipairs { "http://u:%20@h", "http://u:%0@h", "http://u:%@h", "http://u:%1g@h", "http://h/%00" } do
      assert_text("proxy", proxy)
    end
  end)
end)

describe("the option nearest to a mistaken name", function()
  local function assert_nearest(scope, cases)
    for name, expected in pairs(cases) do
      assert.equal(expected or nil, probe.nearest(name, scope), name)
    end
  end

  it("is the one that a slip has made it from", function()
    assert_nearest("any", { tiemout = "timeout", timeot = "timeout", time_out = "timeout", timeouts = "timeout",
      apikey = "api_key", api_kye = "api_key", baseurl = "base_url", base_uri = "base_url", cafile = "ca_file",
      connect_timout = "connect_timeout", max_response_byte = "max_response_bytes", missingok = "missing_ok",
      maybesent = "maybe_sent", useragent = "user_agent", api_versoin = "api_version" })
  end)

  it("is the one that it is a part of", function()
    assert_nearest("any", { key = "api_key", url = "base_url", agent = "user_agent", version = "api_version",
      connect = "connect_timeout", missing = "missing_ok", sent = "maybe_sent" })
  end)

  it("is the one itself where the name is right", function()
    for _, row in ipairs(CONTRACT) do assert.equal(row[1], probe.nearest(row[1], "any")) end
  end)

  it("is one of the scope", function()
    assert_nearest("call", { api_kye = false, missing_okay = "missing_ok", timeot = "timeout" })
    assert_nearest("client", { missing_okay = false, maybe_send = false, api_kye = "api_key", timeot = "timeout" })
  end)

  it("is none where none is near", function()
    assert_nearest("any", { [""] = false, x = false, colour = false, insecure = false, verify = false,
      [("timeout"):rep(5)] = false })
  end)

  it("is none for a name of any length that is longer than all options'", function()
    for times = 6, 40 do assert.is_nil(probe.nearest(("timeout"):rep(times), "any"), times) end
  end)
end)

describe("two configurations", function()
  it("make the same client where all their texts are equal", function()
    assert.is_true(probe.same_client({}, {}))
    local all = {}
    for _, row in ipairs(CONTRACT) do
      if row[2] == "text" then all[row[1]] = "text of " .. row[1] end
    end
    assert.is_true(probe.same_client(all, all))
    for name in pairs(all) do
      local other = {}
      for other_name, text in pairs(all) do other[other_name] = text end
      other[name] = all[name] .. "x"
      assert.is_false(probe.same_client(all, other), name)
      other[name] = nil
      assert.is_false(probe.same_client(all, other), name)
      assert.is_false(probe.same_client(other, all), name)
    end
  end)
end)
