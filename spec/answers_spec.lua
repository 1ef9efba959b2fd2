-- Answers over real connections, and what each comes to, in every way to make a call. What is alike is in a table.

local answers = require "spec.support.answers"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local server = require "spec.support.server"
local verdicts = require "spec.support.verdicts"
local ways = require "spec.support.ways"

local ID = "my-avatar"
local OF_LOOKS = { "yes", "nothing", "no", "missing", "deciding", "refusals", "doubtful", "odd_ids", "more" }
local VERSIONS = { "v2", "v3" }

-- In a call that was in doubt before.
local IN_DOUBT = { absent = "presumed_deleted", not_deleted = "unknown" }

local NOT_FOUND = '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}'
local SMALL_TALK = '{"message":"token rejected: avatar not found for this session"}'
local MARK = "\u{FEFF}"
local CODED = { ["content-encoding"] = "gzip" }

local function utf16(text)
  return "\xFF\xFE" .. text:gsub(".", "%0\0")
end

-- More rows: bodies that are odd as bytes, and answers of frameworks and gateways.
local MORE = {
  { 200, MARK .. '{"code":100}', "none", "deleted" },
  { 200, MARK .. MARK .. '{"code":100}', "protocol", "unknown" },
  { 200, MARK, "protocol", "unknown" },
  { 404, MARK .. NOT_FOUND, "not_found", "absent" },
  { 404, MARK .. "<html>", "retired", "not_deleted" },
  { 404, MARK, "retired", "not_deleted" },
  { 404, utf16(NOT_FOUND), "protocol", "not_deleted" },
  { 404, utf16 "<html>", "protocol", "not_deleted" },
  { 405, "<html>Seite nicht gefunden: \xFC</html>", "protocol", "not_deleted" },
  { 404, "<html>\0</html>", "protocol", "not_deleted" },
  { 404, NOT_FOUND .. "\0", "protocol", "not_deleted" },
  { 404, "<html>Página não encontrada</html>", "retired", "not_deleted" },
  { 404, '{"message":"\xFF"}', "protocol", "not_deleted" },
  { 405, "\31\139\8 without a header", "protocol", "not_deleted" },
  { 404, "coded, as its header says", "protocol", "not_deleted", headers = CODED },
  { 404, "", "retired", "not_deleted", headers = CODED },
  { 404, "<html>", "retired", "not_deleted", headers = { ["content-encoding"] = "identity" } },
  { 404, "<html>", "protocol", "not_deleted", headers = { ["Content-Encoding"] = "br" } },
  { 404, "<html>", "protocol", "not_deleted", headers = { ["content-encoding"] = "gzip, identity" } },
  { 404, NOT_FOUND, "not_found", "absent", headers = CODED },
  { 410, utf16 "<html>", "retired", "not_deleted" },
  { 403, utf16 "<html>", "forbidden", "not_deleted" },
  { 400, utf16 "<html>", "rejected", "not_deleted" },
  { 200, utf16 '{"code":100}', "protocol", "unknown" },
  { 404, '{"error":{"code":"avatar_not_found","message":"x"},"error":null}', "retired", "not_deleted" },
  { 404, '{"code":400144,"code":400144}', "retired", "not_deleted" },
  { 200, '{"code":100,"x":1,"x":1}', "protocol", "unknown" },
  { 404, '{"message":"Endpoint /v2/photo_avatar not found"}', "retired", "not_deleted" },
  { 404, '{"message":"no Route matched with those values"}', "retired", "not_deleted" },
  { 404, '{"timestamp":1,"status":404,"error":"Not Found","path":"/v2/my-avatar"}', "retired", "not_deleted" },
  { 404, '{"code":"ResourceNotFound","message":"/v2/my-avatar does not exist"}', "retired", "not_deleted" },
  { 404, '{"code":5,"message":"avatar not found","details":[]}', "retired", "not_deleted" },
  { 404, '{"error":{"code":404,"message":"avatar not found","status":"NOT_FOUND"}}', "retired", "not_deleted" },
  { 404, '{"errors":[{"code":"avatar_not_found","detail":"avatar not found"}]}', "retired", "not_deleted" },
  { 404, '"avatar not found"', "retired", "not_deleted" },
  { 404, "avatar not found", "retired", "not_deleted" },
  { 405, '{"detail":"Method \\"DELETE\\" not allowed."}', "retired", "not_deleted" },
  { 404, '{"error":{"code":"x","message":"Avatar not found for this session"}}', "rejected", "not_deleted" },
  { 404, '{"error":{"code":"x","message":"Background for avatar not found"}}', "rejected", "not_deleted" },
  { 404, '{"error":{"code":"x","message":"No such avatar: my-avatar-2"}}', "rejected", "not_deleted" },
  { 404, '{"error":{"code":"x","message":"No such avatar"}}', "not_found", "absent" },
  { 404, '{"error":{"code":"x","message":"No avatar found with id \\"my-avatar\\"."}}', "not_found", "absent" },
  { 404, '{"error":{"code":"x","message":"The requested photo avatar (my-avatar) could not be found"}}', "not_found",
    "absent" },
  { 404, '{"code":7123,"message":"AVATARS   do not\\texist."}', "not_found", "absent" },
  { 401, SMALL_TALK, "unauthorized", "not_deleted" },
  { 402, SMALL_TALK, "quota_exceeded", "not_deleted" },
  { 403, SMALL_TALK, "forbidden", "not_deleted" },
  { 409, SMALL_TALK, "conflict", "not_deleted" },
  { 429, SMALL_TALK, "rate_limited", "not_deleted", retried = true },
  { 200, '{"message":"background for avatar not found"}', "protocol", "unknown" },
  { 200, '{"success":false,"data":null}', "protocol", "unknown" },
  { 200, '{"data":null,"errors":[{"message":"Unauthorized"}]}', "protocol", "unknown" },
  { 200, '{"data":{"deleted":false}}', "protocol", "unknown" },
  { 200, '{"data":null,"message":"Service is under maintenance"}', "protocol", "unknown" },
  { 200, '{"code":100,"data":null,"message":"avatar not found"}', "protocol", "unknown" },
  { 402, '{"error":{"code":"plan_upgrade_required"}}', "quota_exceeded", "not_deleted" },
  { 308, "", "redirect", "not_deleted" },
  { 300, "", "redirect", "unknown" },
  { 529, "", "server", "unknown", retried = true },
  { 409, '{"error":{"code":"resource_not_ready"}}', "conflict", "not_deleted", retried = true },
  { 403, '{"error":{"code":"rate_limit_exceeded"}}', "rate_limited", "not_deleted", retried = true },
}

