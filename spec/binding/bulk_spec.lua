-- Bulk runs as Lua sees them: what ids may be, what a report holds, and what the caller's functions may do.

local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local polling = require "spec.support.polling"
local server = require "spec.support.server"
local socket = require "socket"

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

describe("a function of the caller's", function()
  -- The error that leaves a run, blocking or not, and what came of it.
  local function raised_by_blocking(ids, options)
    return calls.raised(blocking, ids, options)
  end
  local function raised_by_polling(ids, options)
    local request = client:delete_photo_avatars_async(ids, nil, options)
    local err
    server.eventually(function()
      local succeeded, raised = pcall(client.poll, client, 1)
      err = not succeeded and raised or err
      return request:done()
    end)
    assert.equal(err.kind, (request:result()).stopped.kind)
    return err
  end

  for name, raised_by in pairs { blocking = raised_by_blocking, asynchronous = raised_by_polling } do
    it("can't yield in a run, " .. name, function()
      local err = raised_by({ "a" }, { on_result = coroutine.yield })
      assert.same({ "misuse", "not_deleted" }, { err.kind, err.outcome })
      assert.truthy(err.message:find("yield", 1, true))
      assert.equal("misuse", raised_by(coroutine.yield).kind)
    end)
  end

  it("can't yield in a blocking run, in a coroutine either", function()
    local err = coroutine.wrap(function() return raised_by_blocking({ "a" }, { on_result = coroutine.yield }) end)()
    assert.equal("misuse", err.kind)
  end)

  it("is not asked whether the report may be filled", function()
    local report = setmetatable({}, { __newindex = function() error "it may not" end })
    assert.equal(report, asynchronous({ "a" }, { report = report }))
    assert.equal(1, report.deleted)
    report = setmetatable({}, getmetatable(report))
    assert.equal(1, blocking({ "b" }, { report = report }).deleted)
  end)

  it("may close the client while the run begins", function()
    local ids = setmetatable({ "a" }, { __len = function()
      client:close()
      return 1
    end })
    for _, method in ipairs { "delete_photo_avatars", "delete_photo_avatars_async" } do
      client = calls.client(service)
      assert.equal("misuse", calls.raised(client[method], client, ids).kind)
    end
    assert.equal(0, service:deletes())
  end)
end)

describe("poll", function()
  -- How many ids are looked at in each poll until all have been. What is in flight then is cancelled.
  local function portions(count, id_of)
    local taken = 0
    local function take()
      taken = taken + 1
      return taken <= count and id_of(taken) or nil
    end
    local request = client:delete_photo_avatars_async(take, nil, { max_concurrency = 1000 })
    local list = {}
    server.eventually(function()
      local before = taken
      client:poll(0.01, 1)
      list[#list + 1] = taken > before and taken - before or nil
      return taken > count
    end)
    request:cancel()
    polling.finish(client)
    return list, request:result()
  end

  it("begins a few calls of a run at a time", function()
    local list, report = portions(100, function(number) return "id-" .. number end)
    assert.equal(100, report.total)
    assert.is_true(math.max(table.unpack(list)) <= 17)
    assert.equal(16, list[1])
  end)

  it("looks at a few ids that can't be any at a time", function()
    local list, report = portions(1000, function(number) return -number end)
    assert.equal(1000, report.not_deleted)
    assert.equal(16, math.max(table.unpack(list)))
  end)

  it("passes over many duplicates at a time, but not over all", function()
    service:plan("hanging", { { { hang = true } } })
    local list, report = portions(10000, function() return "hanging" end)
    assert.equal(9999, report.duplicates)
    assert.is_true(math.max(table.unpack(list)) <= 1024)
  end)

  it("alternates between a run that goes on and results, one at a time", function()
    local request = client:delete_photo_avatar_async "a"
    local readable = socket.select({ { getfd = function() return client:pollfd() end } }, nil, 60)
    assert.equal(1, #readable)
    local taken = 0
    client:delete_photo_avatars_async(function()
      taken = taken + 1
      return taken < 1e5 and "hanging" or nil
    end)
    service:plan("hanging", { { { hang = true } } })
    client:poll(0, 1)
    assert.is_true(taken > 0)
    assert.is_false(request:done())
    client:poll(0, 1)
    assert.is_true(request:done())
    assert.is_true(taken < 1e5)
  end)

  it("leaves to the next poll what callbacks bring about", function()
    local count = 0
    local function start()
      count = count + 1
      client:delete_photo_avatars_async({}, start)
    end
    start()
    for number = 2, 20 do
      client:poll()
      assert.equal(number, count)
    end
  end)
end)

describe("the limits of a run", function()
  before_each(function() fake_time.install() end)
  after_each(fake_time.uninstall)

  it("hold until it ends, beside runs that are freer", function()
    client = calls.client(service)
    local begun = fake_time.now()
    client:delete_photo_avatars_async({ "a" }, nil, { max_rate = 1000 })
    local request = client:delete_photo_avatars_async(sequence(12), nil, { max_rate = 2 })
    client:delete_photo_avatars_async { "b" }
    polling.finish(client)
    assert.equal(12, (request:result()).absent)
    assert.is_true(fake_time.now() - begun >= 5.5)
    begun = fake_time.now()
    assert.equal(100, asynchronous(sequence(100)).absent)
    assert.equal(begun, fake_time.now())
  end)

  it("hold beside a blocking run", function()
    client = calls.client(service)
    local begun = fake_time.now()
    local request = client:delete_photo_avatars_async(sequence(12), nil, { max_rate = 2 })
    client:poll()
    blocking { "a" }
    polling.finish(client)
    assert.equal(12, (request:result()).absent)
    assert.is_true(fake_time.now() - begun >= 5.5)
  end)

  it("leave nothing behind: the next call does not wait for a slow run's next turn", function()
    service:plan("a", { { { status = 401, body = "{}" } } })
    client = calls.client(service)
    assert.equal("unauthorized", blocking({ "a", "b" }, { max_rate = 0.01 }).stopped.kind)
    local begun = fake_time.now()
    assert.equal("deleted", select(2, client:delete_photo_avatar("b", { deadline = 60 })).outcome)
    assert.equal(begun, fake_time.now())
  end)

  it("end with it, for what waits already, too", function()
    service:plan("hanging", { { { hang = true } } })
    service:plan("slow", { { { sleep = 0.3 }, { answer = true } } })
    client:delete_photo_avatars_async({ "slow" }, nil, { max_concurrency = 1 })
    client:poll()
    local hanging = client:delete_photo_avatar_async("hanging", nil, { timeout = 30, connect_timeout = 600 })
    local request = client:delete_photo_avatar_async "a"
    server.eventually(function() return client:poll(0.1) and request:done() end)
    assert.same({ "deleted", false }, { select(2, request:result()).outcome, hanging:done() })
  end)
end)

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
