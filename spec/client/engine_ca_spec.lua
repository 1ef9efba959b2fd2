-- Calls whose verification failed: they go again once, with the CA certificates read anew, and wait for each other with
-- that.

local calls = require "spec.support.calls"
local certificates = require "spec.support.certificates"
local fake_time = require "spec.support.fake_time"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

-- A limit that no call is expected to reach, in seconds.
local PATIENCE = 600

local service, strangers

setup(function() strangers = certificates.new() end)
teardown(function() strangers:remove() end)
before_each(function() service = server.start { tls = true, ids = { "avatar" } } end)
after_each(function() service:stop() end)

local function await_connections(count, open)
  server.eventually(function() return service:connections() == count and service:open_connections() == open end)
end

-- The kind, the outcome and the number of attempts of a failed request.
local function summary(request)
  local _, err = request:result()
  return { err.kind, err.outcome, err.attempts }
end

describe("a call whose peer is doubted", function()
  local client

  before_each(function()
    fake_time.install()
    client = calls.client(service, {
      ca_file = strangers.ca_file, connect_timeout = PATIENCE, timeout = PATIENCE, deadline = PATIENCE,
    })
  end)
  after_each(function()
    client:close()
    fake_time.uninstall()
  end)

  -- Returns once the client's thread has gone round with what it was told before.
  local function go_round()
    for _ = 1, 2 do
      local request = client:delete_photo_avatar_async "avatar"
      request:cancel()
      server.eventually(function() return client:poll() and request:done() end)
    end
  end

  it("waits for the others, however long that takes", function()
    service:plan_connection { {}, {}, {}, {}, { { hang = true } } }
    for _ = 1, 4 do client:delete_photo_avatar_async "avatar" end
    await_connections(5, 1)
    fake_time.advance(PATIENCE / 2)
    go_round()
    assert.equal(5, service:connections())
  end)

  describe("and that waits for another", function()
    local request

    before_each(function()
      service:plan_connection { { { hang = true } } }
      client:delete_photo_avatar_async "avatar"
      await_connections(1, 1)
      request = client:delete_photo_avatar_async("avatar", nil, { deadline = 100 })
      await_connections(2, 1)
      go_round()
      assert.is_false(request:done())
    end)
    after_each(function() assert.equal(0, service:deletes()) end)

    it("ends by its deadline", function()
      fake_time.advance(101)
      go_round()
      assert.same({ "timeout", "not_deleted", 1 }, summary(request))
    end)

    it("can be cancelled", function()
      request:cancel()
      server.eventually(function() return client:poll() and request:done() end)
      assert.same({ "cancelled", "not_deleted", 1 }, summary(request))
      assert.equal(2, service:connections())
    end)

    it("ends with the client", function()
      client:close()
      client:poll()
      assert.same({ "cancelled", "not_deleted", 1 }, summary(request))
      assert.equal(2, service:connections())
    end)
  end)

  it("has its place in the rate already", function()
    client = calls.client(service, { ca_file = strangers.ca_file, max_rate = 0.01 })
    local first = client:delete_photo_avatar_async("avatar", nil, { deadline = 60 })
    local second = client:delete_photo_avatar_async("avatar", nil, { deadline = 60 })
    polling.finish(client)
    assert.same({ "tls", "not_deleted", 1 }, summary(first))
    assert.same({ "timeout", "not_deleted", 0 }, summary(second))
    assert.equal(2, service:connections())
  end)
end)

describe("calls that wait since a handshake was broken", function()
  it("begin when the doubt is over, beside a handshake that hangs", function()
    service:plan_connection { { { read = true }, { reset = true } }, { { hang = true } } }
    local client <close> = calls.client(service, { connect_timeout = 30 })
    local broken = client:delete_photo_avatar_async "avatar"
    polling.finish(client)
    assert.same({ "tls", "not_deleted", 1 }, summary(broken))
    local hanging = client:delete_photo_avatar_async "hanging"
    local request = client:delete_photo_avatar_async "avatar"
    server.eventually(function() return client:poll(0.1) and request:done() end)
    assert.same({ "deleted", false }, { select(2, request:result()).outcome, hanging:done() })
  end)
end)
