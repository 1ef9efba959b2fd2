-- lua/heygen/command/outage.lua, and what deletion.lua makes of it: a service that fails for a while costs no id.

local command = require "spec.support.command"
local deletion = require "heygen.command.deletion"
local fake_time = require "spec.support.fake_time"
local heygen = require "heygen"
local ledger = require "heygen.command.ledger"
local outage = require "heygen.command.outage"
local server = require "spec.support.server"

describe("an answer", function()
  it("is what says something of its id", function()
    for _, result in ipairs {
      { outcome = "deleted" }, { kind = "not_found", status = 404 }, { kind = "conflict", status = 409 },
      { kind = "forbidden", status = 403 }, { kind = "rejected", status = 400, code = "x" },
    } do
      assert.is_true(outage.is_answer(result), result.kind)
    end
    for _, result in ipairs {
      { kind = "connection" }, { kind = "timeout" }, { kind = "tls" }, { kind = "server", status = 503 },
      { kind = "protocol", status = 200, body = "<html>" }, { kind = "rate_limited", status = 429 },
      { kind = "forbidden", status = 403, body = "<html>" }, { kind = "rejected", status = 400, body = "<html>" },
    } do
      assert.is_false(outage.is_answer(result), result.kind)
    end
  end)

  it("that is missing ends a run for a while; a refused key, quota, certificate or proxy for good", function()
    for _, err in ipairs {
      { kind = "server" }, { kind = "connection" }, { kind = "timeout" }, { kind = "rate_limited" },
      { kind = "protocol" }, { kind = "forbidden", status = 403 },
    } do
      assert.is_true(outage.is_one(err), err.kind)
    end
    for _, err in ipairs {
      { kind = "unauthorized" }, { kind = "quota_exceeded" }, { kind = "retired" }, { kind = "redirect" },
      { kind = "forbidden", code = "insufficient_api_key_scope" }, { kind = "connection", status = 407 },
      { kind = "tls", hint = "ca_file or ca_path name the CA certificates" }, { kind = "cancelled" },
    } do
      assert.is_false(outage.is_one(err), err.kind)
    end
  end)
end)

