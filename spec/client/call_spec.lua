-- A call as a whole: what it tells about itself, the doubt that it is in, and the key that it never shows.

local attempt = require "spec.support.attempt"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

describe("a call", function()
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)

  it("tells its id, its operation, its attempts and its time", function()
    service:add("avatar")
    service:plan("slow", { { { sleep = 0.2 }, { status = 403, body = "{}" } } })
    local meta = attempt.once(service, "avatar").meta
    assert.equal(1, meta.attempts)
    assert.is_true(meta.elapsed > 0)
    local err = attempt.once(service, "slow").err
    assert.same({ "slow", "delete_photo_avatar", 1 }, { err.avatar_id, err.operation, err.attempts })
    assert.is_true(err.elapsed > 0.1)
  end)

  -- What one attempt comes to when all is well, and in a call that an earlier process may have sent.
  local doubts = {
    { "is deleted", { { status = 204 } }, { "none", "deleted" }, { "none", "deleted" } },
    {
      "finds no such avatar",
      { { status = 404, body = '{"error":{"code":"avatar_not_found"}}' } },
      { "not_found", "absent" },
      { "none", "presumed_deleted" },
    },
    { "is refused", { { status = 403, body = "{}" } }, { "forbidden", "not_deleted" }, { "forbidden", "unknown" } },
    { "is lost", { { close = true } }, { "connection", "unknown" }, { "connection", "unknown" } },
    {
      "meets a gateway's 404",
      { { status = 404, body = "<h1>" } },
      { "retired", "not_deleted" },
      { "retired", "unknown" },
    },
  }
  for number, doubt in ipairs(doubts) do
    local name, actions, without, with = table.unpack(doubt)
    it("that " .. name .. " is judged with its doubt", function()
      local client <close> = calls.client(service)
      local id = "doubt-" .. number
      service:plan(id, { always = actions })
      local made = attempt.by(client, id)
      assert.same(without, { made.kind, made.outcome })
      made = attempt.by(client, id, { maybe_sent = true })
      assert.same(with, { made.kind, made.outcome })
      -- The doubt was that call's.
      made = attempt.by(client, id)
      assert.same(without, { made.kind, made.outcome })
    end)
  end

  it("that was never sent is in the doubt that it came with", function()
    local base_url = "http://127.0.0.1:" .. server.refused_port()
    local client <close> = calls.client(service, { base_url = base_url })
    assert.equal("not_deleted", attempt.by(client, "avatar").outcome)
    assert.equal("unknown", attempt.by(client, "avatar", { maybe_sent = true }).outcome)
  end)
end)

