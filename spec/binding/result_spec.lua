-- What a call returns and raises: body, meta, the fields of errors, and the notice of deprecation.

local heygen = require "heygen"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

local service, client

setup(function() service = server.start() end)
teardown(function() service:stop() end)
-- A client of its own for each: a 429 makes all calls of one wait.
before_each(function() client = calls.client(service) end)
after_each(function() client:close() end)

local function answer(status, body, headers)
  service:plan("avatar", { always = { { status = status, body = body, headers = headers } } })
end

local function call(options)
  return client:delete_photo_avatar("avatar", options)
end

local function failure(options)
  return calls.raised(client.delete_photo_avatar, client, "avatar", options)
end

describe("a success", function()
  it("of v2 has the body without its nulls", function()
    answer(200, '{"code":100,"data":null,"msg":null,"message":null}')
    assert.same({ code = 100 }, (call()))
  end)

  it("of v3 has the body as it came", function()
    service:add("look")
    local body, meta = client:delete_photo_avatar("look", { api_version = "v3" })
    assert.same({ data = { id = "look" } }, body)
    assert.equal("deleted", meta.outcome)
    assert.equal("/v3/avatars/looks/look", service:requests("look")[1].path)
  end)

  it("of other routes has an empty data", function()
    answer(200, '{"error":null,"data":{}}')
    assert.same({ data = {} }, (call()))
  end)

  it("without content has an empty table", function()
    answer(204)
    local body, meta = call()
    assert.same({}, body)
    assert.equal(204, meta.status)
    assert.equal("deleted", meta.outcome)
  end)

  it("has the integer 100 as its code, however that was written", function()
    for _, code in ipairs { "100", '"100"', "100.0", "1e2" } do
      answer(200, ('{"code":%s}'):format(code))
      local body = call()
      assert.equal(100, body.code)
      assert.equal("integer", math.type(body.code))
    end
  end)

  it("has no other member's digits turned into numbers", function()
    answer(200, '{"code":100,"data":{"code":"100","number":"42"}}')
    assert.same({ code = 100, data = { code = "100", number = "42" } }, (call()))
  end)

  it("has nulls in arrays, numbers and nested tables", function()
    answer(200, '{"code":100,"data":[null,1,2.5,{"deep":[true,null]}]}')
    assert.same({ code = 100, data = { heygen.null, 1, 2.5, { deep = { true, heygen.null } } } }, (call()))
  end)

  it("returns exactly two values", function()
    answer(204)
    assert.equal(2, select("#", call()))
  end)
end)

describe("meta", function()
  it("has these fields and no others", function()
    answer(200, '{"code":100}', { ["x-request-id"] = "r-7" })
    local _, meta = call()
    local types = {}
    for name, value in pairs(meta) do types[name] = math.type(value) or type(value) end
    assert.same({ status = "integer", outcome = "string", attempts = "integer", elapsed = "float",
      request_id = "string", api_version = "string" }, types)
    assert.same({ 200, "deleted", 1, "r-7" }, { meta.status, meta.outcome, meta.attempts, meta.request_id })
    assert.is_true(meta.elapsed > 0 and meta.elapsed < 60)
  end)

  it("has no request_id where the service sent none", function()
    answer(200, '{"code":100}', { ["x-request-id"] = false })
    assert.is_nil(select(2, call()).request_id)
  end)

  it("measures from the moment of the call", function()
    service:plan("avatar", { always = { { sleep = 0.2 }, { answer = true } } })
    assert.is_true(select(2, call { missing_ok = true }).elapsed >= 0.2)
  end)
end)

-- Words of the hint where the outcome is not known.
local DOUBT = "maybe_sent = true"

