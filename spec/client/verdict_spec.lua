local probe = require "heygen_probe"
local verdicts = require "spec.support.verdicts"

local SUCCESS, NOT_FOUND, UNKNOWN_CODE = verdicts.SUCCESS, verdicts.NOT_FOUND, verdicts.UNKNOWN_CODE
local judge, with, answer = verdicts.judge, verdicts.with, verdicts.answer
local summary, assert_judged = verdicts.summary, verdicts.assert_judged

describe("the verdict: no complete response", function()
  -- By libcurl's numbers of its results.
  local HANDSHAKE = { [35] = "SSL_CONNECT_ERROR", [53] = "SSL_ENGINE_NOTFOUND", [54] = "SSL_ENGINE_SETFAILED",
    [59] = "SSL_CIPHER", [64] = "USE_SSL_FAILED", [66] = "SSL_ENGINE_INITFAILED", [80] = "SSL_SHUTDOWN_FAILED",
    [101] = "ECH_REQUIRED" }
  local CERTIFICATE = { [58] = "SSL_CERTPROBLEM", [60] = "PEER_FAILED_VERIFICATION", [77] = "SSL_CACERT_BADFILE",
    [82] = "SSL_CRL_BADFILE", [83] = "SSL_ISSUER_ERROR", [90] = "SSL_PINNEDPUBKEYNOTMATCH",
    [91] = "SSL_INVALIDCERTSTATUS" }
  local CONNECTION = { [5] = "COULDNT_RESOLVE_PROXY", [6] = "COULDNT_RESOLVE_HOST", [7] = "COULDNT_CONNECT",
    [42] = "ABORTED_BY_CALLBACK", [52] = "GOT_NOTHING", [55] = "SEND_ERROR", [56] = "RECV_ERROR", [97] = "PROXY" }
  local RESOURCES = { [2] = "FAILED_INIT", [27] = "OUT_OF_MEMORY", [99] = "UNRECOVERABLE_POLL", [100] = "TOO_LARGE" }
  local PARTIAL_FILE, WRITE_ERROR, OUT_OF_MEMORY, OPERATION_TIMEDOUT, RECV_ERROR = 18, 23, 27, 28, 56
  local SSL_CLIENTCERT, LAST_RESULT = 98, 102

  local function kind_of(result, sent)
    if result == OPERATION_TIMEDOUT then return "timeout" end
    if HANDSHAKE[result] or CERTIFICATE[result] then return "tls" end
    if CONNECTION[result] then return "connection" end
    if RESOURCES[result] then return "resources" end
    return sent and "protocol" or "connection"
  end

  it("has its kind from libcurl's result; sent is doubt, not sent is none; certificates alone are final", function()
    for result = 1, LAST_RESULT do
      local retry = CERTIFICATE[result] and "" or " retry"
      if result ~= SSL_CLIENTCERT then
        assert_judged(kind_of(result, false) .. " not_deleted" .. retry, { result = result })
        assert_judged(kind_of(result, true) .. " unknown in_doubt" .. retry, { result = result, sent = true })
      end
    end
  end)

  it("is a certificate's failure too where the server asks for one of ours", function()
    assert_judged("tls not_deleted", { result = SSL_CLIENTCERT })
    assert_judged("tls unknown in_doubt", { result = SSL_CLIENTCERT, sent = true })
  end)

  it("is an answer without the blank line after its final status line, though libcurl says it is fine", function()
    for _, status in ipairs { 0, 103, 200, 204, 302, 401, 404, 429, 500 } do
      assert_judged("protocol unknown in_doubt retry", { sent = true, received = true, status = status })
      assert_judged("protocol unknown in_doubt retry",
        { sent = true, received = true, status = status, body = SUCCESS })
    end
  end)

  it("is an answer whose body is cut, whatever its status and body say", function()
    for _, status in ipairs { 200, 204, 302, 400, 404, 429, 500 } do
      for _, body in ipairs { SUCCESS, NOT_FOUND } do
        assert_judged("protocol unknown in_doubt retry", answer(status, body, { result = PARTIAL_FILE }))
        assert_judged("timeout unknown in_doubt retry", answer(status, body, { result = OPERATION_TIMEDOUT }))
      end
    end
  end)

  it("is an oversized answer, whose hint names the option", function()
    local facts = answer(200, nil, { result = WRITE_ERROR, oversized = true })
    assert_judged("protocol unknown in_doubt retry", facts)
    assert.matches("larger", judge(facts).message)
    assert.matches("max_response_bytes", judge(facts).hint)
  end)

  it("is headers that are too large, where that option can't help", function()
    local facts = { result = WRITE_ERROR, sent = true, received = true, oversized = true, status = 200 }
    assert_judged("protocol unknown in_doubt retry", facts)
    assert.matches("larger", judge(facts).message)
    assert.matches("maybe_sent", judge(facts).hint)
  end)

  it("is memory or a descriptor that is lacking here", function()
    assert_judged("resources not_deleted retry", { result = 7, no_descriptor = true })
    assert_judged("resources unknown in_doubt retry", answer(200, nil, { result = WRITE_ERROR, no_memory = true }))
    assert_judged("resources unknown in_doubt retry", answer(200, nil, { no_memory = true }))
    assert_judged("resources unknown in_doubt retry", { result = OUT_OF_MEMORY, sent = true })
  end)

  it("is not what another address of the host made up for", function()
    assert_judged("success deleted", answer(200, SUCCESS, { no_descriptor = true }))
    assert_judged("not_found absent", answer(404, NOT_FOUND, { no_descriptor = true }))
  end)

  it("tells the peer's fault from ours, where libcurl has one result for both", function()
    assert_judged("protocol unknown in_doubt retry", { result = OUT_OF_MEMORY, sent = true, received = true })
    assert_judged("protocol unknown in_doubt retry", answer(200, nil, { result = RECV_ERROR }))
    assert_judged("connection unknown in_doubt retry", answer(200, nil, { result = RECV_ERROR, os_error = 104 }))
    assert_judged("connection unknown in_doubt retry",
      { result = RECV_ERROR, sent = true, received = true, status = 200 })
  end)

  it("says in its message what is known of the request", function()
    assert.matches("not sent", judge({ result = 7 }).message)
    assert.matches("may have been sent", judge({ result = 52, sent = true }).message)
    assert.matches("cut off", judge({ result = 18, sent = true, received = true }).message)
  end)
end)