local service

before_each(function()
  fake_time.install()
  service = server.start()
end)
after_each(function()
  service:stop()
  fake_time.uninstall()
end)

local function action_of(row)
  return { status = row[1], body = row[2], headers = row.headers }
end

-- One line: "absent not_found, retried".
local function in_words(kind, outcome, retried)
  return ("%s %s%s"):format(outcome, kind, retried and ", retried" or "")
end

-- Makes the call that gets a row's answer, over a connection of its own, and says in words what it came to.
local function result_of(row, way, options, call_options)
  local id = row.id or ID
  service:reset_record()
  service:plan(id, { always = { action_of(row) } })
  local client <close> = calls.client(service, options)
  local made = ways.attempt(way, client, id, call_options)
  return in_words(made.kind, made.outcome, service:deletes(id) > 1)
end

-- Compares in one go: so all rows that fail are seen at once.
local function assert_rows(names, expected_of, actual_of)
  local expected, actual = {}, {}
  for _, name in ipairs(names) do
    for number, row in ipairs(answers[name] or MORE) do
      local line = ("%s %d: %d %s"):format(name, number, row[1], row[2])
      expected[line], actual[line] = expected_of(row), actual_of(row)
    end
  end
  assert.same(expected, actual)
end

local function expected_of(row)
  return in_words(row[3], row[4], row.retried)
end

local function expected_in_doubt(row)
  local outcome = IN_DOUBT[row[4]] or row[4]
  local kind = outcome == "presumed_deleted" and "none" or row[3]
  return in_words(kind, outcome, row.retried)
end

for _, version in ipairs(VERSIONS) do
  describe("an answer under " .. version, function()
    for _, way in ipairs(ways.names) do
      it("comes to what it says, " .. way, function()
        assert_rows(OF_LOOKS, expected_of, function(row)
          return result_of(row, way, { api_version = version, max_retries = 1 })
        end)
      end)
    end

    for _, way in ipairs(ways.names) do
      it("comes to what it says in a call that was in doubt, " .. way, function()
        assert_rows(OF_LOOKS, expected_in_doubt, function(row)
          return result_of(row, way, { api_version = version, max_retries = 1 }, { maybe_sent = true })
        end)
      end)
    end
  end)
end

describe("an answer about a group", function()
  for _, version in ipairs(VERSIONS) do
    it("comes to what it says under " .. version, function()
      assert_rows({ "group" }, expected_of, function(row)
        local verdict = verdicts.judge(verdicts.answer(row[1], row[2],
          { operation = "delete_avatar_group", id = "my-group", api_version = version }))
        return in_words(verdict.kind or "none", verdict.outcome, verdict.retry)
      end)
    end)
  end
end)

describe("a run with a wrong key", function()
  for _, version in ipairs(VERSIONS) do
    it("stops at once under " .. version, function()
      local client <close> = calls.client(service, { api_key = "wrong", api_version = version, max_concurrency = 2 })
      local report = client:delete_photo_avatars { "a", "b", "c", "d", "e", "f" }
      assert.equal("unauthorized", report.stopped.kind)
      assert.is_true(service:deletes() <= 2)
    end)
  end
end)

describe("a run over ids that are long gone", function()
  it("goes on", function()
    local gone = '{"error":{"code":"resource_not_found","message":"Avatar look %s not found"}}'
    for _, id in ipairs { "9f3e", "9f3f" } do service:plan(id, { { { status = 404, body = gone:format(id) } } }) end
    service:add "a"
    local client <close> = calls.client(service, { api_version = "v3", max_concurrency = 1 })
    local report = client:delete_photo_avatars { "9f3e", "9f3f", "a" }
    assert.same({ 2, 1 }, { report.absent, report.deleted })
    assert.is_nil(report.stopped)
    local _, meta = client:delete_photo_avatar("9f3e", { maybe_sent = true })
    assert.equal("presumed_deleted", meta.outcome)
  end)
end)