-- Each answer and what becomes of it: status, body, the error's kind and outcome; its code; its message, where that is
-- the service's; words of its hint and of its cause; and whether it quotes the body. What is not given is absent.
local FAILURES = {
  ["no such avatar, v2"] = {
    404, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}',
    "not_found", "absent", code = "internal_error", message = "photo avatar not found", hint = "group",
  },
  ["no such avatar, numeric code"] = {
    404, '{"code":400144,"message":"gone"}', "not_found", "absent", code = 400144, message = "gone", hint = "group",
  },
  ["a numeric code as text"] = {
    403, '{"code":"400562","message":"no"}',
    "forbidden", "not_deleted", code = "400562", message = "no", hint = "may do",
  },
  ["a key that is refused"] = {
    401, '{"error":"Invalid API key","data":null}',
    "unauthorized", "not_deleted", message = "Invalid API key", hint = "API key",
  },
  ["a refusal with 200"] = {
    200, '{"code":400562,"message":"forbidden"}',
    "forbidden", "not_deleted", code = 400562, message = "forbidden", hint = "may do",
  },
  ["a used-up quota"] = {
    429, '{"error":{"code":"quota_exceeded","message":"no credit"}}',
    "quota_exceeded", "not_deleted", code = "quota_exceeded", message = "no credit", hint = "plan",
  },
  ["a busy avatar"] = {
    409, '{"error":{"code":"request_in_progress","message":"busy"}}',
    "conflict", "not_deleted", code = "request_in_progress", message = "busy",
  },
  ["a code that nobody knows, with 200"] = {
    200, '{"code":1999,"message":"what?"}', "rejected", "unknown", code = 1999, message = "what?", hint = DOUBT,
  },
  ["a server's failure"] = {
    500, '{"error":{"code":"internal_error","message":"oops"}}',
    "server", "unknown", code = "internal_error", message = "oops", hint = DOUBT,
  },
  ["a page of a gateway"] = {
    404, "<html>no such page</html>", "retired", "not_deleted", quoted = true, hint = 'api_version = "v3"',
  },
  ["a page instead of JSON"] = {
    200, "<html>hello</html>", "protocol", "unknown", quoted = true, hint = DOUBT, cause = "byte 1 of the body",
  },
  ["an array"] = { 200, "[1]", "protocol", "unknown", quoted = true, hint = DOUBT },
  ["an object that says nothing"] = { 200, "{}", "protocol", "unknown", quoted = true, hint = DOUBT },
  ["an object that promises nothing"] = { 202, '{"x":1}', "protocol", "unknown", quoted = true, hint = DOUBT },
  ["a code that is none"] = { 200, '{"code":true}', "protocol", "unknown", quoted = true, hint = DOUBT },
  ["a refusal in a member that nobody knows"] = {
    404, '{"detail":"Not found"}', "retired", "not_deleted", quoted = true, hint = 'api_version = "v3"',
  },
  ["an empty body"] = { 200, "", "protocol", "unknown", hint = DOUBT },
}

describe("a failure:", function()
  for what, case in pairs(FAILURES) do
    it(what, function()
      local status, body, kind, outcome = table.unpack(case)
      answer(status, body, { ["x-request-id"] = "r-1" })
      local err = failure()

      local found = {}
      for name, value in pairs(err) do found[name] = value end
      assert.is_true(math.type(found.elapsed) == "float" and found.elapsed > 0)
      assert.equal("integer", math.type(found.attempts))
      assert.equal("integer", math.type(found.status))
      for _, name in ipairs { "hint", "cause" } do
        assert.equal(case[name] ~= nil, found[name] ~= nil)
        if case[name] then assert.matches(case[name], found[name], 1, true) end
      end
      assert.equal("string", type(found.message))
      found.elapsed, found.hint, found.cause, found.where = nil, nil, nil, nil

      assert.same({
        kind = kind, outcome = outcome, code = case.code, message = case.message or found.message,
        body = case.quoted and body or nil, operation = "delete_photo_avatar", avatar_id = "avatar", status = status,
        request_id = "r-1", attempts = 1, api_version = "v2",
      }, found)
      assert.equal(math.type(case.code), math.type(found.code))
    end)
  end

  it("a hint of v3 is v3's own", function()
    service:plan("avatar", {})
    assert.not_matches("group", failure({ api_version = "v3" }).hint)
    answer(410, "{}")
    assert.not_matches('"v3"', failure({ api_version = "v3" }).hint, 1, true)
  end)

  it("the body is quoted up to a kibibyte", function()
    local page = ("0123456789abcdef"):rep(200)
    answer(502, page)
    assert.equal(page:sub(1, 1024), failure().body)
    answer(502, page:sub(1, 1024))
    assert.equal(page:sub(1, 1024), failure().body)
  end)

  it("a body that could be used is not quoted", function()
    answer(500, '{"message":"oops"}')
    assert.is_nil(failure().body)
    answer(500, '{"code":7123}')
    assert.is_nil(failure().body)
  end)

  it("a body without words is quoted without the key, and up to a kibibyte, however large it is", function()
    local said = '{"detail":"%s is ' .. ("x"):rep(20000) .. '"}'
    answer(403, said:format(calls.KEY))
    assert.equal(said:format("***"):sub(1, 1024), failure().body)
  end)

  it("that was retried quotes the last body alone", function()
    service:plan("avatar", { { { status = 503, body = '{"first":1}' } }, { { status = 403, body = "" } } })
    assert.is_nil(failure({ max_retries = 1 }).body)
  end)

  it("a redirect is not followed", function()
    answer(302, "", { location = service.url .. "/v2/photo_avatar/elsewhere" })
    local err = failure()
    assert.same({ "redirect", "not_deleted", 302 }, { err.kind, err.outcome, err.status })
    assert.matches("base_url", err.hint)
    assert.equal(0, service:deletes("elsewhere"))
  end)

  it("without an answer has no status, and a cause", function()
    service:plan("avatar", { always = { { reset = true } } })
    local err = failure()
    assert.same({ "connection", "unknown" }, { err.kind, err.outcome })
    assert.is_nil(err.status)
    assert.is_nil(err.request_id)
    assert.equal("string", type(err.cause))
    assert.matches("maybe_sent = true", err.hint)
  end)

  it("has the status once the headers have come, though the body is cut off", function()
    local head = "HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n"
    local seen
    local options = { trace = function(record) seen = record.status end }
    service:plan("avatar", { { head .. "\r\n{", { close = true } }, { head, { close = true } } })
    local err = failure(options)
    assert.same({ "protocol", "unknown", 403, 403 }, { err.kind, err.outcome, err.status, seen })
    err = failure(options)
    assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
    assert.same({}, { err.status, seen })
  end)

  it("that never left this machine is sure of it", function()
    local refused <close> = calls.client { url = "http://127.0.0.1:" .. server.refused_port() }
    local err = calls.raised(refused.delete_photo_avatar, refused, "avatar")
    assert.same({ "connection", "not_deleted", 1 }, { err.kind, err.outcome, err.attempts })
    assert.is_nil(err.hint)
  end)

  describe("retry_after", function()
    local function after(value)
      answer(429, '{"message":"slowly"}', { ["retry-after"] = value })
      local err = failure()
      assert.same({ "rate_limited", "not_deleted" }, { err.kind, err.outcome })
      return err.retry_after
    end

    it("is a number of seconds", function()
      assert.equal(7, after("7"))
      assert.equal(0, after("0"))
      assert.equal(1.5, after("1.5"))
    end)

    it("is the time up to a date", function()
      local seconds = after(os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 3600))
      assert.is_true(seconds > 3000 and seconds <= 3600, seconds)
    end)

    it("is absent where none was sent, or nothing that says when", function()
      for _, value in ipairs { false, "soon", "-5", "Thu, 01 Jan 1970 00:00:10 GMT" } do
        assert.is_nil(after(value), tostring(value))
      end
    end)
  end)