describe("the verdict on the call", function()
  -- One attempt for each kind, as judged without doubt before it.
  local ATTEMPTS = {
    { "connection not_deleted retry", { result = 7 } },
    { "connection unknown in_doubt retry", { result = 52, sent = true } },
    { "tls not_deleted", { result = 60 } },
    { "tls unknown in_doubt retry", { result = 35, sent = true } },
    { "timeout not_deleted retry", { result = 28 } },
    { "timeout unknown in_doubt retry", answer(408) },
    { "resources not_deleted retry", { result = 27 } },
    { "protocol unknown in_doubt", answer(200, "[]") },
    { "redirect unknown in_doubt", answer(303) },
    { "redirect not_deleted", answer(302) },
    { "unauthorized not_deleted", answer(401) },
    { "forbidden not_deleted", answer(403) },
    { "retired not_deleted", answer(404) },
    { "retired not_deleted", answer(410) },
    { "conflict not_deleted", answer(409) },
    { "conflict not_deleted retry", answer(409, '{"error":{"code":"conflict"}}') },
    { "rate_limited not_deleted retry", answer(429) },
    { "quota_exceeded not_deleted", answer(429, '{"error":{"code":"trial_limit_exceeded"}}') },
    { "rejected not_deleted", answer(400) },
    { "rejected unknown in_doubt", answer(200, UNKNOWN_CODE) },
    { "server unknown in_doubt retry", answer(503) },
  }

  it("has tried every kind that an attempt can have", function()
    local seen = { not_found = true, invalid_argument = true, misuse = true, cancelled = true, interrupted = true }
    for _, attempt in ipairs(ATTEMPTS) do seen[attempt[1]:match("^%S+")] = true end
    for _, kind in ipairs(probe.kinds) do assert.is_true(seen[kind], kind) end
  end)

  it("is that on the attempt where the call is not in doubt, missing_ok or not", function()
    for _, attempt in ipairs(ATTEMPTS) do
      assert_judged(attempt[1], attempt[2])
      assert_judged(attempt[1], with(attempt[2], { missing_ok = true }))
    end
  end)

  it("is unknown for every failure in doubt, missing_ok or not", function()
    for _, attempt in ipairs(ATTEMPTS) do
      local kind, retry = attempt[1]:match("^%S+"), attempt[1]:match(" retry$") or ""
      for _, missing_ok in ipairs { false, true } do
        assert_judged(kind .. " unknown in_doubt" .. retry,
          with(attempt[2], { in_doubt = true, missing_ok = missing_ok }))
      end
    end
  end)

  it("of a success is deleted, in doubt or not", function()
    for _, facts in ipairs { answer(200, SUCCESS), answer(204), answer(200, '{"data":{"id":"my-avatar"}}') } do
      for _, missing_ok in ipairs { false, true } do
        assert_judged("success deleted", with(facts, { missing_ok = missing_ok }))
        assert_judged("success deleted in_doubt", with(facts, { missing_ok = missing_ok, in_doubt = true }))
      end
    end
  end)

  it("of a not found is an error, absent with missing_ok, presumed_deleted in doubt", function()
    for _, facts in ipairs { answer(404, NOT_FOUND), answer(200, NOT_FOUND), answer(400, '{"code":400174}') } do
      assert_judged("not_found absent", facts)
      assert_judged("success absent", with(facts, { missing_ok = true }))
      assert_judged("success presumed_deleted in_doubt", with(facts, { in_doubt = true }))
      assert_judged("success presumed_deleted in_doubt", with(facts, { in_doubt = true, missing_ok = true }))
    end
  end)

  it("that this side ends is unknown once sent or in doubt, and never tried again", function()
    for _, kind in ipairs(probe.kinds) do
      if kind ~= "not_found" then
        for _, sent in ipairs { false, true } do
          for _, in_doubt in ipairs { false, true } do
            local verdict = probe.abandon(kind, sent, in_doubt)
            local unknown = sent or in_doubt
            assert.equal(kind .. (unknown and " unknown in_doubt" or " not_deleted"), summary(verdict))
            assert.is_string(verdict.message)
            assert.equal(unknown, verdict.hint ~= nil)
          end
        end
      end
    end
  end)

  it("names the kinds and outcomes of the contract", function()
    local kinds = "invalid_argument misuse resources connection tls timeout protocol redirect unauthorized forbidden "
      .. "not_found retired conflict rate_limited quota_exceeded rejected server cancelled interrupted"
    assert.equal(kinds, table.concat(probe.kinds, " "))
    assert.equal("deleted presumed_deleted absent not_deleted unknown", table.concat(probe.outcomes, " "))
  end)
end)