describe("a deletion with patience", function()
  local service, client, shown, told

  before_each(function()
    fake_time.install { flowing = true }
    service = server.start {}
    client = heygen.new { api_key = command.KEY, base_url = service.url }
    shown, told = {}, {}
  end)
  after_each(function()
    client:close()
    service:stop()
    fake_time.uninstall()
  end)

  -- A run over these ids. `events`: what happens, and when, in seconds from now.
  local function run(ids, patience, events, options)
    local began_at = fake_time.now()
    local function sleep(seconds)
      fake_time.advance(seconds)
      while events[1] and fake_time.now() - began_at >= events[1].at do table.remove(events, 1).act() end
    end
    local started = deletion.new {
      options = { client = {}, patience = patience, quiet = true, missing_ok = options and options.missing_ok },
      client = client,
      ledger = ledger.new(ids, options and options.known),
      journal = options and options.journal,
      output = {
        line = function(_, record)
          told[record.id] = (told[record.id] or "") .. record.outcome
          return nil
        end,
      },
      now = fake_time.now,
      sleep = sleep,
    }
    started:delete_all()
    started:settle(nil, false)
    return started
  end

  -- The service fails for some of its ids, or for all; half of the ids are deleted all the same.
  local function fail(ids, first, actions)
    for position = first, #ids do
      local attempt = actions or (position % 2 == 0 and { { delete = true }, { status = 503, body = "{}" } }
        or { { status = 503, body = "{}" } })
      service:plan(ids[position], { always = attempt })
    end
  end

  local function mend(ids)
    for _, id in ipairs(ids) do service:plan(id, {}) end
  end

  local function assert_all_gone(ids, run_)
    for _, id in ipairs(ids) do
      assert.is_true(told[id] == "deleted" or told[id] == "presumed_deleted", ("%s: %s"):format(id, told[id]))
      assert.is_false(service:knows(id))
    end
    assert.is_nil(run_.ending)
  end

  it("outlasts ten minutes of failures, which cost no id and few requests", function()
    local ids = command.ids(2000)
    service:add(ids)
    fail(ids, 301)
    local during
    local done = run(ids, 3600, { { at = 600, act = function()
      during = service:deletes()
      mend(ids)
    end } })
    assert_all_gone(ids, done)
    assert.is_true(during - 300 <= 300, during)
  end)

  it("outlasts a service that refuses connections", function()
    local ids = command.ids(300)
    service:add(ids)
    service:plan(ids[100], { { { refuse = true }, { answer = true }, { close = true } } })
    local done = run(ids, 3600, { { at = 300, act = function() service:listen() end } })
    assert_all_gone(ids, done)
  end)

  it("outlasts an outage that the last ids meet", function()
    local ids = command.ids(20)
    service:add(ids)
    fail(ids, 11)
    assert_all_gone(ids, run(ids, 600, { { at = 60, act = function() mend(ids) end } }))
  end)

  it("outlasts a pause that is longer than the deadline, and does not ask meanwhile", function()
    local ids = command.ids(20)
    service:add(ids)
    local busy = { status = 429, body = '{"code":400123,"message":"slow down"}', headers = { ["retry-after"] = "900" } }
    fail(ids, 1, { busy })
    local began_at, asked = fake_time.now(), nil
    local done = run(ids, 3600, { { at = 800, act = function()
      asked = service:deletes()
      mend(ids)
    end } })
    assert_all_gone(ids, done)
    assert.is_true(asked <= 24, asked)
    assert.is_true(fake_time.now() - began_at >= 900)
  end)

  it("gives up when an outage outlasts it, with every id's last result", function()
    local ids = command.ids(200)
    service:add(ids)
    fail(ids, 1)
    local began_at = fake_time.now()
    local done = run(ids, 120, {})
    assert.is_true(done.gave_up)
    assert.matches("^Stopped early: server: ", done.ending)
    local passed = fake_time.now() - began_at
    assert.is_true(passed >= 120 and passed < 240, passed)
    local counts = done.ledger:counts()
    assert.equal(200, counts.unknown + counts.not_attempted)
    for _, id in ipairs(ids) do
      assert.equal(service:deletes(id) > 0 and "unknown" or "not_attempted", told[id], id)
    end
  end)

  it("gives up at once when a pause is longer than it", function()
    service:add { "a", "b" }
    service:plan("a", { always = { { status = 429, body = "{}", headers = { ["retry-after"] = "900" } } } })
    local began_at = fake_time.now()
    local done = run({ "a", "b" }, 600, {})
    assert.is_true(done.gave_up)
    assert.is_true(fake_time.now() - began_at < 60)
    assert.equal("not_deleted", told.a)
  end)

  it("is for one outage, not for the run", function()
    local ids = command.ids(900)
    service:add(ids)
    fail(ids, 101)
    local done = run(ids, 100, {
      { at = 70, act = function()
        mend(ids)
        fail(ids, 601)
      end },
      { at = 150, act = function() mend(ids) end },
    })
    assert_all_gone(ids, done)
  end)

  it("is not spent on an id that fails while others are answered", function()
    local ids = command.ids(50)
    service:add(ids)
    service:plan(ids[10], { always = { { status = 500, body = "{}" } } })
    local began_at = fake_time.now()
    local done = run(ids, 3600, {})
    assert.is_nil(done.ending)
    assert.equal("unknown", told[ids[10]])
    assert.equal(49, done.ledger:counts().deleted)
    assert.is_true(fake_time.now() - began_at < 60)
  end)

  it("ends at what waiting does not help", function()
    local ids = command.ids(300)
    service:add(ids)
    fail(ids, 1)
    local done = run(ids, 3600, { { at = 60, act = function() fail(ids, 1, { { status = 401, body = "{}" } }) end } })
    assert.is_nil(done.gave_up)
    assert.matches("^Stopped early: unauthorized", done.ending)
    for id, outcome in pairs(told) do
      local expected = service:deletes(id) > 1 and "unknown" or nil
      if expected then assert.equal(expected, outcome, id) end
    end
  end)

  it("without it ends as ever", function()
    local ids = command.ids(200)
    service:add(ids)
    fail(ids, 1)
    local done = run(ids, nil, {})
    assert.is_true(done.gave_up)
    assert.same({}, shown)
  end)
end)