end)

describe("missing_ok", function()
  it("makes a success of an avatar that is not there", function()
    service:plan("avatar", {})
    local body, meta = call { missing_ok = true }
    assert.same({ error = { code = "internal_error", message = "photo avatar not found" } }, body)
    assert.same({ "absent", 404 }, { meta.outcome, meta.status })
  end)

  it("makes none of a page of a gateway", function()
    answer(404, "<html></html>")
    assert.equal("retired", failure({ missing_ok = true }).kind)
  end)

  it("when false changes nothing", function()
    service:plan("avatar", {})
    assert.equal("not_found", failure({ missing_ok = false }).kind)
  end)
end)

describe("maybe_sent", function()
  it("takes a missing avatar for deleted, with missing_ok too", function()
    service:plan("avatar", {})
    for _, missing_ok in ipairs { false, true } do
      local _, meta = call { maybe_sent = true, missing_ok = missing_ok }
      assert.same({ "presumed_deleted", 404 }, { meta.outcome, meta.status })
    end
  end)

  it("leaves a success what it is", function()
    answer(204)
    assert.equal("deleted", select(2, call { maybe_sent = true }).outcome)
  end)

  it("leaves every failure in doubt", function()
    answer(403, '{"code":400562,"message":"forbidden"}')
    local err = failure({ maybe_sent = true })
    assert.same({ "forbidden", "unknown" }, { err.kind, err.outcome })
  end)

  it("leaves also those in doubt that send nothing", function()
    local before = service:deletes()
    local closed = calls.client(service)
    closed:close()
    local errors = {
      calls.raised(client.delete_photo_avatar, client, "", { maybe_sent = true }),
      calls.raised(client.delete_photo_avatar, client, "avatar", { maybe_sent = true, timeout = -1 }),
      calls.raised(closed.delete_photo_avatar, closed, "avatar", { maybe_sent = true }),
      calls.raised(heygen.delete_photo_avatar, nil, "avatar", { maybe_sent = true }),
    }
    assert.equal(4, #errors)
    for _, err in ipairs(errors) do assert.equal("unknown", err.outcome, tostring(err)) end
    assert.equal(before, service:deletes())
  end)
end)

describe("deprecation", function()
  local SUNSET = "Sat, 31 Oct 2026 00:00:00 GMT"
  local WARNING = '"warning":{"message":"v2 ends","v3_endpoint":"DELETE /v3","sunset_date":"2026-10-31"}'

  local function deprecation(body, headers)
    answer(200, body, headers)
    return select(2, call()).deprecation
  end

  it("is absent without a word of it", function()
    assert.is_nil(deprecation('{"code":100,"warning":null}'))
  end)

  it("comes from headers", function()
    assert.same({ sunset = SUNSET }, deprecation('{"code":100}', { deprecation = "true", sunset = SUNSET }))
    assert.same({}, deprecation('{"code":100}', { deprecation = "true" }))
    assert.same({ sunset = SUNSET }, deprecation('{"code":100}', { sunset = SUNSET }))
  end)

  it("comes from the member warning", function()
    assert.same({ message = "v2 ends", replacement = "DELETE /v3", sunset = "2026-10-31" },
      deprecation('{"code":100,' .. WARNING .. "}"))
    assert.same({ message = "v2 ends" }, deprecation('{"code":100,"warning":"v2 ends"}'))
    assert.same({}, deprecation('{"code":100,"warning":{}}'))
  end)

  it("comes from both, where the header's date is the one to go by", function()
    assert.same({ message = "v2 ends", replacement = "DELETE /v3", sunset = SUNSET },
      deprecation('{"code":100,' .. WARNING .. "}", { deprecation = "true", sunset = SUNSET }))
  end)

  it("shows no key, however short that is", function()
    local keyed <close> = server.start { keys = { "k7" } }
    local body = [[{"code":100,"warning":{"message":"to k7","v3_endpoint":"/k7","sunset_date":"k7, 2026"}}]]
    keyed:plan("avatar", { always = { { status = 200, body = body } } })
    local other <close> = calls.client(keyed, { api_key = "k7" })
    assert.same({ message = "to **", replacement = "/**", sunset = "**, 2026" },
      select(2, other:delete_photo_avatar("avatar")).deprecation)
    local script = 'require "heygen".delete_photo_avatar("k7", "avatar", { base_url = (...), api_version = "v2" })'
    local result = calls.run_script(script, { keyed.url }, { warnings = true })
    assert.matches("to **", result.stderr, 1, true)
    assert.not_matches("k7", result.stderr)
  end)

  it("leaves the member in the body", function()
    answer(200, '{"code":100,' .. WARNING .. "}")
    assert.equal("v2 ends", call().warning.message)
  end)

  describe("is warned of", function()
    -- Ids whose calls are made one after the other, by as many clients as there are lists.
    local SCRIPT = [[
      local heygen = require "heygen"
      local url = ...
      for list in select(2, ...):gmatch("%S+") do
        local client <close> = heygen.new { api_key = "test-key", base_url = url, api_version = "v2" }
        for id in list:gmatch("%a+") do pcall(client.delete_photo_avatar, client, id) end
      end
    ]]

    local function warnings(lists, silent)
      local result = calls.run_script(SCRIPT, { service.url, lists }, { warnings = not silent })
      assert.equal(0, result.status, result.stderr)
      local lines = {}
      for line in result.stderr:gmatch("[^\n]*\n") do lines[#lines + 1] = line end
      return lines
    end

    setup(function()
      local headers = { deprecation = "true", sunset = SUNSET }
      service:plan("old", { always = { { status = 200, body = '{"code":100,' .. WARNING .. "}", headers = headers } } })
      service:plan("gone", { always = { { status = 404, body = "{}", headers = headers } } })
      service:plan("new", { always = { { status = 204 } } })
      service:plan("odd", { always = { { status = 200, body = [[{"code":100,"warning":"a\nb\u001b[1m\r"}]] } } })
    end)

    it("once per client, at the first answer that speaks of it", function()
      local lines = warnings("new,old,old,gone new,old new")
      assert.equal(2, #lines, table.concat(lines))
      assert.equal(lines[1], lines[2])
      for _, word in ipairs { "heygen: ", "v2", SUNSET, "DELETE /v3", "v2 ends" } do
        assert.matches(word, lines[1], 1, true)
      end
    end)

    it("with an error, too", function()
      assert.equal(1, #warnings("gone"))
    end)

    it("on one line, whatever it holds", function()
      local lines = warnings("odd")
      assert.equal(1, #lines)
      assert.not_matches("%c", (lines[1]:gsub("\n$", "")))
    end)

    it("through warn, which the host may have off", function()
      assert.same({}, warnings("old", true))
    end)
  end)
end)
