-- client:poll: how results come to the host, and what callbacks may do.

local calls = require "spec.support.calls"
local compiler = require "spec.support.compiler"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local service, client, start

before_each(function() service, client, start = polling.stage() end)
after_each(function()
  client:close()
  service:stop()
end)

-- Waits until so many results are there, by the record of the service and by those that a call behind them makes.
local function settle(count)
  server.eventually(function() return service:deletes() >= count end)
  local watcher <close> = calls.client(service)
  watcher:delete_photo_avatar("watcher", { missing_ok = true })
end

describe("poll", function()
  it("has nothing to do without requests, and does not wait for any", function()
    assert.equal(0, client:poll())
    assert.equal(0, client:poll(60))
    assert.equal(0, client:poll(nil, nil))
  end)

  it("tells how many requests are still to be delivered", function()
    for number = 1, 5 do start("id-" .. number) end
    start "hanging"
    settle(6)
    local counts = {}
    for position = 1, 5 do
      polling.await_readable(client)
      counts[position] = client:poll(1, 1)
    end
    assert.same({ 5, 4, 3, 2, 1 }, counts)
    assert.equal(1, client:poll())
  end)

  it("without seconds never waits", function()
    start "hanging"
    for _ = 1, 1000 do assert.equal(1, client:poll()) end
  end)

  it("with seconds waits for a result", function()
    service:plan("slow", { { { sleep = 0.3 }, { answer = true } } })
    start "slow"
    assert.equal(0, client:poll(30))
  end)

  it("with seconds waits no longer, and delivers nothing that is not there", function()
    start "hanging"
    assert.equal(1, client:poll(0.05))
  end)

  it("delivers max_results at most", function()
    local seen, note = polling.notebook()
    for number = 1, 10 do start("id-" .. number, note(number)) end
    settle(10)
    polling.await_readable(client)
    client:poll(1, 1)
    assert.equal(1, #seen)
    polling.await_readable(client)
    client:poll(1, 3)
    assert.is_true(#seen <= 4)
    polling.finish(client)
    assert.equal(10, #seen)
  end)

  it("refuses other arguments, and delivers nothing by it", function()
    local seen, note = polling.notebook()
    start("unknown", note "unknown")
    polling.await_readable(client)
    for _, arguments in ipairs {
      { -1 }, { 0 / 0 }, { 86401 }, { math.huge }, { "1" }, { {} }, { true },
      { 0, 0 }, { 0, -1 }, { 0, 1.5 }, { 0, "1" }, { 0, {} }, { 0, math.huge },
    } do
      local err = calls.raised(client.poll, client, table.unpack(arguments))
      assert.is_nil(calls.flaw_of_refusal(err, { #arguments == 1 and "seconds" or "max_results" }))
    end
    assert.equal(0, #seen)
    assert.equal(0, client:poll(86400, 1.0))
    assert.equal(1, #seen)
  end)

  it("delivers also after close, and to a closed client nothing twice", function()
    local seen, note = polling.notebook()
    start("unknown", note "finished")
    polling.await_readable(client)
    start("hanging", note "hanging")
    client:close()
    assert.equal(0, client:poll(1))
    assert.equal(0, client:poll())
    assert.equal(2, #seen)
    assert.same({ "absent", "cancelled" }, { seen[1].outcome, seen[2].err.kind })
  end)

  it("goes on after a blocking call of the same client, and beside one", function()
    local seen, note = polling.notebook()
    start("one", note "one")
    assert.equal("absent", select(2, client:delete_photo_avatar("blocking", { missing_ok = true })).outcome)
    start("other", note "other")
    polling.finish(client)
    assert.equal(2, #seen)
    assert.equal(3, service:deletes())
  end)
end)

describe("in a callback", function()
  -- Runs `action` in the callback of a request; returns what it returned.
  local function within(action)
    local result
    start("unknown", function() result = table.pack(action()) end)
    polling.finish(client)
    return table.unpack(result, 1, result.n)
  end

  it("a call may be started; it is never finished within", function()
    local finished
    within(function()
      start("next", function() finished = true end)
      assert(not finished)
    end)
    assert.is_true(finished)
    assert.equal(1, service:deletes "next")
  end)

  it("a chain of a hundred calls may be started, one by the other", function()
    local left = 100
    local function next_one()
      left = left - 1
      if left > 0 then start("id-" .. left, next_one) end
    end
    start("id-0", next_one)
    polling.finish(client)
    assert.same({ 0, 100 }, { left, service:deletes() })
  end)

  it("a blocking call may be made", function()
    local outcome = within(function()
      return select(2, client:delete_photo_avatar("blocking", { missing_ok = true })).outcome
    end)
    assert.equal("absent", outcome)
  end)

  it("others, and the request itself, may be cancelled", function()
    local seen, note = polling.notebook()
    local other = start("hanging", note "other")
    local own
    own = start("unknown", function()
      own:cancel()
      other:cancel()
    end)
    polling.finish(client)
    assert.equal("cancelled", seen[1].err.kind)
    assert.equal("not_found", select(2, own:result()).kind)
  end)

  it("the client may be closed; the rest is delivered as cancelled", function()
    local seen, note = polling.notebook()
    for number = 1, 3 do start("hanging", note(number)) end
    within(function()
      client:close()
      client:close()
      assert.equal("misuse", calls.raised(start, "more").kind)
    end)
    assert.equal(3, #seen)
    for _, delivery in ipairs(seen) do assert.equal("cancelled", delivery.err.kind) end
  end)

  it("the collector may be run", function()
    local seen, note = polling.notebook()
    for number = 1, 5 do start("id-" .. number, note(number)) end
    within(collectgarbage)
    assert.equal(5, #seen)
  end)

  it("the request is done, and has its result", function()
    local request
    request = start("unknown", function(_, err)
      assert.is_true(request:done())
      assert.equal(err, select(2, request:result()))
      local raised = calls.raised(request.await, request)
      raised.where = nil
      assert.same(err, raised)
    end)
    polling.finish(client)
  end)

  it("poll is misuse, and delivers nothing", function()
    local seen, note = polling.notebook()
    for number = 1, 3 do start("id-" .. number, note(number)) end
    local err = within(function()
      local before = #seen
      local raised = calls.raised(client.poll, client, 0.1)
      assert(#seen == before)
      return raised
    end)
    assert.same({ "misuse", "not_deleted", "poll" }, { err.kind, err.outcome, err.operation })
    assert.matches("callback", err.message)
    assert.equal(3, #seen)
  end)

  it("poll of another client is allowed", function()
    local other <close> = calls.client(service)
    local outcome
    other:delete_photo_avatar_async("other", function(_, err) outcome = err.outcome end)
    within(function() polling.finish(other) end)
    assert.equal("absent", outcome)
  end)

  it("await of a request that is not done is misuse", function()
    local other = start "hanging"
    local err = within(function()
      local raised = calls.raised(other.await, other)
      other:cancel()
      return raised
    end)
    assert.same({ "misuse", "await" }, { err.kind, err.operation })
  end)

  it("yielding is misuse, in and outside a coroutine; its rest is not run", function()
    local went_on
    local function yield()
      coroutine.yield()
      went_on = true
    end
    start("unknown", yield)
    local err = calls.raised(polling.finish, client)
    assert.same({ "misuse", "poll" }, { err.kind, err.operation })
    assert.matches("yield", err.message)
    start("unknown", yield)
    err = coroutine.wrap(function() return calls.raised(polling.finish, client) end)()
    assert.equal("misuse", err.kind)
    assert.equal(0, client:poll(1))
    assert.is_nil(went_on)
  end)

  it("coroutines of its own may yield", function()
    local sum = 0
    within(function()
      for number in coroutine.wrap(function() for number = 1, 3 do coroutine.yield(number) end end) do
        sum = sum + number
      end
    end)
    assert.equal(6, sum)
  end)
end)

describe("an error of a callback", function()
  it("leaves poll as it is, whatever it is", function()
    for _, raised in ipairs {
      "text", {}, 1, true, { kind = "timeout" }, "an attempt to yield to the temptation", "attempt to yield ",
    } do
      start("unknown", function() error(raised, 0) end)
      local succeeded, got = pcall(polling.finish, client)
      assert.is_false(succeeded)
      assert.equal(raised, got)
    end
    start("unknown", function() error(nil) end)
    assert.same({ false, n = 2 }, table.pack(pcall(polling.finish, client)))
    assert.equal(0, client:poll(1))
  end)

  it("takes nothing from the others: the next poll delivers the rest", function()
    local runs, errors = {}, 0
    for number = 1, 20 do
      start("id-" .. number, function()
        runs[number] = (runs[number] or 0) + 1
        if number % 3 == 0 then error("mine", 0) end
      end)
    end
    local finished
    repeat
      local succeeded, result = pcall(client.poll, client, 1)
      if succeeded then
        finished = result == 0
      else
        assert.equal("mine", result)
        errors = errors + 1
      end
    until finished
    assert.equal(6, errors)
    for number = 1, 20 do assert.equal(1, runs[number]) end
  end)

  it("leaves its request delivered", function()
    local request = start("unknown", function() error "mine" end)
    assert.is_false(pcall(polling.finish, client))
    assert.is_true(request:done())
    assert.equal("not_found", select(2, request:result()).kind)
    assert.equal(0, client:poll(1))
  end)

  it("leaves the client free for another poll at once", function()
    start("unknown", function() error "mine" end)
    assert.is_false(pcall(polling.finish, client))
    local seen, note = polling.notebook()
    start("unknown", note "next")
    polling.finish(client)
    assert.equal(1, #seen)
  end)

  it("keeps nobody who awaits the same request from going on", function()
    local results = {}
    local request = start("unknown", function() error "mine" end)
    for number = 1, 2 do
      coroutine.wrap(function() results[number] = calls.raised(request.await, request).kind end)()
    end
    assert.is_false(pcall(polling.finish, client))
    assert.same({}, results)
    assert.equal(0, client:poll(1))
    assert.same({ "not_found", "not_found" }, results)
  end)
end)

describe("a hook during poll", function()
  local system

  setup(function() system = compiler.load "system" end)

  it("that raises ends the wait as interrupted; the requests go on", function()
    local seen, note = polling.notebook()
    local request = start("hanging", note "hanging")
    local raises = true
    system.every(0.1, function() if raises then error("enough", 0) end end)
    local err = calls.raised(client.poll, client, 60)
    raises = false
    system.never()
    assert.same({ "interrupted", "unknown", "poll" }, { err.kind, err.outcome, err.operation })
    assert.same({ false, 0 }, { request:done(), #seen })
    request:cancel()
    polling.finish(client)
    assert.same({ 1, "unknown" }, { #seen, seen[1].outcome })
  end)

  it("that returns ends nothing", function()
    local runs = 0
    service:plan("slow", { { { sleep = 0.6 }, { answer = true } } })
    start "slow"
    system.every(0.1, function() runs = runs + 1 end)
    local left = client:poll(30)
    system.never()
    assert.equal(0, left)
    assert.is_true(runs > 0)
  end)

  it("may close the client: what is cancelled by it is delivered", function()
    local seen, note = polling.notebook()
    start("hanging", note "hanging")
    system.every(0.1, function() client:close() end)
    local left = client:poll(30)
    system.never()
    assert.equal(0, left)
    assert.equal("cancelled", seen[1].err.kind)
  end)

  it("within a blocking call finds poll and pollfd misused, and may cancel and start nothing", function()
    service:plan("slow", { always = { { sleep = 0.6 }, { status = 204 } } })
    local request = start "hanging"
    local kinds = {}
    system.every(0.1, function()
      if calls.raised(client.delete_photo_avatar, client, "").kind ~= "misuse" then return end
      kinds[1] = calls.raised(client.poll, client).kind
      kinds[2] = calls.raised(client.pollfd, client).kind
      kinds[3] = calls.raised(start, "more").kind
      request:cancel()
    end)
    local succeeded = pcall(client.delete_photo_avatar, client, "slow")
    system.never()
    assert.is_true(succeeded)
    assert.same({ "misuse", "misuse", "misuse" }, kinds)
    polling.finish(client)
    assert.equal("cancelled", select(2, request:result()).kind)
  end)
end)

describe("Ctrl-C", function()
  it("ends a poll that waits", function()
    local child = calls.start_script([[
      local heygen = require "heygen"
      local client = heygen.new { api_key = "test-key", base_url = ..., timeout = 60 }
      local request = client:delete_photo_avatar_async "hanging"
      local succeeded, err = pcall(client.poll, client, 60)
      print(succeeded, err.kind, err.outcome, request:done())
    ]], { service.url })
    server.eventually(function() return service:deletes "hanging" == 1 end, 30)
    child:signal "INT"
    local result = child:wait(30)
    assert.equal("false\tinterrupted\tunknown\tfalse\n", result.stdout, result.stderr)
    assert.equal(0, result.status)
  end)
end)
