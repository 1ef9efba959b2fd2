-- heygen.Request: await, in coroutines and outside of them.

local calls = require "spec.support.calls"
local polling = require "spec.support.polling"

local service, client, start

before_each(function() service, client, start = polling.stage { "avatar", "other" } end)
after_each(function()
  client:close()
  service:stop()
end)

describe("await", function()
  it("returns body and meta", function()
    local result
    coroutine.wrap(function() result = table.pack(start("avatar"):await()) end)()
    assert.is_nil(result)
    polling.finish(client)
    assert.same({ { code = 100 }, "deleted", 2 }, { result[1], result[2].outcome, result.n })
  end)

  it("raises the error", function()
    local err
    coroutine.wrap(function()
      local request = start "unknown"
      err = calls.raised(request.await, request)
      err.where = nil
      assert.same(err, select(2, request:result()))
    end)()
    polling.finish(client)
    assert.equal("not_found", err.kind)
  end)

  it("comes after the request's own callback", function()
    local log = {}
    coroutine.wrap(function()
      start("avatar", function() log[#log + 1] = "callback" end):await()
      log[#log + 1] = "await"
    end)()
    polling.finish(client)
    assert.same({ "callback", "await" }, log)
  end)

  it("lets several coroutines wait, each for its own", function()
    local outcomes = {}
    for _, id in ipairs { "avatar", "other", "unknown" } do
      coroutine.wrap(function()
        outcomes[id] = select(2, start(id, nil, { missing_ok = true }):await()).outcome
      end)()
    end
    polling.finish(client)
    assert.same({ avatar = "deleted", other = "deleted", unknown = "absent" }, outcomes)
  end)

  it("lets several coroutines wait for one request", function()
    local request = start "avatar"
    local metas = {}
    for number = 1, 5 do
      coroutine.wrap(function() metas[number] = select(2, request:await()) end)()
    end
    polling.finish(client)
    for number = 1, 5 do assert.equal(select(2, request:result()), metas[number]) end
  end)

  it("lets one coroutine wait for one after the other", function()
    local outcomes = {}
    coroutine.wrap(function()
      for _, id in ipairs { "avatar", "other", "avatar" } do
        outcomes[#outcomes + 1] = select(2, start(id, nil, { missing_ok = true }):await()).outcome
      end
    end)()
    polling.finish(client)
    assert.same({ "deleted", "deleted", "absent" }, outcomes)
  end)

  it("returns at once when the request is done, outside a coroutine too", function()
    local request = start "avatar"
    polling.finish(client)
    assert.equal("deleted", select(2, request:await()).outcome)
  end)

  it("is misuse where it can't yield", function()
    local request = start "hanging"
    local err = calls.raised(request.await, request)
    assert.same({ "misuse", "not_deleted", "await" }, { err.kind, err.outcome, err.operation })
    assert.matches("coroutine", err.message)
    -- A function of C's in between, that can't be left and entered again.
    coroutine.wrap(function()
      table.sort({ 2, 1 }, function()
        err = calls.raised(request.await, request)
        return false
      end)
    end)()
    assert.equal("misuse", err.kind)
  end)

  it("is misuse when somebody else resumes the coroutine, and the request goes on", function()
    local request = start "avatar"
    local err
    local thread = coroutine.create(function() err = calls.raised(request.await, request) end)
    assert.same({ true, n = 1 }, table.pack(coroutine.resume(thread)))
    assert.same({ true, n = 1 }, table.pack(coroutine.resume(thread, "nonsense")))
    assert.same({ "misuse", "await" }, { err.kind, err.operation })
    assert.equal("dead", coroutine.status(thread))
    polling.finish(client)
    assert.equal("deleted", select(2, request:result()).outcome)
  end)

  it("finds its result when somebody else resumes the coroutine after the delivery", function()
    local outcomes = {}
    local thread
    local request = start("avatar", function() assert(coroutine.resume(thread)) end)
    thread = coroutine.create(function() outcomes[#outcomes + 1] = select(2, request:await()).outcome end)
    coroutine.resume(thread)
    polling.finish(client)
    assert.same({ "deleted" }, outcomes)
    assert.equal("dead", coroutine.status(thread))
  end)

  it("does not disturb a coroutine that waits for something else by then", function()
    local log = {}
    local thread
    local request = start("avatar", function() assert(coroutine.resume(thread)) end)
    thread = coroutine.create(function()
      request:await()
      log[#log + 1] = coroutine.yield()
    end)
    coroutine.resume(thread)
    polling.finish(client)
    assert.same({}, log)
    coroutine.resume(thread, "mine")
    assert.same({ "mine" }, log)
  end)

  it("forgets a coroutine that was closed or collected, and the others go on", function()
    local request = start "avatar"
    local outcome
    local closed = coroutine.create(function() request:await() end)
    coroutine.resume(closed)
    coroutine.wrap(function() outcome = select(2, request:await()).outcome end)()
    coroutine.wrap(function() request:await() end)()
    coroutine.close(closed)
    collectgarbage()
    polling.finish(client)
    assert.equal("deleted", outcome)
  end)

  it("of a coroutine that raises leaves poll, closes its variables, and the others go on", function()
    local request = start "avatar"
    local log = {}
    for number = 1, 4 do
      coroutine.wrap(function()
        local guard <close> = setmetatable({}, { __close = function() log[#log + 1] = "closed" end })
        assert(guard)
        request:await()
        error("mine " .. number, 0)
      end)()
    end
    local raised = {}
    repeat
      local succeeded, result = pcall(client.poll, client, 1)
      if not succeeded then raised[#raised + 1] = result end
    until succeeded and result == 0
    table.sort(raised)
    assert.same({ "mine 1", "mine 2", "mine 3", "mine 4" }, raised)
    assert.equal(4, #log)
  end)

  it("is cancelled with its request, and by close", function()
    local kinds = {}
    for number, stop in ipairs {
      function(request) request:cancel() end,
      function() client:close() end,
    } do
      local request = start "hanging"
      coroutine.wrap(function() kinds[number] = calls.raised(request.await, request).kind end)()
      stop(request)
      polling.finish(client)
    end
    assert.same({ "cancelled", "cancelled" }, kinds)
  end)

  it("works in a coroutine of a coroutine, where the inner one alone is resumed", function()
    local log = {}
    local outer = coroutine.create(function()
      coroutine.wrap(function()
        start("avatar"):await()
        log[#log + 1] = "inner"
      end)()
      log[#log + 1] = "outer"
    end)
    coroutine.resume(outer)
    polling.finish(client)
    assert.same({ "outer", "inner" }, log)
  end)

  it("may use the client further in what poll resumes, but not poll", function()
    local kind, outcome
    coroutine.wrap(function()
      start("avatar"):await()
      kind = calls.raised(client.poll, client).kind
      outcome = select(2, start("other"):await()).outcome
    end)()
    polling.finish(client)
    assert.same({ "misuse", "deleted" }, { kind, outcome })
  end)
end)
