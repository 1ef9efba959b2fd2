-- What ends a bulk run before its end, and what a run says that fails before anything is sent.

local calls = require "spec.support.calls"
local heygen = require "heygen"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local service, client

before_each(function()
  service = server.start { ids = { "a", "b", "c" } }
  client = calls.client(service)
end)
after_each(function()
  client:close()
  service:stop()
end)

local function asynchronous(ids, options)
  local request = client:delete_photo_avatars_async(ids, nil, options)
  polling.finish(client)
  return (request:result())
end

local function hang(ids)
  for _, id in ipairs(ids) do service:plan(id, { always = { { hang = true } } }) end
end

describe("an error of a run", function()
  it("names the operation, whoever drives the run", function()
    local function operation_of(method, ...)
      return calls.raised(client[method], client, ...).operation
    end
    for _, ids in ipairs { 12, { "a", x = "b" } } do
      assert.equal("delete_photo_avatars", operation_of("delete_photo_avatars", ids))
      assert.equal("delete_photo_avatars", operation_of("delete_photo_avatars_async", ids))
    end
    assert.equal("delete_photo_avatars", operation_of("delete_photo_avatars_async", {}, "no function"))
    assert.equal("delete_photo_avatars", operation_of("delete_photo_avatars_async", {}, nil, { nonsense = 1 }))
    client:close()
    assert.equal("delete_photo_avatars", operation_of("delete_photo_avatars_async", {}))
  end)

  it("names the method where there is no client", function()
    for _, name in ipairs { "delete_photo_avatars", "delete_photo_avatars_async" } do
      local err = calls.raised(client[name], { "a" })
      assert.is_nil(calls.flaw_of_refusal(err, { "colon", ("client:%s(...)"):format(name) }))
      assert.equal(name, err.operation)
    end
  end)
end)

describe("with maybe_sent, a run", function()
  local IN_DOUBT = { maybe_sent = true }

  it("that is refused is unknown", function()
    local cases = {
      { "delete_photo_avatars", {}, { maybe_sent = true, timeout = -1 } },
      { "delete_photo_avatars", {}, { maybe_sent = true, nonsense = 1 } },
      { "delete_photo_avatars", 12, IN_DOUBT },
      { "delete_photo_avatars", { "a", x = "b" }, IN_DOUBT },
      { "delete_photo_avatars_async", {}, nil, { maybe_sent = true, timeout = -1 } },
      { "delete_photo_avatars_async", {}, "no function", IN_DOUBT },
      { "delete_photo_avatars_async", 12, nil, IN_DOUBT },
    }
    for _, case in ipairs(cases) do
      assert.equal("unknown", calls.raised(client[case[1]], client, table.unpack(case, 2, 4)).outcome)
    end
    assert.equal("unknown", calls.raised(heygen.delete_photo_avatars, "a key", { "a" }, IN_DOUBT).outcome)
    client:close()
    assert.equal("unknown", calls.raised(client.delete_photo_avatars, client, { "a" }, IN_DOUBT).outcome)
    assert.equal("unknown", calls.raised(client.delete_photo_avatars_async, client, { "a" }, nil, IN_DOUBT).outcome)
    assert.equal("not_deleted", calls.raised(client.delete_photo_avatars, client, { "a" }).outcome)
  end)

  it("has an id that can't be one as unknown", function()
    for _, report in ipairs { client:delete_photo_avatars({ "a b" }, IN_DOUBT), asynchronous({ "a b" }, IN_DOUBT) } do
      assert.same({ 1, 0 }, { report.unknown, report.not_deleted })
      assert.equal("unknown", report.results["a b"].err.outcome)
    end
  end)

  it("that is cancelled before its first attempt is unknown", function()
    for _, options in ipairs { IN_DOUBT, {} } do
      local request = client:delete_photo_avatars_async({ "a", "b" }, nil, options)
      request:cancel()
      polling.finish(client)
      local stopped = (request:result()).stopped
      assert.same({ "cancelled", options.maybe_sent and "unknown" or "not_deleted" }, { stopped.kind, stopped.outcome })
    end
    assert.equal(0, service:deletes())
  end)
end)

describe("a run with calls in flight", function()
  for _, way in ipairs { "cancelled", "closed" } do
    it("that is " .. way .. " says unknown, with its attempts and its time", function()
      local ids = { "h-1", "h-2", "h-3" }
      hang(ids)
      local request = client:delete_photo_avatars_async(ids)
      server.eventually(function()
        client:poll(0.01)
        return service:deletes() == 3
      end, 30)
      if way == "cancelled" then request:cancel() else client:close() end
      polling.finish(client)
      local report = request:result()
      assert.same({ 3, "cancelled", "unknown", 3 }, {
        report.unknown, report.stopped.kind, report.stopped.outcome, report.stopped.attempts,
      })
      assert.is_true(report.stopped.elapsed > 0)
      assert.is_nil(report.stopped.avatar_id)
    end)
  end
end)

