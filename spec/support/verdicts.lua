--- What the specs of the verdict share: the service's codes and messages, and an attempt's facts judged in one line.

local probe = require "heygen_probe"
local assert = require "luassert"

local verdicts = {}

-- What the service's codes mean.
verdicts.CODES = {
  { 40009, "unauthorized" }, { 40102, "unauthorized" }, { 400101, "unauthorized" },
  { 400112, "unauthorized" }, { 401056, "unauthorized" }, { 401057, "unauthorized" },
  { 400561, "forbidden" }, { 400562, "forbidden" }, { 400573, "forbidden" },
  { 400599, "forbidden" }, { 400631, "forbidden" }, { 400685, "forbidden" },
  { 400144, "not_found" }, { 400174, "not_found" },
  { 400123, "rate_limited" },
  { 400664, "quota_exceeded" }, { 900001, "quota_exceeded" }, { 401028, "quota_exceeded" },
  { 40001, "rejected" }, { 40012, "rejected" }, { 400175, "rejected" },
  { "unauthorized", "unauthorized" },
  { "forbidden", "forbidden" }, { "insufficient_api_key_scope", "forbidden" },
  { "resource_access_denied", "forbidden" }, { "phone_verification_required", "forbidden" },
  { "avatar_not_found", "not_found" }, { "avatar_look_not_found", "not_found" },
  { "look_not_found", "not_found" }, { "photo_avatar_not_found", "not_found" },
  { "rate_limit_exceeded", "rate_limited" },
  { "quota_exceeded", "quota_exceeded" }, { "insufficient_credit", "quota_exceeded" },
  { "trial_limit_exceeded", "quota_exceeded" }, { "trial_video_limit_exceeded", "quota_exceeded" },
  { "subscription_required", "quota_exceeded" }, { "plan_upgrade_required", "quota_exceeded" },
  { "request_in_progress", "conflict" }, { "resource_not_ready", "conflict" },
  { "conflict", "conflict" },
  { "invalid_parameter", "rejected" },
  { "internal_error", "server" }, { "service_unavailable", "server" }, { "gateway_timeout", "server" },
}

-- Where a message and a code can stand; %s is the JSON value.
verdicts.MESSAGE_PLACES = { '{"message":%s}', '{"msg":%s}', '{"error":{"message":%s}}', '{"error":%s}' }
verdicts.CODE_PLACES = { '{"code":%s}', '{"error":{"code":%s}}', '{"code":%s,"message":null,"data":null}' }

verdicts.SUCCESS = '{"code":100,"data":null,"msg":null,"message":null}'
verdicts.NOT_FOUND = '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}'
verdicts.UNKNOWN_CODE = '{"code":7123,"message":"strange"}'

-- The statuses under which the body alone decides. 204 is deleted, 202 promises nothing: both have rules of their own.
verdicts.BODY_DECIDES = {}
for status = 200, 299 do
  if status ~= 202 and status ~= 204 then verdicts.BODY_DECIDES[#verdicts.BODY_DECIDES + 1] = status end
end

local FACTS = {}
for name in ("result sent received complete oversized no_memory no_descriptor proxy_refused os_error status body "
  .. "reused unreadable operation id in_doubt surplus_400 missing_ok api_version"):gmatch("%S+") do
  FACTS[name] = true
end

---The verdict on an attempt. A fact whose name is mistaken is an error, not a fact that is missing.
function verdicts.judge(facts)
  for name in pairs(facts) do
    if not FACTS[name] then error("there is no fact " .. name) end
  end
  return probe.judge(facts)
end

---The facts, and more of them or others.
function verdicts.with(facts, more)
  local all = {}
  for name, value in pairs(facts) do all[name] = value end
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

---The facts of a complete answer.
function verdicts.answer(status, body, more)
  return verdicts.with({ sent = true, received = true, complete = true, status = status, body = body }, more)
end

---A verdict as one line: "success deleted", "timeout unknown in_doubt retry".
function verdicts.summary(verdict)
  return (verdict.kind or "success") .. " " .. verdict.outcome
    .. (verdict.in_doubt and " in_doubt" or "") .. (verdict.retry and " retry" or "")
end

---Fails unless the facts are judged so, and a failure has words of ours to say so.
function verdicts.assert_judged(expected, facts)
  local verdict = verdicts.judge(facts)
  local actual = verdicts.summary(verdict)
  -- Asserting costs far more than judging, and there are tens of thousands of cases.
  if actual ~= expected or verdict.kind and not verdict.message then
    local case = ("status %s, result %s, body %s"):format(facts.status, facts.result, facts.body)
    assert.equal(expected, actual, case)
    assert.is_string(verdict.message, case)
  end
end

---The same for each of these bodies, under every status where the body alone decides.
function verdicts.assert_all(expected, bodies)
  for _, body in ipairs(bodies) do
    for _, status in ipairs(verdicts.BODY_DECIDES) do
      verdicts.assert_judged(expected, verdicts.answer(status, body))
    end
  end
end

---How an answer ends that a listed code refuses, by its kind.
function verdicts.refusal(kind)
  local retry = (kind == "rate_limited" or kind == "conflict") and " retry" or ""
  if kind == "server" then return "server unknown in_doubt" end
  return kind .. (kind == "not_found" and " absent" or " not_deleted") .. retry
end

---Every way to write a code in a body, as a list of bodies.
function verdicts.bodies_with_code(code)
  local bodies = {}
  for _, place in ipairs(verdicts.CODE_PLACES) do
    bodies[#bodies + 1] = place:format(('"%s"'):format(code))
    if type(code) == "number" then bodies[#bodies + 1] = place:format(code) end
  end
  return bodies
end

return verdicts