describe("the verdict's hint", function()
  local function hint(facts, version)
    return judge(with(facts, { api_version = version })).hint
  end

  it("on a not found under v2 names groups, under v3 it does not", function()
    assert.matches("group", hint(answer(404, NOT_FOUND), "v2"))
    assert.not_matches("group", hint(answer(404, NOT_FOUND), "v3"))
  end)

  it("on a retired route names what to check, and to a user of v2 also v3", function()
    for _, facts in ipairs { answer(404), answer(405), answer(410) } do
      for _, version in ipairs { "v2", "v3" } do
        assert.matches("base_url", hint(facts, version))
        assert.matches("api_version", hint(facts, version))
      end
      assert.matches("v3", hint(facts, "v2"))
      assert.not_matches("v3", hint(facts, "v3"))
    end
  end)

  it("is there for every unknown outcome, and says how to find out", function()
    local doubtful = { { result = 28, sent = true }, answer(500), answer(200, "[]"), answer(200, UNKNOWN_CODE) }
    for _, facts in ipairs(doubtful) do
      assert.matches("maybe_sent", hint(facts, "v2"))
    end
    for status = 300, 599 do assert.is_string(hint(answer(status, nil, { in_doubt = true }), "v3")) end
  end)

  it("on a refusal by v2 names the option for v3, by v3 it does not", function()
    for _, facts in ipairs { answer(400), answer(400, UNKNOWN_CODE), answer(404, UNKNOWN_CODE), answer(403),
      answer(200, UNKNOWN_CODE), answer(400, nil, { in_doubt = true }) } do
      assert.matches('api_version = "v3"', hint(facts, "v2"), 1, true)
      assert.not_matches("api_version", hint(facts, "v3") or "", 1, true)
    end
  end)

  it("is not there for a success", function()
    assert.is_nil(hint(answer(200, SUCCESS), "v2"))
    assert.is_nil(hint(answer(404, NOT_FOUND, { missing_ok = true }), "v2"))
    assert.is_nil(hint(answer(404, NOT_FOUND, { in_doubt = true }), "v2"))
  end)
end)

describe("what concerns all ids", function()
  local SSL_CONNECT_ERROR, PEER_FAILED_VERIFICATION, RECV_ERROR = 35, 60, 56

  it("is a certificate that fails, and no other failure of a handshake", function()
    local failed = judge { result = PEER_FAILED_VERIFICATION }
    assert.same({ "tls", false, true }, { failed.kind, failed.retry, failed.concerns_all })
    local broken = judge { result = SSL_CONNECT_ERROR }
    assert.same({ "tls", true, false }, { broken.kind, broken.retry, broken.concerns_all })
  end)

  it("is a proxy that refuses the log-in, which is not asked again", function()
    local refused = judge { result = RECV_ERROR, proxy_refused = true }
    assert.same({ "connection", "not_deleted", false, true },
      { refused.kind, refused.outcome, refused.retry, refused.concerns_all })
    assert.matches("proxy", refused.hint)
    local failed = judge { result = RECV_ERROR }
    assert.same({ "connection", true, false }, { failed.kind, failed.retry, failed.concerns_all })
    local answered = judge(answer(407, nil, { proxy_refused = true }))
    assert.same({ "rejected", false, true }, { answered.kind, answered.retry, answered.concerns_all })
  end)
end)
