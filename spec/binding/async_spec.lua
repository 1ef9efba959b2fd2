-- Starting an asynchronous call: what is refused at once, what the callback gets, and what event loops ask.

local heygen = require "heygen"
local calls = require "spec.support.calls"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local service, client

setup(function() service = server.start { tls = true } end)
teardown(function() service:stop() end)
before_each(function()
  service:reset_record()
  client = calls.client(service)
end)
after_each(function() client:close() end)

local function raised(...)
  return calls.raised(client.delete_photo_avatar_async, client, ...)
end

describe("a callback", function()
  it("gets body and meta", function()
    service:add "avatar"
    local seen, note = polling.notebook()
    client:delete_photo_avatar_async("avatar", note "avatar")
    polling.finish(client)
    assert.same({ "avatar", 2, { code = 100 } }, { seen[1].name, seen[1].count, seen[1].body })
    assert.same({ 200, "deleted", 1 }, { seen[1].meta.status, seen[1].meta.outcome, seen[1].meta.attempts })
    assert.is_true(seen[1].meta.elapsed > 0)
    assert.matches("^req%-", seen[1].meta.request_id)
    assert.is_false(service:knows "avatar")
  end)

  it("gets nil and the error", function()
    local seen, note = polling.notebook()
    client:delete_photo_avatar_async("unknown", note "unknown")
    polling.finish(client)
    assert.equal(2, seen[1].count)
    local err = seen[1].err
    assert.is_true(heygen.is_error(err))
    assert.same({ "not_found", "absent", "delete_photo_avatar", "unknown", 404, 1 },
      { err.kind, err.outcome, err.operation, err.avatar_id, err.status, err.attempts })
  end)

  it("runs exactly once for each request, however often poll is called", function()
    local seen, note = polling.notebook()
    for number = 1, 50 do client:delete_photo_avatar_async("id-" .. number, note(number)) end
    polling.finish(client)
    for _ = 1, 10 do assert.equal(0, client:poll(0.001)) end
    local names = {}
    for _, delivery in ipairs(seen) do names[delivery.name] = (names[delivery.name] or 0) + 1 end
    assert.equal(50, #seen)
    for number = 1, 50 do assert.equal(1, names[number]) end
    assert.equal(50, service:deletes())
  end)

  it("never runs in a starting call, also when results are there already", function()
    local seen, note = polling.notebook()
    client:delete_photo_avatar_async("one", note "one")
    polling.await_readable(client)
    client:delete_photo_avatar_async("other", note "other")
    assert.equal(0, #seen)
    polling.finish(client)
    assert.equal(2, #seen)
  end)

  it("runs in the coroutine that polls", function()
    local running
    client:delete_photo_avatar_async("unknown", function() running = coroutine.running() end)
    local poller = coroutine.create(function() polling.finish(client) end)
    assert(coroutine.resume(poller))
    assert.equal(poller, running)
  end)

  it("may be left out, or nil", function()
    for _, request in ipairs {
      client:delete_photo_avatar_async "unknown",
      client:delete_photo_avatar_async("unknown", nil, { missing_ok = true }),
    } do
      polling.finish(client)
      assert.is_true(request:done())
    end
  end)

  it("is let go of once it has run", function()
    local gone = setmetatable({}, { __mode = "k" })
    local request
    do
      local anchor = {}
      gone[anchor] = true
      request = client:delete_photo_avatar_async("unknown", function() return anchor end)
    end
    collectgarbage()
    assert.is_not_nil(next(gone))
    polling.finish(client)
    collectgarbage()
    assert.is_nil(next(gone))
    assert.is_true(request:done())
  end)
end)

describe("options of an asynchronous call", function()
  it("are those of a call, and win over the client's", function()
    local strict <close> = calls.client(service, { api_version = "v3" })
    service:add { "one", "two" }
    strict:delete_photo_avatar_async "one"
    strict:delete_photo_avatar_async("two", nil, { api_version = "v2" })
    polling.finish(strict)
    assert.equal("/v3/avatars/looks/one", service:requests("one")[1].path)
    assert.equal("/v2/photo_avatar/two", service:requests("two")[1].path)
  end)

  it("decide the outcome as ever", function()
    local seen, note = polling.notebook()
    client:delete_photo_avatar_async("unknown", note "missing_ok", { missing_ok = true })
    client:delete_photo_avatar_async("unknown", note "maybe_sent", { maybe_sent = true })
    polling.finish(client)
    local outcomes = {}
    for _, delivery in ipairs(seen) do outcomes[delivery.name] = delivery.outcome end
    assert.same({ missing_ok = "absent", maybe_sent = "presumed_deleted" }, outcomes)
  end)

  it("belong to their call alone", function()
    service:plan("hanging", { always = { { hang = true } } })
    service:add "avatar"
    local seen, note = polling.notebook()
    client:delete_photo_avatar_async("hanging", note "hanging", { timeout = 0.3, max_retries = 0 })
    client:delete_photo_avatar_async("avatar", note "avatar")
    polling.finish(client)
    local outcomes = {}
    for _, delivery in ipairs(seen) do outcomes[delivery.name] = delivery.outcome end
    assert.same({ hanging = "unknown", avatar = "deleted" }, outcomes)
  end)
end)

describe("refused at once, in the starting call, is", function()
  after_each(function()
    assert.equal(0, client:poll(0.05))
    assert.equal(0, service:deletes())
    assert.equal(0, service:connections())
  end)

  local function unused() error "a callback ran" end

  it("what is no id", function()
    for _, id in ipairs { "", ".", "..", "a/b", "a b", "a\0b", "a?b", "ä", ("x"):rep(257), 1, true, {}, calls.KEY } do
      assert.is_nil(calls.flaw_of_refusal(raised(id, unused), { "id" }))
    end
    assert.is_nil(calls.flaw_of_refusal(raised(nil, unused), { "id" }))
    assert.is_nil(calls.flaw_of_refusal(raised(), { "id" }))
  end)

  it("what is no callback, such as options in its place", function()
    for _, callback in ipairs { {}, "text", 1, true, { timeout = 5 } } do
      local err = raised("avatar", callback)
      assert.is_nil(calls.flaw_of_refusal(err, { "callback" }))
      assert.equal("avatar", err.avatar_id)
    end
  end)

  it("what is no option", function()
    for _, options in ipairs { 1, "text", { time_out = 1 }, { timeout = -1 }, { api_key = "key" }, { trace = 1 } } do
      assert.is_nil(calls.flaw_of_refusal(raised("avatar", unused, options)))
    end
  end)

  it("a call on a closed client", function()
    client:close()
    local err = raised("avatar", unused)
    assert.same({ "misuse", "not_deleted", 0 }, { err.kind, err.outcome, err.attempts })
    assert.matches("closed", err.message)
    assert.equal("unknown", raised("avatar", unused, { maybe_sent = true }).outcome)
  end)

  it("a method called with a dot", function()
    for _, name in ipairs { "delete_photo_avatar_async", "poll", "pollfd", "events", "timeout" } do
      for _, arguments in ipairs { {}, { "avatar" }, { {} }, { io.stdout } } do
        local err = calls.raised(client[name], table.unpack(arguments))
        assert.is_nil(calls.flaw_of_refusal(err, { "colon", ("client:%s(...)"):format(name) }))
        assert.equal(name, err.operation)
      end
    end
  end)
end)

describe("the trace of an asynchronous call", function()
  -- Two attempts: an answer that is lost, and one that says that nothing is there.
  local function plan()
    service:plan("twice", { { { reset = true } }, { { answer = true } } })
  end

  local function log_of(options)
    local log = {}
    local function trace(attempt) log[#log + 1] = attempt.attempt end
    local function callback(_, meta) log[#log + 1] = meta.outcome end
    local tracing <close> = calls.client(service, { max_retries = 1, trace = options.of_client and trace or nil })
    plan()
    tracing:delete_photo_avatar_async("twice", callback, options.of_call and { trace = trace })
    polling.finish(tracing)
    return log
  end

  it("comes once the call is over, in order, before the callback", function()
    assert.same({ 1, 2, "presumed_deleted" }, log_of { of_call = true })
    assert.same({ 1, 2, "presumed_deleted" }, log_of { of_client = true })
    assert.same({ 1, 2, "presumed_deleted" }, log_of { of_client = true, of_call = true })
  end)

  it("warns of errors in it, of attempts to yield too, and the callback runs all the same", function()
    local script = [[
      local heygen = require "heygen"
      local url, ca_file, way = ...
      local options = { api_key = "test-key", base_url = url, ca_file = ca_file }
      local client = heygen.new(options)
      local trace = ({
        text = function() error("trouble", 0) end,
        table = function() error {} end,
        yield = function() coroutine.yield() end,
      })[way]
      local outcome
      client:delete_photo_avatar_async("twice", function(_, meta) outcome = meta.outcome end, { trace = trace })
      coroutine.wrap(function() repeat until client:poll(1) == 0 end)()
      print(outcome)
    ]]
    for way, words in pairs { text = "trouble", table = "an error object of type table", yield = "yield" } do
      plan()
      local result = calls.run_script(script, { service.url, service.ca_file, way }, { warnings = true })
      assert.equal("presumed_deleted\n", result.stdout, result.stderr)
      local count = 0
      for line in result.stderr:gmatch "[^\n]+" do
        assert.matches("^Lua warning: heygen: error in the trace function: .*" .. words, line)
        count = count + 1
      end
      assert.equal(2, count)
    end
  end)
end)

describe("a deprecation", function()
  it("is in each meta, and warned of once a client, whichever call tells it", function()
    local deprecated <close> = server.start { deprecated = true, ids = { "a", "b", "c" } }
    local result = calls.run_script([[
      local heygen = require "heygen"
      local client = heygen.new { api_key = "test-key", base_url = ..., api_version = "v2" }
      for _, id in ipairs { "a", "b" } do
        client:delete_photo_avatar_async(id, function(_, meta) print(meta.deprecation.sunset) end)
      end
      repeat until client:poll(1) == 0
      print(select(2, client:delete_photo_avatar "c").deprecation.sunset)
    ]], { deprecated.url }, { warnings = true })
    assert.equal(("Sat, 31 Oct 2026 00:00:00 GMT\n"):rep(3), result.stdout)
    assert.equal(1, select(2, result.stderr:gsub("Lua warning:", "")), result.stderr)
  end)
end)

describe("for an event loop, a client", function()
  it("has a descriptor, the same before, between and after calls, and events and no timeout", function()
    local descriptor = client:pollfd()
    assert.is_true(math.type(descriptor) == "integer" and descriptor >= 0)
    assert.equal("r", client:events())
    assert.same({ n = 1 }, table.pack(client:timeout()))
    client:delete_photo_avatar_async "unknown"
    polling.finish(client)
    client:close()
    assert.equal(descriptor, client:pollfd())
    assert.equal("r", client:events())
  end)

  it("that was closed before all calls has none", function()
    client:close()
    assert.equal("misuse", calls.raised(client.pollfd, client).kind)
  end)

  it("is readable exactly while poll has work", function()
    assert.is_false(polling.is_readable(client))
    for number = 1, 3 do client:delete_photo_avatar_async("id-" .. number) end
    for left = 3, 1, -1 do
      polling.await_readable(client)
      local before
      repeat
        before = client:poll(1, 1)
      until before < left
      assert.equal(left - 1, before)
    end
    assert.is_false(polling.is_readable(client))
  end)

  it("is never readable in vain: the poll that follows delivers", function()
    for number = 1, 100 do
      client:delete_photo_avatar_async("no-avatar-" .. number)
      polling.await_readable(client)
      assert.equal(0, client:poll())
    end
  end)

  it("is readable while an error has kept something from being done", function()
    local resumed
    local request = client:delete_photo_avatar_async("unknown", function() error "mine" end)
    coroutine.wrap(function()
      pcall(request.await, request)
      resumed = true
    end)()
    assert.error_matches(function() polling.finish(client) end, "mine")
    assert.is_nil(resumed)
    assert.is_true(polling.is_readable(client))
    assert.equal(0, client:poll(1))
    assert.is_true(resumed)
    assert.is_false(polling.is_readable(client))
  end)

  it("is readable after close, until what it cancelled is delivered", function()
    service:plan("hanging", { always = { { hang = true } } })
    local seen, note = polling.notebook()
    client:delete_photo_avatar_async("hanging", note "hanging")
    assert.is_false(polling.is_readable(client))
    client:close()
    assert.is_true(polling.is_readable(client))
    assert.equal(0, client:poll(1))
    assert.equal("cancelled", seen[1].err.kind)
    assert.is_false(polling.is_readable(client))
  end)
end)
