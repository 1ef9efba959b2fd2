-- The rules for complete answers, by their statuses. What bodies say is in the spec of answer.

local verdicts = require "spec.support.verdicts"

local CODES = verdicts.CODES
local SUCCESS, NOT_FOUND, UNKNOWN_CODE = verdicts.SUCCESS, verdicts.NOT_FOUND, verdicts.UNKNOWN_CODE
local judge, with, answer, refusal = verdicts.judge, verdicts.with, verdicts.answer, verdicts.refusal
local summary, assert_judged, assert_all = verdicts.summary, verdicts.assert_judged, verdicts.assert_all
local bodies_with_code = verdicts.bodies_with_code

describe("the verdict: 2xx", function()
  it("204 is deleted, with and without a body", function()
    assert_judged("success deleted", answer(204))
    assert_judged("success deleted", answer(204, NOT_FOUND))
    assert_judged("success deleted", answer(204, "[]"))
  end)

  it("202 promises nothing, whatever it says", function()
    for _, body in ipairs { SUCCESS, NOT_FOUND, UNKNOWN_CODE, "[]" } do
      assert_judged("protocol unknown in_doubt", answer(202, body))
    end
    assert_judged("protocol unknown in_doubt", answer(202))
  end)

  it("with a listed code that refuses is of its kind, and not deleted; with one of the server's doubt", function()
    for _, row in ipairs(CODES) do assert_all(refusal(row[2]), bodies_with_code(row[1])) end
  end)
end)

describe("the verdict: a status that decides alone", function()
  local PASSING = { [500] = true, [502] = true, [503] = true, [504] = true, [520] = true, [521] = true, [522] = true,
    [523] = true, [524] = true, [529] = true, [530] = true }
  local ELSEWHERE = { [301] = true, [302] = true, [307] = true, [308] = true }

  local function expected(status)
    if status == 408 then return "timeout unknown in_doubt retry" end
    if ELSEWHERE[status] then return "redirect not_deleted" end
    if status >= 300 and status < 400 then return "redirect unknown in_doubt" end
    if PASSING[status] then return "server unknown in_doubt retry" end
    if status >= 500 and status < 600 then return "server unknown in_doubt" end
    return "protocol unknown in_doubt"
  end

  it("is of its class's kind, whatever the body says", function()
    local bodies = { SUCCESS, NOT_FOUND, UNKNOWN_CODE, '{"code":400123}', '{"error":{"code":"quota_exceeded"}}',
      '{"code":400144}', '{"error":{"message":"forbidden"}}', "[]" }
    for status = 0, 999 do
      local decides = status >= 200 and status < 300 or status >= 400 and status < 500 and status ~= 408
      if not decides then
        assert_judged(expected(status), answer(status))
        for _, body in ipairs(bodies) do assert_judged(expected(status), answer(status, body)) end
      end
    end
  end)
end)

describe("the verdict: 401, 402, 403, 409, 410 and 429", function()
  local DECIDING = { [401] = "unauthorized", [402] = "quota_exceeded", [403] = "forbidden", [409] = "conflict",
    [410] = "retired", [429] = "rate_limited" }
  local EXACT = { unauthorized = true, quota_exceeded = true, forbidden = true, conflict = true, rate_limited = true }
  local MORE_EXACT = { [401] = EXACT, [402] = EXACT, [403] = EXACT, [409] = EXACT, [410] = { not_found = true },
    [429] = { quota_exceeded = true } }

  local function own(status)
    return DECIDING[status] .. " not_deleted" .. (status == 429 and " retry" or "")
  end

  it("are of their own kinds, whatever their messages and other codes say", function()
    for status in pairs(DECIDING) do
      assert_judged(own(status), answer(status))
      for _, body in ipairs { SUCCESS, NOT_FOUND, UNKNOWN_CODE, "[]", "{}", '{"message":"avatar not found"}',
        '{"error":{"code":"internal_error","message":"avatar not found"}}', '{"error":{"message":"forbidden"}}',
        '{"error":"Unauthorized","data":null}', '{"error":{"code":"not_found","message":"look my-avatar not found"}}',
        '{"error":{"code":"resource_not_found"}}', '{"message":"token rejected: avatar not found for this session"}',
        '{"error":{"code":"gone"}}', '{"error":{"code":"retired"}}' } do
        assert_judged(own(status), answer(status, body))
      end
    end
  end)

  it("are of a listed code's kind only where that agrees with them", function()
    for status in pairs(DECIDING) do
      for _, row in ipairs(CODES) do
        local expected = MORE_EXACT[status][row[2]] and refusal(row[2]) or own(status)
        for _, body in ipairs(bodies_with_code(row[1])) do assert_judged(expected, answer(status, body)) end
      end
    end
  end)

  it("are waited out where a code says which conflict it is", function()
    assert_judged("conflict not_deleted", answer(409))
    assert_judged("conflict not_deleted", answer(409, '{"error":{"code":"strange"}}'))
    for _, code in ipairs { "request_in_progress", "resource_not_ready", "conflict" } do
      assert_judged("conflict not_deleted retry", answer(409, ('{"error":{"code":"%s"}}'):format(code)))
    end
  end)
end)

