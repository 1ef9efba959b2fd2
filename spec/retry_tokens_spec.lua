-- What retries cost a client, and what earns them back. No time is slept for: it is jumped over.

local attempt = require "spec.support.attempt"
local fake_time = require "spec.support.fake_time"
local retrying = require "spec.support.retrying"
local server = require "spec.support.server"

local FAILED = retrying.FAILED

-- An attempt's timeout where the service stays silent, in seconds.
local SHORT = 0.5

local service, client

before_each(function()
  fake_time.install()
  service = server.start { ids = { "avatar" } }
  client = retrying.client(service)
end)
after_each(function()
  client:close()
  service:stop()
  fake_time.uninstall()
end)

local function result_of(id, options)
  return retrying.result_of(client, service, id, options)
end

describe("retry tokens", function()
  -- How many retries the client still makes of calls that always fail.
  local function retries_left()
    local count = 0
    service:plan("failing", { always = FAILED })
    repeat
      local _, made = result_of("failing", { max_retries = 10, deadline = 3600 })
      count = count + made.err.attempts - 1
    until made.err.attempts < 11
    return count
  end

  it("are enough for a hundred retries in a row; then calls are tried once", function()
    assert.equal(100, retries_left())
    local before = service:deletes "failing"
    local idled = fake_time.idled()
    for _ = 1, 5 do attempt.by(client, "failing") end
    assert.same({ before + 5, idled }, { service:deletes "failing", fake_time.idled() })
  end)

  it("cost double after a timeout", function()
    service:plan("slow", { always = { { status = 408 } } })
    attempt.by(client, "slow", { max_retries = 10, deadline = 3600 })
    assert.equal(80, retries_left())
  end)

  it("cost double after a silence", function()
    service:plan("slow", { always = { { hang = true } } })
    attempt.by(client, "slow", { max_retries = 1, timeout = SHORT })
    assert.equal(98, retries_left())
  end)

  it("come back from a success, as much as its last retry cost", function()
    retries_left()
    -- With none left no retry is made that could succeed: five plain successes earn the first.
    for _ = 1, 5 do client:delete_photo_avatar("nobody", { missing_ok = true }) end
    service:plan("avatar", { FAILED })
    assert.same({ "none", "deleted", 2, 2 }, result_of "avatar")
    assert.equal(1, retries_left())
  end)

  it("come back after a timeout, as much as its retry cost", function()
    retries_left()
    for _ = 1, 10 do client:delete_photo_avatar("nobody", { missing_ok = true }) end
    service:plan("avatar", { { { status = 408 } } })
    assert.same({ "none", "deleted", 2, 2 }, result_of "avatar")
    assert.equal(2, retries_left())
  end)

  it("are lost by the retries before the last", function()
    service:plan("avatar", { FAILED, FAILED })
    assert.same({ "none", "deleted", 3, 3 }, result_of "avatar")
    assert.equal(99, retries_left())
  end)

  it("are not earned by failures", function()
    retries_left()
    for _ = 1, 20 do attempt.by(client, "nobody") end
    assert.equal(0, retries_left())
  end)

  it("are shared by blocking and asynchronous calls", function()
    service:plan("failing", { always = FAILED })
    for _ = 1, 5 do client:delete_photo_avatar_async("failing", nil, { max_retries = 10, deadline = 3600 }) end
    repeat until client:poll(5) == 0
    assert.equal(50, retries_left())
  end)

  it("are each client's own", function()
    retries_left()
    client:close()
    client = retrying.client(service)
    assert.equal(100, retries_left())
  end)

  it("that have run out leave the last attempt's error", function()
    retries_left()
    service:plan("avatar", { always = retrying.busy "7" })
    local result, made = result_of "avatar"
    assert.same({ "server", "unknown", 1, 1 }, result)
    assert.same({ 503, 7 }, { made.err.status, made.err.retry_after })
  end)
end)
