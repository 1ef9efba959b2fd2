-- Answers over real connections, and what each comes to, in every way to make a call. What is alike is in a table.

local answers = require "spec.support.answers"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local server = require "spec.support.server"
local verdicts = require "spec.support.verdicts"
local ways = require "spec.support.ways"

local ID = "my-avatar"
local OF_LOOKS = { "yes", "nothing", "no", "missing", "deciding", "refusals", "doubtful", "odd_ids" }
local VERSIONS = { "v2", "v3" }

-- In a call that was in doubt before.
local IN_DOUBT = { absent = "presumed_deleted", not_deleted = "unknown" }

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
    for number, row in ipairs(answers[name]) do
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
