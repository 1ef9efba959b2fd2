-- heygen.Error: the table, its one readable line, and how it is told from anything else.

local heygen = require "heygen"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

-- Everything that begins a new line on some terminal or in some editor, and everything that steers a terminal.
local function breaks_line(text)
  local steers = text:find("[\0-\31\127]") or text:find("\u{2028}", 1, true) or text:find("\u{2029}", 1, true)
  for code = 0x80, 0x9f do steers = steers or text:find(utf8.char(code), 1, true) end
  return steers ~= nil
end

describe("an error", function()
  local service, client

  setup(function()
    service = server.start()
    client = calls.client(service)
  end)
  teardown(function()
    client:close()
    service:stop()
  end)

  local function failure(status, body, headers)
    service:plan("avatar", { always = { { status = status, body = body, headers = headers } } })
    return calls.raised(client.delete_photo_avatar, client, "avatar")
  end

  it("is a table with the metatable heygen.Error", function()
    local err = failure(403, '{"code":400562,"message":"forbidden"}')
    assert.equal("table", type(err))
    assert.equal("heygen.Error", getmetatable(err).__name)
  end)

  it("tells everything in one line, in this order", function()
    local err = failure(403, '{"code":400562,"message":"forbidden"}', { ["x-request-id"] = "r-1" })
    assert.equal(err.where .. ": heygen: forbidden: forbidden; outcome not_deleted; delete_photo_avatar of avatar; "
      .. "status 403; code 400562; request r-1; hint: " .. err.hint, tostring(err))
  end)

  it("tells libcurl's words after its own", function()
    local refused <close> = calls.client { url = "http://127.0.0.1:" .. server.refused_port() }
    local err = calls.raised(refused.delete_photo_avatar, refused, "avatar")
    assert.equal(("%s: heygen: connection: %s: %s; outcome not_deleted; "):format(err.where, err.message, err.cause),
      tostring(err):match("^.*outcome not_deleted; "))
  end)

  it("leaves out what it does not have", function()
    local err = calls.raised(client.delete_photo_avatar, client, "")
    assert.equal(("%s: heygen: invalid_argument: %s; outcome not_deleted; delete_photo_avatar")
      :format(err.where, err.message), tostring(err))
  end)

  describe("stays on one line", function()
    local hostile = {
      ["line ends"] = [[one\ntwo\r\nthree\u0085four\u2028five\u2029six]],
      ["a terminal's orders"] = [[\u001b[31m red\u0007\b\f\t\u007f\u009b31m]],
    }
    for what, text in pairs(hostile) do
      it("with " .. what .. " in the service's words", function()
        local err = failure(400, ('{"error":{"code":"%s","message":"%s"}}'):format(text, text))
        assert.is_true(breaks_line(err.message), "the message itself is changed")
        assert.is_false(breaks_line(tostring(err)), ("%q"):format(tostring(err)))
      end)
    end

    it("with line ends put into it by hand", function()
      local err = failure(404, "{}")
      err.message = "one\ntwo\0three"
      assert.is_false(breaks_line(tostring(err)))
    end)
  end)

  it("keeps letters beyond ASCII as they are", function()
    local err = failure(400, '{"message":"Übergröße \\u2013 日本"}')
    assert.matches("Übergröße – 日本", tostring(err), 1, true)
  end)

  it("has a space for each byte that is part of no character", function()
    local err = failure(404, "{}")
    local all_broken = { "\xff", "\xf5\x80\x80\x80", "\xc1\xbf", "\xe2\x80", "\xe2(\xa1", "\x80", "\xf0\x9f\x98" }
    for _, broken in ipairs(all_broken) do
      err.message = "<" .. broken .. ">"
      assert.matches("<" .. broken:gsub("[\x80-\xff]", " ") .. ">", tostring(err), 1, true)
    end
  end)

  it("prints when fields were taken away, added or replaced", function()
    local err = failure(403, '{"code":400562,"message":"forbidden"}')
    for name in pairs(err) do err[name] = nil end
    assert.equal("heygen: ", tostring(err))
    err.kind, err.message, err.code, err.other = true, { 1 }, 1.5, "unseen"
    assert.matches("^heygen: true: table: 0x%x+; code 1%.5$", tostring(err))
  end)

  it("prints as part of Lua's own message", function()
    local result = calls.run_script([[
      local heygen = require "heygen"
      heygen.new { api_key = "" }
    ]])
    assert.equal(1, result.status)
    assert.matches("^lua5%.4: stdin:2: heygen: invalid_argument: option 'api_key' is empty; ", result.stderr)
  end)

  it("carries no position and is the caller's to keep", function()
    local one, other = failure(404, "{}"), failure(404, "{}")
    assert.not_equal(one, other)
    one.note = "mine"
    assert.is_nil(other.note)
  end)
end)

describe("is_error", function()
  it("knows what the module raised", function()
    assert.is_true(heygen.is_error(calls.raised(heygen.new, 1)))
  end)

  it("takes anything else for something else", function()
    local lookalike = { kind = "not_found", outcome = "absent", message = "not found" }
    local others = { "text", 1, true, {}, lookalike, print, io.stdout, coroutine.create(print), heygen.null,
      setmetatable({}, { __name = "heygen.Error" }), heygen.new { api_key = "key" } }
    for _, value in ipairs(others) do
      assert.is_false(heygen.is_error(value), tostring(value))
    end
    assert.is_false(heygen.is_error(nil))
    assert.is_false(heygen.is_error())
  end)
end)
