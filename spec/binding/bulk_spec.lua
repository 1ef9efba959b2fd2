-- Bulk runs as Lua sees them: what ids may be, what a report holds, and what the caller's functions may do.

local calls = require "spec.support.calls"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local COUNTS = { "deleted", "presumed_deleted", "absent", "not_deleted", "unknown", "not_attempted", "duplicates" }

local service, client

before_each(function()
  service = server.start { ids = { "a", "b", "c" } }
  client = calls.client(service)
end)
after_each(function()
  client:close()
  service:stop()
end)

local function blocking(ids, options)
  return client:delete_photo_avatars(ids, options)
end

local function asynchronous(ids, options)
  local request = client:delete_photo_avatars_async(ids, nil, options)
  polling.finish(client)
  return (request:result())
end

-- The counts that are not zero, once they have been found to add up.
local function counts_of(report)
  local counts, sum = {}, 0
  for _, name in ipairs(COUNTS) do
    sum = sum + report[name]
    if report[name] ~= 0 then counts[name] = report[name] end
  end
  assert.equal(report.total, sum)
  return counts
end

local function sequence(count)
  local ids = {}
  for number = 1, count do ids[number] = "id-" .. number end
  return ids
end

for name, run in pairs { blocking = blocking, asynchronous = asynchronous } do
  describe("a run, " .. name .. ",", function()
    it("tells of each id of a sequence", function()
      local report = run { "a", "no-avatar", "b" }
      assert.same({ deleted = 2, absent = 1 }, counts_of(report))
      assert.equal("deleted", report.results.a.meta.outcome)
      assert.equal(100, report.results.b.body.code)
      assert.equal("not_found", report.results["no-avatar"].err.kind)
      assert.is_nil(report.stopped)
    end)

    it("sends a repeated id once", function()
      assert.same({ deleted = 1, duplicates = 2 }, counts_of(run { "a", "a", "a" }))
      assert.equal(1, service:deletes "a")
    end)

    it("refuses what can't be an id, and goes on", function()
      local told = {}
      local function on_result(id, body, err)
        told[#told + 1] = tostring(id) .. " " .. (body and "body" or err.kind)
      end
      local report = run({ "..", 12, "a" }, { on_result = on_result, max_concurrency = 1 })
      assert.same({ deleted = 1, not_deleted = 2 }, counts_of(report))
      assert.same({ ".. invalid_argument", "12 invalid_argument", "a body" }, told)
      assert.same({ "invalid_argument", "not_deleted", 0 }, {
        report.results[".."].err.kind, report.results[12].err.outcome, report.results[12].err.attempts,
      })
    end)

    it("keeps no results of an iterator, unless they are asked for", function()
      local function ids_of(list)
        local position = 0
        return function()
          position = position + 1
          return list[position]
        end
      end
      assert.is_nil(run(ids_of { "a" }).results)
      assert.equal("deleted", run(ids_of { "b" }, { collect = true }).results.b.meta.outcome)
    end)

    it("does not wait out a pause that is longer than its deadline", function()
      service:plan("a", { { { status = 429, body = "", headers = { ["retry-after"] = "300" } } } })
      calls.raised(client.delete_photo_avatar, client, "a", { deadline = 5 })
      local report = run({ "b", "c" }, { deadline = 5 })
      assert.same({ not_attempted = 2 }, counts_of(report))
      assert.equal("rate_limited", report.stopped.kind)
      assert.is_true(report.stopped.retry_after > 200)
    end)

    it("stops for what would fail for all", function()
      service:plan("id-1", { { { status = 401, body = "{}" } } })
      local report = run(sequence(100), { max_concurrency = 1 })
      assert.equal("unauthorized", report.stopped.kind)
      assert.is_true(counts_of(report).not_attempted >= 90)
    end)

    it("fills the caller's table, also when on_result raises", function()
      local report = {}
      local problem = {}
      local options = { report = report, max_concurrency = 1, on_result = function() error(problem, 0) end }
      local succeeded, raised = pcall(run, { "a", "b", "c" }, options)
      if name == "asynchronous" then polling.finish(client) end
      assert.same({ false, problem }, { succeeded, raised })
      assert.equal(problem, report.stopped)
      assert.equal(3, report.total)
      counts_of(report)
    end)
  end)
end

describe("ids", function()
  it("must be a sequence or a function", function()
    for _, ids in ipairs { 1, "a", true } do
      assert.equal("invalid_argument", calls.raised(client.delete_photo_avatars, client, ids).kind)
    end
    local err = calls.raised(client.delete_photo_avatars, client, { a = true })
    assert.matches("no sequence", err.message)
    assert.equal("invalid_argument", calls.raised(client.delete_photo_avatars, client).kind)
  end)

  it("may be none", function()
    assert.same({}, counts_of(blocking {}))
    assert.same({}, counts_of(asynchronous {}))
  end)
end)

describe("a request of a run", function()
  it("ends, accounted for, when the client is closed in on_result", function()
    local report = asynchronous(sequence(50), { on_result = function() client:close() end, max_concurrency = 1 })
    counts_of(report)
    assert.equal("cancelled", report.stopped.kind)
    assert.is_true(report.not_attempted > 0)
  end)

  it("can be cancelled: what is in flight is told, the rest is not attempted", function()
    for number = 1, 20 do service:plan("id-" .. number, { always = { { hang = true } } }) end
    local request = client:delete_photo_avatars_async(sequence(100))
    client:poll(0.2)
    request:cancel()
    polling.finish(client)
    local report = request:result()
    counts_of(report)
    assert.equal("cancelled", report.stopped.kind)
    assert.is_true(report.not_attempted >= 80)
  end)

  it("can be cancelled while it rests, since the service is down", function()
    for number = 1, 200 do service:plan("id-" .. number, { always = { { status = 503, body = "{}" } } }) end
    local told = 0
    local options = { on_result = function() told = told + 1 end }
    local request = client:delete_photo_avatars_async(sequence(200), nil, options)
    server.eventually(function()
      client:poll(0.05)
      return told >= 100 and told == service:deletes()
    end, 30)
    request:cancel()
    polling.finish(client)
    local report = request:result()
    assert.same({ told, 200 - told, told }, { report.unknown, report.not_attempted, service:deletes() })
    assert.is_true(told < 150)
    assert.equal("cancelled", report.stopped.kind)
  end)
end)
