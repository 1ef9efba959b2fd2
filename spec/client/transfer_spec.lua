-- One attempt on the wire: what is sent, and which answers are believed.

local attempt = require "spec.support.attempt"
local cases = require "spec.support.answer_cases"
local calls = require "spec.support.calls"
local heygen = require "heygen"
local server = require "spec.support.server"

local BODY = '{"code":100,"data":null}'

-- A limit that no call is expected to reach, in seconds.
local PATIENCE = 60

local function json_of(size)
  return BODY .. (" "):rep(size - #BODY)
end

describe("the request", function()
  local ID = "some.avatar_id-~1"
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)
  before_each(function() service:reset_record() end)

  -- The one request that a call with these options makes.
  local function request_of(options)
    attempt.once(service, ID, options)
    local seen = service:requests()
    assert.equal(1, #seen)
    return seen[1]
  end

  it("is a DELETE of the version's route, over HTTP/1.1", function()
    for version, route in pairs { v2 = "/v2/photo_avatar/", v3 = "/v3/avatars/looks/" } do
      service:reset_record()
      local request = request_of { api_version = version }
      assert.same({ "DELETE", route .. ID, "HTTP/1.1" }, { request.method, request.path, request.version })
    end
    service:reset_record()
    assert.equal("/v2/photo_avatar/" .. ID, request_of().path)
  end)

  it("has these headers, no others, and no body", function()
    local request = request_of()
    assert.same({
      host = "127.0.0.1:" .. service.port,
      accept = "application/json",
      ["user-agent"] = "heygen-lua/" .. heygen._VERSION,
      ["x-api-key"] = "test-key",
    }, request.headers)
    assert.equal("", request.body)
  end)

  it("has the user agent of the option", function()
    assert.equal("my bot/1.0 (+https://bot.example)", request_of { user_agent = "my bot/1.0 (+https://bot.example)" }
      .headers["user-agent"])
  end)

  it("has the key as it is, whatever its characters", function()
    local key = {}
    for byte = 0x21, 0x7e do key[#key + 1] = string.char(byte) end
    assert.equal(table.concat(key), request_of { api_key = table.concat(key) }.headers["x-api-key"])
  end)

  it("keeps the base URL's path as it stands", function()
    local prefixes = {
      [""] = "", ["/"] = "", ["///"] = "", ["/proxy"] = "/proxy", ["/proxy/"] = "/proxy", ["/a%2Fb/%7e"] = "/a%2Fb/%7e",
      ["/a/./b/../c"] = "/a/./b/../c", ["/.."] = "/..", ["/a//b"] = "/a//b", ["/~a;b=c,d@e:f"] = "/~a;b=c,d@e:f",
    }
    for prefix, kept in pairs(prefixes) do
      service:reset_record()
      local request = request_of { base_url = service.url .. prefix }
      assert.equal(kept .. "/v2/photo_avatar/" .. ID, request.path)
    end
  end)

  it("finds a service below a prefix", function()
    local prefixed <close> = server.start { ids = { "avatar" }, prefix = "/a%2Fb" }
    assert.equal("deleted", attempt.once(prefixed, "avatar").outcome)
  end)

  it("goes to 127.0.0.1 and localhost in clear text", function()
    service:add { "first", "second" }
    for id, host in pairs { first = "127.0.0.1", second = "LocalHost" } do
      local base_url = ("http://%s:%d"):format(host, service.port)
      assert.equal("deleted", attempt.once(service, id, { base_url = base_url }).outcome)
    end
  end)
end)

for _, protocol in ipairs { "HTTP", "TLS" } do
  describe("over " .. protocol .. ", an answer", function()
    local service

    setup(function() service = server.start { tls = protocol == "TLS" } end)
    teardown(function() service:stop() end)

    for _, group in ipairs { "incomplete", "useless", "complete" } do
      for number, case in ipairs(cases[group]) do
        local name, kind, actions = table.unpack(case)
        local expected = kind == "none" and { "none", "deleted", 1 } or { kind, "unknown", 1 }

        it(("with %s is %s"):format(name, kind == "none" and "a success" or kind), function()
          local id = group .. number
          service:add(id)
          service:plan(id, { actions })
          local result = attempt.once(service, id, { timeout = case.timeout })
          assert.same(expected, attempt.summary(result, service, id), tostring(result.err))
          if group == "incomplete" then
            assert.not_equal("", result.err.message)
            assert.is_nil(result.err.code)
          end
        end)
      end
    end
  end)
end

describe("the status of an answer", function()
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)

  local function status_of(id, actions)
    service:plan(id, { actions })
    local result = attempt.once(service, id)
    return (result.meta or result.err).status
  end

  it("is that of the final status line", function()
    assert.equal(204, status_of("final", { "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n" }))
    assert.equal(999, status_of("unusual", { "HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n" }))
  end)

  it("is absent before its headers are complete", function()
    assert.is_nil(status_of("cut", { "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n", { close = true } }))
    assert.is_nil(status_of("interim", { "HTTP/1.1 103 Early Hints\r\n\r\n", { close = true } }))
  end)

  it("is there when the body is cut", function()
    assert.equal(200, status_of("body", { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", { close = true } }))
  end)
end)

describe("the headers of an answer", function()
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)

  local function request_id_of(id, actions)
    service:plan(id, { actions })
    local result = attempt.once(service, id)
    assert.equal("deleted", result.outcome)
    return result.meta.request_id
  end

  it("count without regard to case and blanks", function()
    assert.equal("abc", request_id_of("case", { "HTTP/1.1 204 X\r\nX-REQUEST-ID:\t abc \r\n\r\n" }))
  end)

  it("of an interim answer don't count", function()
    assert.is_nil(request_id_of("early", { "HTTP/1.1 103 X\r\nX-Request-Id: early\r\n\r\nHTTP/1.1 204 X\r\n\r\n" }))
  end)

  it("of a trailer don't count", function()
    assert.equal("head", request_id_of("trailer", {
      "HTTP/1.1 200 OK\r\nX-Request-Id: head\r\nTransfer-Encoding: chunked\r\n\r\n",
      ("%x\r\n%s\r\n0\r\nX-Request-Id: trailer\r\n\r\n"):format(#BODY, BODY),
    }))
  end)

  it("may take 64 KiB in all, interim answers included", function()
    local LIMIT = 64 * 1024
    local early, first, last = "HTTP/1.1 103 X\r\n\r\n", "HTTP/1.1 204 X\r\n", "\r\n"
    local line = "A: " .. ("a"):rep(995) .. "\r\n"
    local left = LIMIT - #early - #first - #last
    local lines = line:rep(left // #line - 1)
    for excess = 0, 1 do
      local filler = "B: " .. ("b"):rep(left - #lines - 5 + excess) .. "\r\n"
      local id = "excess-" .. excess
      service:plan(id, { { early .. first .. lines .. filler .. last } })
      local expected = excess == 0 and { "none", "deleted", 1 } or { "protocol", "unknown", 1 }
      local result = attempt.once(service, id)
      assert.same(expected, attempt.summary(result, service, id))
      assert.equal(excess == 1, result.err ~= nil and result.err.message:find("larger than allowed", 1, true) ~= nil)
    end
  end)
end)

describe("the body of an answer", function()
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)

  local function answer_of(id, head, body, options)
    service:plan(id, { { "HTTP/1.1 200 OK\r\n" .. head .. "\r\n" .. body, { close = true } } })
    return attempt.once(service, id, options)
  end

  -- How a body of so many bytes can be sent.
  local framings = {
    ["with a length"] = function(size) return ("Content-Length: %d\r\n"):format(size), json_of(size) end,
    ["without a length"] = function(size) return "", json_of(size) end,
    ["in chunks"] = function(size)
      local half = json_of(size):sub(1, size // 2)
      local rest = json_of(size):sub(size // 2 + 1)
      return "Transfer-Encoding: chunked\r\n",
        ("%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"):format(#half, half, #rest, rest)
    end,
  }

  for name, frame in pairs(framings) do
    it("may be as large as max_response_bytes " .. name .. ", and no larger", function()
      for _, limit in ipairs { #BODY, 1024, 1025, 100000 } do
        local id = ("%s-%d"):format(name:gsub("%s", "-"), limit)
        local head, body = frame(limit)
        assert.equal("deleted", answer_of(id, head, body, { max_response_bytes = limit }).outcome)
        head, body = frame(limit + 1)
        local result = answer_of(id, head, body, { max_response_bytes = limit })
        assert.same({ "protocol", "unknown" }, { result.kind, result.outcome })
        assert.equal("the answer was larger than allowed", result.err.message)
        assert.truthy(result.err.hint:find("max_response_bytes", 1, true))
      end
    end)
  end

  it("may take 1 MiB by default", function()
    local size = 1024 * 1024
    assert.equal("deleted", answer_of("most", "", json_of(size)).outcome)
    assert.equal("protocol", answer_of("more", "", json_of(size + 1)).kind)
  end)

  it("has the limit of its call, not of the one before", function()
    local client <close> = calls.client(service, { max_response_bytes = 100 })
    service:plan("sized", { always = { { status = 200, body = json_of(200) } } })
    assert.equal("protocol", attempt.by(client, "sized").kind)
    assert.equal("deleted", attempt.by(client, "sized", { max_response_bytes = 200 }).outcome)
    assert.equal("protocol", attempt.by(client, "sized").kind)
  end)

  it("is not mixed with that of the attempt before", function()
    local client <close> = calls.client(service)
    service:plan("mixed", {
      { { status = 200, body = json_of(50000) } },
      { { status = 200, body = '{"data":{"id":"mixed"}}' } },
      { { status = 204 } },
    })
    assert.equal(100, attempt.by(client, "mixed").body.code)
    assert.same({ data = { id = "mixed" } }, attempt.by(client, "mixed").body)
    assert.same({}, attempt.by(client, "mixed").body)
  end)
end)

describe("a redirect", function()
  local service, elsewhere

  setup(function()
    service = server.start { tls = true }
    elsewhere = server.start { tls = true, ids = { "avatar" } }
  end)
  teardown(function()
    service:stop()
    elsewhere:stop()
  end)

  -- Those that say that the request belongs elsewhere: a 303 may follow a deletion.
  local UNDONE = { [301] = true, [302] = true, [307] = true, [308] = true }

  local function redirected(status, location)
    local id = "redirected"
    service:reset_record()
    service:plan(id, { { { status = status, headers = { location = location }, body = "" } } })
    local result = attempt.once(service, id)
    local outcome = UNDONE[status] and "not_deleted" or "unknown"
    assert.same({ "redirect", outcome, 1 }, attempt.summary(result, service, id))
    assert.equal(status, result.err.status)
    assert.truthy(result.err.hint:find("base_url", 1, true))
    assert.equal(0, elsewhere:connections())
    assert.equal(1, #service:requests())
  end

  it("is not followed, whatever its status", function()
    for _, status in ipairs { 300, 301, 302, 303, 307, 308 } do
      redirected(status, elsewhere.url .. "/v2/photo_avatar/avatar")
    end
  end)

  it("is not followed, wherever it points", function()
    local plain <close> = server.start { ids = { "avatar" } }
    for _, location in ipairs {
      plain.url .. "/v2/photo_avatar/avatar", "file:///etc/hostname", "/v2/photo_avatar/avatar", "//localhost:1/",
      "gopher://localhost:1/", "not a URL",
    } do
      redirected(302, location)
    end
    assert.equal(0, plain:connections())
  end)
end)

describe("before anything is sent", function()
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)

  local function unsent(kind, options)
    local result = attempt.once(service, "avatar", options)
    assert.same({ kind, "not_deleted" }, { result.kind, result.outcome }, tostring(result.err))
    assert.equal("the request was not sent", result.err.message)
    assert.equal(1, result.err.attempts)
    assert.is_nil(result.err.status)
    assert.is_string(result.err.cause)
    return result
  end

  it("a refused connection is told apart", function()
    unsent("connection", { base_url = "http://127.0.0.1:" .. server.refused_port() })
  end)

  it("an unknown host is told apart", function()
    unsent("connection", { base_url = "https://no-such-host.invalid", proxy = "" })
  end)

  it("a connect that hangs is ended by connect_timeout", function()
    local port = server.unconnectable()
    if not port then return pending("this system has no way to make a connect hang on the loopback") end
    local result = unsent("timeout", { base_url = "http://127.0.0.1:" .. port, connect_timeout = 0.3 })
    assert.is_true(result.err.elapsed < PATIENCE / 2)
  end)

  it("a connect that hangs is ended by timeout too", function()
    local port = server.unconnectable()
    if not port then return pending("this system has no way to make a connect hang on the loopback") end
    local base_url = "http://127.0.0.1:" .. port
    local result = unsent("timeout", { base_url = base_url, connect_timeout = PATIENCE, timeout = 0.3 })
    assert.is_true(result.err.elapsed < PATIENCE / 2)
  end)
end)

describe("the shortest timeout", function()
  -- In a process of its own, which has a limit.
  it("does not mean never", function()
    local script = [[
      local client = require "heygen".new { api_key = "test-key", base_url = (...), timeout = 0.001 }
      local _, err = pcall(client.delete_photo_avatar, client, "avatar")
      print(err.kind)
    ]]
    local result = calls.run_script(script, { "http://127.0.0.1:" .. server.silent() })
    assert.equal("timeout\n", result.stdout, result.stderr)
  end)
end)

describe("an answer without a length", function()
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)

  -- What a 4xx with these headers comes to, that the peer's closing ends after so much of its body.
  local function ended(status, headers, body)
    local text = ("HTTP/1.1 %d X\r\n%s"):format(status, headers) .. (body and "\r\n" .. body or "")
    service:plan("id", { { text, { close = true } } })
    local made = attempt.once(service, "id", { max_retries = 0 })
    return made.kind .. " " .. made.outcome
  end

  for name, headers in pairs {
    ["none at all"] = "",
    ["one that overflows"] = "Content-Length: 99999999999999999999\r\n",
    ["a coding that is none"] = "Transfer-Encoding: identity\r\n",
  } do
    it("is cut where its JSON is open: " .. name, function()
      for _, body in ipairs { '{"error":{"code":"avatar_n', ' {"error":', "\r\n\t{", '{"a":{"b":1}' } do
        assert.equal("protocol unknown", ended(404, headers, body), body)
        assert.equal("protocol unknown", ended(403, headers, body), body)
      end
      assert.equal("retired not_deleted", ended(404, headers, "<html>"))
      assert.equal("retired not_deleted", ended(404, headers, ' {"detail":"Not Found"}'))
    end)
  end

  it("is cut where its headers end with a blank line that is not empty", function()
    for _, status in ipairs { 204, 200, 404, 429 } do
      assert.equal("protocol unknown", ended(status, "X-A: b\r\n \r\n"))
    end
  end)
end)
