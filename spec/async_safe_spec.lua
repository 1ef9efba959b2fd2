-- heygen.safe's asynchronous side: nil and the error in the place of what would be raised.

local core = require "heygen.core"
local heygen = require "heygen"
local safe = require "heygen.safe"
local calls = require "spec.support.calls"
local polling = require "spec.support.polling"

local service, client

before_each(function()
  service = polling.service { "avatar", "other" }
  client = assert(safe.new(calls.options(service)))
end)
after_each(function()
  client:close()
  service:stop()
end)

local function assert_failed(kind, ...)
  local values = table.pack(...)
  assert.equal(2, values.n)
  assert.is_nil(values[1])
  assert.is_true(heygen.is_error(values[2]))
  assert.equal(kind, values[2].kind)
end

describe("a safe client", function()
  it("starts requests, whose callbacks are as ever", function()
    local seen, note = polling.notebook()
    assert(client:delete_photo_avatar_async("avatar", note "avatar"))
    assert(client:delete_photo_avatar_async("unknown", note "unknown"))
    polling.finish(client)
    local outcomes = {}
    for _, delivery in ipairs(seen) do outcomes[delivery.name] = delivery.outcome end
    assert.same({ avatar = "deleted", unknown = "absent" }, outcomes)
  end)

  it("returns nil and the error where a start is refused", function()
    assert_failed("invalid_argument", client:delete_photo_avatar_async "no id")
    assert_failed("invalid_argument", client:delete_photo_avatar_async("avatar", {}))
    assert_failed("invalid_argument", client:delete_photo_avatar_async("avatar", nil, { time_out = 1 }))
    assert_failed("invalid_argument", client:delete_photo_avatars_async(1))
    assert_failed("invalid_argument", client.delete_photo_avatar_async("avatar"))
    client:close()
    assert_failed("misuse", client:delete_photo_avatar_async "avatar")
    assert_failed("misuse", client:delete_photo_avatars_async {})
  end)

  it("starts bulk runs", function()
    local given
    local request = assert(client:delete_photo_avatars_async({ "avatar", "other", "unknown" }, function(report)
      given = report
    end))
    polling.finish(client)
    local report = request:result()
    assert.equal(given, report)
    assert.same({ 3, 2, 1 }, { report.total, report.deleted, report.absent })
  end)

  it("polls, and returns nil and the error for misuse and nonsense", function()
    assert.equal(0, client:poll())
    assert_failed("invalid_argument", client:poll(-1))
    local values
    client:delete_photo_avatar_async("avatar", function() values = table.pack(client:poll()) end)
    polling.finish(client)
    assert_failed("misuse", table.unpack(values, 1, values.n))
  end)

  it("lets a callback's own error pass through poll", function()
    for _, raised in ipairs { "text", {} } do
      client:delete_photo_avatar_async("unknown", function() error(raised, 0) end)
      local succeeded, got = pcall(polling.finish, client)
      assert.same({ false, raised }, { succeeded, got })
    end
  end)

  it("tells event loops the same as the real one", function()
    local descriptor = assert(client:pollfd())
    assert.is_true(descriptor >= 0)
    assert.equal("r", client:events())
    assert.same({ n = 1 }, table.pack(client:timeout()))
    client:delete_photo_avatar_async "avatar"
    polling.await_readable(client)
    polling.finish(client)
    local other = assert(safe.new(calls.options(service)))
    other:close()
    assert_failed("misuse", other:pollfd())
  end)
end)

describe("a safe request", function()
  it("has the methods of a request", function()
    local request = assert(client:delete_photo_avatar_async "avatar")
    for name in pairs(core.Request) do assert.is_function(request[name], name) end
  end)

  it("shows how far it is", function()
    local request = assert(client:delete_photo_avatar_async "avatar")
    assert.equal("heygen.safe.Request (pending)", tostring(request))
    polling.finish(client)
    assert.equal("heygen.safe.Request (succeeded)", tostring(request))
  end)

  it("is done, and has a result", function()
    local good = assert(client:delete_photo_avatar_async "avatar")
    local bad = assert(client:delete_photo_avatar_async "unknown")
    assert.is_false(good:done())
    assert.is_nil(good:result())
    polling.finish(client)
    assert.is_true(good:done())
    local body, meta = good:result()
    assert.same({ 100, "deleted" }, { body.code, meta.outcome })
    assert_failed("not_found", bad:result())
  end)

  it("returns from await what a safe call returns", function()
    local good, bad
    coroutine.wrap(function()
      good = table.pack(client:delete_photo_avatar_async("avatar"):await())
      bad = table.pack(client:delete_photo_avatar_async("unknown"):await())
    end)()
    polling.finish(client)
    assert.same({ 2, "deleted" }, { good.n, good[2].outcome })
    assert_failed("not_found", table.unpack(bad, 1, bad.n))
    local hanging = assert(client:delete_photo_avatar_async "hanging")
    assert_failed("misuse", hanging:await())
  end)

  it("is cancelled with true, any number of times", function()
    local request = assert(client:delete_photo_avatar_async "hanging")
    for _ = 1, 3 do assert.same({ true, n = 1 }, table.pack(request:cancel())) end
    polling.finish(client)
    assert_failed("cancelled", request:result())
    assert.same({ true, n = 1 }, table.pack(request:cancel()))
  end)

  it("tells of a dot in place of a colon", function()
    local request = assert(client:delete_photo_avatar_async "avatar")
    for name in pairs(core.Request) do
      for _, arguments in ipairs { {}, { 1 }, { {} }, { client } } do
        assert_failed("invalid_argument", request[name](table.unpack(arguments)))
      end
    end
  end)

  it("keeps its client alive", function()
    local weak = setmetatable({}, { __mode = "v" })
    local function start()
      local other = assert(safe.new(calls.options(service)))
      weak.client = other.real
      return other:delete_photo_avatar_async "avatar"
    end
    local request = start()
    collectgarbage()
    polling.finish(weak.client)
    assert.equal("deleted", select(2, request:result()).outcome)
  end)
end)