describe("an error of on_result", function()
  it("is no Ctrl-C, whatever it says", function()
    for _, text in ipairs { "the job was interrupted!", "interrupted!" } do
      hang { "h" }
      local report = {}
      local succeeded, raised = pcall(client.delete_photo_avatars, client, { "none", "h" }, {
        max_retries = 0, timeout = 0.5, report = report, on_result = function() error(text, 0) end,
      })
      assert.same({ false, text, text }, { succeeded, raised, report.stopped })
      -- What was in flight was not broken off.
      assert.same({ 1, 1, 0 }, { report.absent, report.unknown, report.not_attempted })
    end
  end)

  it("is no Ctrl-C in a trace function: the answer is there", function()
    local body = client:delete_photo_avatar("a", { trace = function() error("interrupted!", 0) end })
    assert.equal(100, body.code)
    assert.is_nil((debug.gethook()))
  end)

  for _, value in ipairs { "nil", "false" } do
    it("that is " .. value .. " passes, and stands in the report as one", function()
      local raised_value
      if value == "false" then raised_value = false end
      local report = {}
      local function fail() error(raised_value) end
      local ids = { "a", "b", "c" }
      local options = { report = report, max_concurrency = 1, on_result = fail }
      local succeeded, raised = pcall(client.delete_photo_avatars, client, ids, options)
      assert.is_false(succeeded)
      assert.equal(raised_value, raised)
      assert.is_true(heygen.is_error(report.stopped))
      assert.same({ 3, 1, 2 }, { report.total, report.deleted, report.not_attempted })
    end)
  end
end)

describe("an error of the module's own that a run raises", function()
  it("has the report, and an outcome by its counts", function()
    local report = {}
    local options = { on_result = coroutine.yield, max_concurrency = 1, report = report }
    local err = calls.raised(client.delete_photo_avatars, client, { "a", "b", "c" }, options)
    assert.same({ "misuse", "not_deleted", 1 }, { err.kind, err.outcome, err.attempts })
    assert.equal(report, err.report)
    assert.matches("^.+:%d+$", err.where)
    assert.is_nil(report.stopped.where)
    assert.same({ 3, 1, 2, "misuse" }, { report.total, report.deleted, report.not_attempted, report.stopped.kind })
    hang { "h" }
    options = { on_result = coroutine.yield, timeout = 0.5, max_retries = 0 }
    err = calls.raised(client.delete_photo_avatars, client, { "h", "b" }, options)
    assert.same({ "misuse", "unknown", 1 }, { err.kind, err.outcome, err.report.unknown })
  end)
end)

describe("a table of options with a metatable", function()
  it("is refused, unless its metatable leaves the fields alone", function()
    local metatables = { { __index = { missing_ok = true } }, { __index = function() end }, { __pairs = pairs } }
    for _, metatable in ipairs(metatables) do
      local options = setmetatable({}, metatable)
      for _, err in ipairs {
        calls.raised(heygen.new, options),
        calls.raised(heygen.delete_photo_avatar, "key", "a", options),
        calls.raised(heygen.delete_photo_avatars, "key", { "a" }, options),
        calls.raised(client.delete_photo_avatar, client, "a", options),
        calls.raised(client.delete_photo_avatars, client, { "a" }, options),
        calls.raised(client.delete_photo_avatar_async, client, "a", nil, options),
        calls.raised(client.delete_photo_avatars_async, client, { "a" }, nil, options),
      } do
        assert.equal("invalid_argument", err.kind)
      end
    end
    assert.equal(0, service:deletes())
    assert.equal(100, client:delete_photo_avatar("a", setmetatable({}, { __name = "my options" })).code)
  end)
end)

describe("a method of a safe client", function()
  it("has the right words for any self", function()
    local safe = require "heygen.safe"
    local safe_client = safe.new { api_key = "key", base_url = service.url }
    local selves = { setmetatable({}, { __metatable = 12 }), setmetatable({}, { __metatable = true }), 7, "text", {} }
    selves[#selves + 1] = setmetatable({}, { __metatable = setmetatable({}, { __index = error }) })
    for _, self in ipairs(selves) do
      for _, method in ipairs { "delete_photo_avatar", "delete_photo_avatars", "poll", "close" } do
        local result, err = safe_client[method](self, "a")
        assert.same({ nil, "invalid_argument" }, { result, err.kind })
      end
    end
    safe_client:close()
  end)
end)

describe("tostring of a report", function()
  it("is one line: the counts that are not 0, and what stopped the run", function()
    assert.equal("heygen: no ids", tostring(client:delete_photo_avatars {}))
    assert.equal("heygen: 1 id: 1 deleted", tostring(client:delete_photo_avatars { "a" }))
    local report = asynchronous { "b", "b", "none", "no id", "none" }
    assert.equal("heygen: 5 ids: 1 deleted, 1 absent, 1 not deleted, 2 duplicates", tostring(report))
    report = {}
    local options = { max_concurrency = 1, report = report, on_result = function() error("no\nmore", 0) end }
    assert.is_false(pcall(client.delete_photo_avatars, client, { "c", "d" }, options))
    assert.equal("heygen: 2 ids: 1 deleted, 1 not attempted; stopped by no more", tostring(report))
  end)

  it("is the caller's, where the table to fill has a metatable", function()
    local report = setmetatable({}, { __tostring = function() return "mine" end })
    client:delete_photo_avatars({ "a" }, { report = report })
    assert.same({ "mine", 1 }, { tostring(report), report.deleted })
  end)
end)
