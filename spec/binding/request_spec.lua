-- heygen.Request: done, result, cancel. What await does is in a spec of its own.

local calls = require "spec.support.calls"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local service, client, start

before_each(function() service, client, start = polling.stage { "avatar", "other" } end)
after_each(function()
  client:close()
  service:stop()
end)

local function is_hanging()
  return service:deletes "hanging" > 0
end

describe("a request", function()
  it("has no result before poll delivers it, whenever it finishes", function()
    local request = start "avatar"
    assert.same({ nil, n = 1 }, table.pack(request:result()))
    polling.await_readable(client)
    assert.is_false(request:done())
    assert.same({ nil, n = 1 }, table.pack(request:result()))
    polling.finish(client)
    assert.is_true(request:done())
  end)

  it("has body and meta, the same tables each time", function()
    local given
    local request = start("avatar", function(...) given = table.pack(...) end)
    polling.finish(client)
    for _ = 1, 2 do
      local result = table.pack(request:result())
      assert.equal(2, result.n)
      assert.equal(given[1], result[1])
      assert.equal(given[2], result[2])
    end
    assert.equal("deleted", given[2].outcome)
  end)

  it("has nil and the error", function()
    local request = start "unknown"
    polling.finish(client)
    local result = table.pack(request:result())
    assert.same({ nil, "not_found", 2 }, { result[1], result[2].kind, result.n })
  end)

  it("shows how far it is, and nothing of the key", function()
    local good, bad = start "avatar", start "unknown"
    assert.equal("heygen.Request (pending)", tostring(good))
    polling.finish(client)
    assert.equal("heygen.Request (succeeded)", tostring(good))
    assert.equal("heygen.Request (failed)", tostring(bad))
  end)

  it("has the metatable heygen.Request, with methods apart from metamethods", function()
    local request = start "avatar"
    assert.equal("heygen.Request", getmetatable(request).__name)
    assert.is_nil(request.__gc)
    assert.is_nil(request.call)
  end)

  it("tells of a dot in place of a colon", function()
    local request = start "avatar"
    for _, name in ipairs { "done", "result", "cancel", "await" } do
      for _, argument in ipairs { client, io.stdout, {}, 1 } do
        local err = calls.raised(request[name], argument)
        assert.is_nil(calls.flaw_of_refusal(err, { "colon", ("request:%s()"):format(name) }))
        assert.equal(name, err.operation)
      end
      assert.matches("colon", calls.raised(request[name]).message)
    end
  end)

  it("called on nothing by the collector's side is Lua's own error", function()
    local metatable = getmetatable(start "avatar")
    for _, name in ipairs { "__gc", "__tostring" } do
      assert.error_matches(function() metatable[name](io.stdout) end, "heygen.Request expected")
    end
  end)

  it("does no harm when its finalizer is called by hand", function()
    local request = start "avatar"
    getmetatable(request).__gc(request)
    polling.finish(client)
    getmetatable(request).__gc(request)
    assert.equal("deleted", select(2, request:result()).outcome)
  end)

  it("that nobody holds finishes, and calls back", function()
    local seen, note = polling.notebook()
    for number = 1, 10 do start("id-" .. number, note(number)) end
    collectgarbage()
    collectgarbage()
    polling.finish(client)
    assert.equal(10, #seen)
    assert.equal(10, service:deletes())
  end)

  it("keeps its client alive", function()
    local weak = setmetatable({}, { __mode = "v" })
    local function start_of_another()
      weak.client = calls.client(service)
      return weak.client:delete_photo_avatar_async "avatar"
    end
    local request = start_of_another()
    collectgarbage()
    polling.finish(weak.client)
    assert.equal("deleted", select(2, request:result()).outcome)
    request = nil -- luacheck: ignore 311
    collectgarbage()
    assert.is_nil(weak.client)
  end)
end)

describe("cancel", function()
  it("of a request that waits for its turn leaves nothing sent", function()
    local narrow <close> = calls.client(service, { max_concurrency = 1 })
    narrow:delete_photo_avatar_async "hanging"
    server.eventually(is_hanging)
    local request = narrow:delete_photo_avatar_async "avatar"
    request:cancel()
    assert.is_false(request:done())
    while not request:done() do narrow:poll(1) end
    local _, err = request:result()
    assert.same({ "cancelled", "not_deleted", 0, "avatar" }, { err.kind, err.outcome, err.attempts, err.avatar_id })
    assert.equal(0, service:deletes "avatar")
    assert.is_true(service:knows "avatar")
  end)

  it("of a request that was sent is in doubt", function()
    local request = start "hanging"
    server.eventually(is_hanging)
    request:cancel()
    polling.finish(client)
    local _, err = request:result()
    assert.same({ "cancelled", "unknown", 1 }, { err.kind, err.outcome, err.attempts })
    server.eventually(function() return service:open_connections() == 0 end)
  end)

  it("of a request that has had an interim answer tells of no status", function()
    service:plan("hinted", { { { send = "HTTP/1.1 103 Early Hints\r\n\r\n" }, { hang = true } } })
    local traced
    local request = start("hinted", nil, { trace = function(event) traced = event end })
    client:poll(0.3)
    request:cancel()
    polling.finish(client)
    local _, err = request:result()
    assert.same({ "cancelled", "unknown", "cancelled" }, { err.kind, err.outcome, traced.kind })
    assert.same({}, { err.status, traced.status })
  end)

  it("of a request that connects leaves nothing sent", function()
    local silent <close> = calls.client(service, { base_url = "https://127.0.0.1:" .. server.silent() })
    local request = silent:delete_photo_avatar_async "avatar"
    request:cancel()
    polling.finish(silent)
    local _, err = request:result()
    assert.same({ "cancelled", "not_deleted" }, { err.kind, err.outcome })
  end)

  it("of a request between two attempts tells of the first one", function()
    service:plan("lost", { always = { { delete = true }, { reset = true } } })
    service:plan("refused", { always = { { status = 429, headers = { ["retry-after"] = "60" } } } })
    local patient <close> = calls.client(service, { max_rate = 1000 })
    local lost = client:delete_photo_avatar_async("lost", nil, { max_retries = 10 })
    local refused = patient:delete_photo_avatar_async("refused", nil, { max_retries = 10 })
    server.eventually(function() return service:deletes "lost" > 0 and service:deletes "refused" > 0 end)
    lost:cancel()
    refused:cancel()
    polling.finish(client)
    polling.finish(patient)
    assert.same({ "cancelled", "unknown" }, { select(2, lost:result()).kind, select(2, lost:result()).outcome })
    -- Answered or not by the time of the cancel: a refusal that has come leaves no doubt.
    local outcome = select(2, refused:result()).outcome
    assert.is_true(outcome == "not_deleted" or outcome == "unknown", outcome)
  end)

  it("may be called again and again, before, during and after", function()
    local requests = {}
    for number = 1, 30 do requests[number] = start "hanging" end
    for _ = 1, 20 do
      for _, request in ipairs(requests) do assert.equal(0, select("#", request:cancel())) end
    end
    polling.finish(client)
    for _, request in ipairs(requests) do
      request:cancel()
      assert.equal("cancelled", select(2, request:result()).kind)
    end
  end)

  it("ends every one of many, however the cancels fall", function()
    local wide <close> = calls.client(service, { max_concurrency = 50 })
    for round = 1, 10 do
      local requests = {}
      for number = 1, 50 do requests[number] = wide:delete_photo_avatar_async "hanging" end
      server.eventually(function() return service:deletes "hanging" == 50 * round end)
      for _, request in ipairs(requests) do request:cancel() end
      -- While the first ones are being ended, some of the middle are asked for again.
      for number = 25, 45 do requests[number]:cancel() end
      polling.finish(wide)
      for _, request in ipairs(requests) do assert.equal("cancelled", select(2, request:result()).kind) end
    end
  end)

  it("does nothing once a real answer is there, delivered or not", function()
    local request = start "avatar"
    polling.await_readable(client)
    request:cancel()
    polling.finish(client)
    request:cancel()
    assert.equal("deleted", select(2, request:result()).outcome)
  end)

  it("does nothing on a closed client", function()
    local request = start "hanging"
    client:close()
    request:cancel()
    polling.finish(client)
    request:cancel()
    assert.equal("cancelled", select(2, request:result()).kind)
  end)

  it("frees the place for the next", function()
    local narrow <close> = calls.client(service, { max_concurrency = 1 })
    local hanging = narrow:delete_photo_avatar_async "hanging"
    local request = narrow:delete_photo_avatar_async "avatar"
    hanging:cancel()
    polling.finish(narrow)
    assert.equal("deleted", select(2, request:result()).outcome)
  end)
end)