describe("the key", function()
  -- Long enough to be a key, and with all that the encodings below change.
  local KEY = [[canary/"0123456'789<abc>-def]]

  local function each_byte(text, encode)
    return (text:gsub(".", function(character) return encode(character:byte(), character) end))
  end

  local ENTITIES = { ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

  -- The ways to write it: as it is, in JSON, in a URL, in HTML.
  local spellings = {
    plain = KEY,
    ["json"] = KEY:gsub('[\\"/]', "\\%0"),
    ["json-codes"] = each_byte(KEY, function(byte) return ("\\u%04x"):format(byte) end),
    ["url"] = each_byte(KEY, function(byte, character)
      return character:find("[%w-]") and character or ("%%%02X"):format(byte)
    end),
    ["url-codes"] = each_byte(KEY, function(byte) return ("%%%02x"):format(byte) end),
    ["html"] = each_byte(KEY, function(_, character) return ENTITIES[character] end),
    ["html-codes"] = each_byte(KEY, function(byte) return ("&#x%X;"):format(byte) end),
  }

  -- One of these is in whatever would give away the first eight characters of the key, or as many of its last.
  local traces = {
    'canary/"', 'canary\\/', "canary%2F", "canary/&quot;", "0123456", "abc>", "abc%3E", "abc&gt;",
    "\\u0063\\u0061\\u006e", "\\u0064\\u0065\\u0066", "%63%61%6e", "%64%65%66", "&#x63;&#x61;", "&#x64;&#x65;",
  }

  local function assert_hidden(text, where)
    for _, trace in ipairs(traces) do
      assert.is_nil(text:find(trace, 1, true), ("%s in %s: %s"):format(trace, where, text))
    end
  end

  local service, client

  setup(function()
    service = server.start { keys = { KEY } }
    client = calls.client(service, { api_key = KEY })
  end)
  teardown(function()
    client:close()
    service:stop()
  end)

  local function texts_of(value, texts)
    if type(value) == "table" then
      for name, member in pairs(value) do
        texts_of(name, texts)
        texts_of(member, texts)
      end
    end
    texts[#texts + 1] = tostring(value)
    return texts
  end

  -- What the call comes to must hold a blot, or the key was never in it.
  local function assert_blotted(id, actions)
    service:plan(id, { actions })
    local texts = table.concat(texts_of(attempt.by(client, id), {}), "\n")
    assert_hidden(texts, id)
    assert.truthy(texts:find("***", 1, true), texts)
  end

  -- The answers that a spelling is put into, at %s.
  local answers = {
    ["a message"] = { 403, '{"error":{"code":"forbidden","message":"key %s is bad"}}' },
    ["an error that is a text"] = { 401, '{"data":null,"error":"%s"}' },
    ["a code"] = { 400, '{"code":"%s"}' },
    ["a body's members"] = { 200, '{"code":100,"data":{"list":["a %s"],"%s":1}}' },
    ["a warning"] = { 200, '{"code":100,"warning":{"message":"%s","v3_endpoint":"/%s"}}' },
    ["HTML of a failure"] = { 502, "<h1>no %s</h1>" },
    ["HTML of a success"] = { 200, "<h1>no %s</h1>" },
    ["plain text"] = { 403, "%s" },
  }
  for name, spelling in pairs(spellings) do
    for place, answer in pairs(answers) do
      it(("is blotted out of %s, written as %s"):format(place, name), function()
        local body = answer[2]:gsub("%%s", function() return spelling end)
        assert_blotted(place:gsub("[%s']", "-") .. "." .. name, { { status = answer[1], body = body } })
      end)
    end

    it("is blotted out of headers, written as " .. name, function()
      local request_id = { ["x-request-id"] = "a " .. spelling }
      local sunset = { sunset = spelling, deprecation = spelling }
      assert_blotted("request-id." .. name, { { status = 403, body = "{}", headers = request_id } })
      assert_blotted("sunset." .. name, { { status = 200, body = '{"code":100}', headers = sunset } })
    end)

    it("is blotted out of a body whose quote ends in it, written as " .. name, function()
      local QUOTE = 1024
      for _, before in ipairs { QUOTE - #spelling, QUOTE - #spelling // 2, QUOTE - 9, QUOTE - 1 } do
        local id = ("quote.%s.%d"):format(name, before)
        service:plan(id, { { { status = 502, body = ("x"):rep(before) .. spelling .. ("y"):rep(100) } } })
        local quote = attempt.by(client, id).err.body
        assert_hidden(quote, id)
        assert.equal(math.min(QUOTE, before + 103), #quote)
      end
    end)
  end

  it("is blotted out where the connection ends in it", function()
    local head = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    for length = 8, #KEY - 1 do
      assert_blotted("ends-" .. length, { head .. "text " .. KEY:sub(1, length), { close = true } })
    end
  end)

  it("is blotted out of warnings", function()
    local warning = '{"code":100,"warning":{"message":"%s","v3_endpoint":"%s","sunset_date":"%s"}}'
    local body = warning:gsub("%%s", function() return spellings.json end)
    service:plan("warned", { { { status = 200, body = body, headers = { deprecation = KEY } } } })
    local script = [[
      require "heygen".delete_photo_avatar((...), "warned", { base_url = select(2, ...), api_version = "v2" })
    ]]
    local result = calls.run_script(script, { KEY, service.url }, { warnings = true })
    assert.truthy(result.stderr:find("deprecated.+%*%*%*"), result.stderr)
    assert_hidden(result.stderr, "the warning")
  end)

  it("is in no text of the module's own", function()
    local base_url = "http://127.0.0.1:" .. server.refused_port()
    local unsent = attempt.once(service, "avatar", { api_key = KEY, base_url = base_url })
    assert_hidden(table.concat(texts_of(unsent, {}), "\n"), "an error")
    assert_hidden(tostring(client), "a client's text")
  end)
end)