describe("the verdict: another 4xx", function()
  local OTHERS = {}
  for status = 400, 499 do
    local decides = ({ [401] = 1, [402] = 1, [403] = 1, [408] = 1, [409] = 1, [410] = 1, [429] = 1 })[status]
    if not decides then OTHERS[#OTHERS + 1] = status end
  end

  local function bare(status)
    return (status == 404 or status == 405) and "retired not_deleted" or "rejected not_deleted"
  end

  it("is of a listed code's kind; but internal_error says nothing", function()
    for _, status in ipairs(OTHERS) do
      for _, row in ipairs(CODES) do
        local expected = row[1] == "internal_error" and "rejected not_deleted" or refusal(row[2])
        for _, body in ipairs(bodies_with_code(row[1])) do assert_judged(expected, answer(status, body)) end
      end
    end
  end)

  it("is of the first listed code's kind, and internal_error gives way to another", function()
    for _, status in ipairs(OTHERS) do
      assert_judged("forbidden not_deleted", answer(status, '{"code":400562,"message":"avatar not found"}'))
      assert_judged("not_found absent", answer(status, '{"error":{"code":"avatar_not_found","message":"forbidden"}}'))
      assert_judged("not_found absent", answer(status, '{"code":400144,"error":{"code":"internal_error"}}'))
      assert_judged("not_found absent", answer(status, '{"code":400144,"error":{"code":"strange"}}'))
      assert_judged("forbidden not_deleted", answer(status, '{"code":400144,"error":{"code":"forbidden"}}'))
    end
  end)

  it("is of a known message's kind in the service's envelope alone", function()
    for _, status in ipairs(OTHERS) do
      assert_judged("not_found absent", answer(status, NOT_FOUND))
      assert_judged("not_found absent", answer(status, '{"code":7123,"message":"avatar not found"}'))
      assert_judged("forbidden not_deleted", answer(status, '{"code":100,"message":"forbidden"}'))
      assert_judged("unauthorized not_deleted", answer(status, '{"error":{"message":"Unauthorized."}}'))
      for _, body in ipairs { '{"message":"avatar not found"}', '{"message":"forbidden"}', '"avatar not found"',
        '{"error":"avatar not found"}', '{"error":{"code":404,"message":"avatar not found"}}', "[]" } do
        assert_judged(bare(status), answer(status, body))
      end
    end
  end)

  it("is rejected otherwise; but a 404 or 405 without the service's envelope is retired", function()
    for _, status in ipairs(OTHERS) do
      for _, body in ipairs { SUCCESS, UNKNOWN_CODE, '{"error":{"code":"not_found","message":"Not found"}}',
        '{"error":{"code":"resource_not_found","message":"x"}}', '{"error":{"code":"voice_not_found"}}',
        '{"error":{"code":"internal_error","message":"background for avatar not found"}}' } do
        assert_judged("rejected not_deleted", answer(status, body))
      end
      assert_judged(bare(status), answer(status))
      for _, body in ipairs { "{}", "[]", '{"message":"x"}', '{"code":404,"message":"x"}' } do
        assert_judged(bare(status), answer(status, body))
      end
    end
  end)

  it("whose body can't be read is nobody's, where the status may be the route's", function()
    for _, status in ipairs(OTHERS) do
      local expected = (status == 404 or status == 405) and "protocol not_deleted" or "rejected not_deleted"
      assert_judged(expected, answer(status, nil, { unreadable = true }))
    end
    assert_judged("retired not_deleted", answer(410, nil, { unreadable = true }))
  end)
end)

describe("the verdict: a 400 that may be the answer to nothing", function()
  local REUSED = { reused = true }

  it("is one without an envelope on a connection that was open before", function()
    for _, body in ipairs { false, "{}", "[]", '{"message":"Bad Request"}', '{"code":400,"message":"x"}' } do
      local facts = answer(400, body or nil)
      assert_judged("rejected not_deleted", facts)
      assert_judged("rejected unknown in_doubt retry", with(facts, REUSED))
      assert.is_true(judge(with(facts, REUSED)).surplus_400)
      assert.is_true(judge(with(facts, REUSED)).spoils_connection)
      assert.is_false(judge(facts).spoils_connection)
    end
  end)

  it("is none in the service's envelope, and of no other status", function()
    for _, body in ipairs { UNKNOWN_CODE, '{"error":{"code":"invalid_parameter"}}', '{"error":{"message":"x"}}' } do
      assert_judged("rejected not_deleted", answer(400, body, REUSED))
      assert.is_false(judge(answer(400, body, REUSED)).spoils_connection)
    end
    for status = 401, 499 do
      local alone, again = judge(answer(status)), judge(answer(status, nil, REUSED))
      assert.equal(summary(alone), summary(again))
      assert.is_false(again.surplus_400)
    end
  end)

  local function after(facts, more)
    return judge(with(facts, with({ in_doubt = true, surplus_400 = true }, more)))
  end

  it("was an answer after all where a new connection brings a 400 too", function()
    assert.equal("rejected not_deleted", summary(after(answer(400))))
    assert.equal("rejected not_deleted", summary(after(answer(400, UNKNOWN_CODE))))
    assert.equal("not_found absent", summary(after(answer(400, NOT_FOUND))))
    assert.equal("success absent", summary(after(answer(400, NOT_FOUND, { missing_ok = true }))))
  end)

  it("stays in doubt after any other answer, and on another connection that was open", function()
    assert.equal("rejected unknown in_doubt retry", summary(after(answer(400, nil, REUSED))))
    assert.equal("rejected unknown in_doubt", summary(after(answer(400, UNKNOWN_CODE, REUSED))))
    assert.equal("success presumed_deleted in_doubt", summary(after(answer(404, NOT_FOUND))))
    assert.equal("success deleted in_doubt", summary(after(answer(200, SUCCESS))))
    assert.equal("rate_limited unknown in_doubt retry", summary(after(answer(429))))
    assert.equal("connection unknown in_doubt retry", summary(after { result = 7 }))
    assert.equal("protocol unknown in_doubt retry", summary(after { result = 18, sent = true, status = 400 }))
  end)

  it("can still turn out to be one later, unless there is another doubt by then", function()
    for _, facts in ipairs { answer(429), { result = 7 }, answer(400, nil, REUSED), answer(404) } do
      assert.is_true(after(facts).surplus_400)
    end
    for _, facts in ipairs { answer(500), { result = 52, sent = true }, answer(200, "[]"), answer(400) } do
      assert.is_false(after(facts).surplus_400)
    end
    assert.is_false(judge(answer(400, nil, with(REUSED, { in_doubt = true }))).surplus_400)
    assert.equal("rejected unknown in_doubt", summary(judge(answer(400, nil, { in_doubt = true }))))
  end)
end)

describe("the verdict says of an answer", function()
  local function assert_says(name, expected, list)
    for _, facts in ipairs(list) do
      local case = ("%s: status %s, result %s, body %s"):format(name, facts.status, facts.result, facts.body)
      -- Whatever is known of the call, and whatever it asks for.
      for _, more in ipairs { {}, { in_doubt = true }, { missing_ok = true }, { api_version = "v3" } } do
        assert.equal(expected, judge(with(facts, more))[name], case)
      end
    end
  end

  local ENVELOPE = '{"error":{"code":"strange","message":"x"}}'
  local CUT = { result = 18, sent = true, received = true }

  it("that it is about the route", function()
    local list = { answer(301), answer(302), answer(307), answer(308, SUCCESS), answer(410), answer(410, ENVELOPE),
      answer(410, '{"error":{"code":"quota_exceeded"}}'),
      answer(410, '{"error":{"code":"gone","message":"v2 was removed"}}') }
    for _, status in ipairs { 404, 405 } do
      for _, body in ipairs { false, "{}", "[]", ENVELOPE, '{"message":"avatar not found"}', '{"code":404}',
        '{"error":{"code":"internal_error","message":"workspace is closed"}}',
        '{"error":{"code":"not_found","message":"Not found"}}' } do
        list[#list + 1] = answer(status, body or nil)
      end
      list[#list + 1] = answer(status, nil, { unreadable = true })
    end
    assert_says("about_route", true, list)
  end)

  it("that it is not about the route", function()
    assert_says("about_route", false, {
      answer(200, SUCCESS), answer(204), answer(202), answer(200, "[]"), answer(300), answer(303), answer(304),
      answer(400), answer(401), answer(402), answer(403), answer(406), answer(408), answer(409), answer(429),
      answer(500), answer(404, NOT_FOUND), answer(404, '{"code":400144}'),
      answer(404, '{"error":{"code":"invalid_parameter"}}'), answer(404, '{"error":{"code":"forbidden"}}'),
      answer(404, '{"error":{"message":"forbidden"}}'), answer(405, '{"code":40001}'),
      answer(410, '{"error":{"code":"avatar_not_found"}}'), answer(404, nil, CUT), answer(301, nil, CUT),
      { result = 7 }, { sent = true, received = true, status = 404 },
    })
  end)

  it("that the service itself gave it", function()
    assert_says("from_service", true, {
      answer(204), answer(200, SUCCESS), answer(200, '{"data":{"id":"my-avatar"}}'), answer(200, ENVELOPE),
      answer(200, '{"code":100,"success":false}'), answer(202, SUCCESS), answer(404, NOT_FOUND),
      answer(404, '{"code":400144}'), answer(400, ENVELOPE), answer(409, ENVELOPE), answer(429, ENVELOPE),
      answer(402, '{"code":400664}'), answer(410, '{"error":{"code":"avatar_not_found"}}'),
      answer(422, '{"error":{"code":"service_unavailable"}}'), answer(404, '{"error":{"code":"invalid_parameter"}}'),
      answer(408, ENVELOPE),
    })
  end)

  it("that anyone may have given it", function()
    assert_says("from_service", false, {
      answer(200), answer(200, "[]"), answer(200, '{"data":null}'), answer(200, '{"data":{"id":"another"}}'),
      answer(404, ENVELOPE), answer(405, ENVELOPE), answer(410, ENVELOPE), answer(404), answer(410),
      answer(302, SUCCESS), answer(401, ENVELOPE), answer(403, ENVELOPE),
      answer(403, '{"error":{"code":"quota_exceeded"}}'), answer(400), answer(429), answer(409), answer(500, ENVELOPE),
      answer(503, SUCCESS), answer(600, SUCCESS), { result = 7 }, answer(204, nil, CUT), answer(404, NOT_FOUND, CUT),
    })
  end)

  it("that it says nothing of its id", function()
    assert_says("says_nothing", true, {
      { result = 7 }, { result = 52, sent = true }, { result = 35 }, answer(200, SUCCESS, CUT), answer(500),
      answer(503, NOT_FOUND), answer(521), answer(599), answer(600), answer(408), answer(408, ENVELOPE), answer(200),
      answer(200, "[]"), answer(202), answer(202, SUCCESS), answer(200, '{"code":100,"success":false}'), answer(400),
      answer(403), answer(404), answer(429), answer(404, nil, { unreadable = true }), answer(409, '{"message":"x"}'),
      answer(101),
    })
  end)

  it("that it says something of its id", function()
    assert_says("says_nothing", false, {
      answer(204), answer(200, SUCCESS), answer(200, NOT_FOUND), answer(200, ENVELOPE), answer(400, ENVELOPE),
      answer(403, ENVELOPE), answer(404, NOT_FOUND), answer(404, ENVELOPE), answer(429, ENVELOPE), answer(302),
      answer(303), answer(410, '{"error":{"code":"avatar_not_found"}}'),
    })
  end)
end)
