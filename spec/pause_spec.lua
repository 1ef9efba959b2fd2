-- Pauses that the service asks for, and the limits that all calls of a client share, over the wire. No time is slept
-- for: it is jumped over.

local attempt = require "spec.support.attempt"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local polling = require "spec.support.polling"
local retrying = require "spec.support.retrying"
local server = require "spec.support.server"

local HOUR = 3600

local service, client

before_each(function()
  fake_time.install()
  service = polling.service { "avatar", "other" }
  client = retrying.client(service)
end)
after_each(function()
  client:close()
  service:stop()
  fake_time.uninstall()
end)

local function asking(status, seconds)
  return { { status = status, headers = { ["retry-after"] = seconds } } }
end

local function sequence(count)
  local ids = {}
  for number = 1, count do ids[number] = "id-" .. number end
  return ids
end

-- What asks for more than anybody would wait.
local ENDLESS = { "99999999999", tostring(os.time()), "7200", fake_time.http_date(86400) }

describe("a pause of more than an hour", function()
  for _, status in ipairs { 429, 503 } do
    it(("asked for by a %d ends after an hour, whatever was asked for"):format(status), function()
      for _, asked in ipairs(ENDLESS) do
        client:close()
        client = retrying.client(service)
        service:plan("avatar", { asking(status, asked) })
        local first = attempt.by(client, "avatar").err
        assert.equal(1, first.attempts)
        assert.is_true(first.retry_after > HOUR)
        fake_time.advance(HOUR - 10)
        local waiting = attempt.by(client, "other", { deadline = 5 }).err
        assert.same({ "rate_limited", "not_deleted", 0 }, { waiting.kind, waiting.outcome, waiting.attempts })
        -- It goes on saying what was asked for.
        assert.near(first.retry_after - (HOUR - 10), waiting.retry_after, 1)
        service:add "other"
        local idled = fake_time.idled()
        assert.equal("deleted", select(2, client:delete_photo_avatar("other", { deadline = 60 })).outcome)
        assert.near(10, fake_time.idled() - idled, 0.01)
        client:delete_photo_avatar("nobody", { missing_ok = true })
        assert.near(10, fake_time.idled() - idled, 0.01)
      end
    end)
  end

  it("lets one call go ahead, and lasts another hour if that is asked to wait too", function()
    service:plan("*", { always = asking(429, "99999999999") })
    attempt.by(client, "avatar", { max_retries = 0 })
    service:reset_record()
    fake_time.advance(HOUR)
    for number = 1, 20 do
      client:delete_photo_avatar_async("id-" .. number, nil, { deadline = 60, max_retries = 0 })
    end
    polling.finish(client)
    assert.equal(1, #service:requests())
  end)
end)

describe("a run, in a pause that another call was asked for,", function()
  for _, status in ipairs { 429, 503 } do
    it(("by a %d, stops where that is longer than its deadline"):format(status), function()
      service:plan("avatar", { always = { { sleep = 0.3 }, asking(status, "130")[1] } })
      client:close()
      client = retrying.client(service, { max_retries = 0 })
      -- The run's calls are all with the worker, but none has begun, when the pause comes.
      for _ = 1, 8 do client:delete_photo_avatar_async "avatar" end
      server.eventually(function() return service:deletes "avatar" == 8 end)
      local run = client:delete_photo_avatars_async(sequence(20), nil, { max_rate = 1000 })
      polling.finish(client)
      local report = run:result()
      assert.equal("rate_limited", report.stopped.kind)
      assert.near(130, report.stopped.retry_after, 0.01)
      assert.equal(20, report.not_attempted)
      assert.equal(0, fake_time.idled())
    end)
  end

  it("stops while none of its own calls can begin or end, blocking too", function()
    fake_time.uninstall()
    client:close()
    client = retrying.client(service, { max_retries = 0 })
    service:plan("avatar", { { { sleep = 0.3 }, asking(429, "130")[1] } })
    client:delete_photo_avatar_async "avatar"
    server.eventually(function() return service:deletes "avatar" == 1 end)
    -- At this rate the second id is due after ten seconds.
    local began = os.time()
    local report = client:delete_photo_avatars(sequence(20), { max_rate = 0.1 })
    assert.equal("rate_limited", report.stopped.kind)
    assert.is_true(os.time() - began < 8)
    polling.finish(client)
  end)

  it("waits where that is as long as its deadline", function()
    service:plan("avatar", { asking(503, "120") })
    attempt.by(client, "avatar", { max_retries = 0 })
    local report = client:delete_photo_avatars(sequence(20), { missing_ok = true })
    assert.is_nil(report.stopped)
    assert.same({ 20, 0 }, { report.absent, report.not_attempted })
    assert.near(120, fake_time.idled(), 0.01)
  end)
end)

describe("a call that waits for its retry", function()
  it("is given up at once when a pause comes that outlasts its deadline", function()
    service:plan("avatar", { { { status = 500, headers = { ["retry-after"] = "60" } } } })
    service:plan("other", { { { sleep = 0.3 }, asking(429, "3000")[1] } })
    fake_time.uninstall()
    client:close()
    client = retrying.client(service)
    local waiting = client:delete_photo_avatar_async "avatar"
    client:delete_photo_avatar_async("other", nil, { max_retries = 0 })
    local began = os.time()
    polling.finish(client)
    local _, err = waiting:result()
    assert.same({ "rate_limited", "unknown", 1 }, { err.kind, err.outcome, err.attempts })
    assert.is_true(os.time() - began < 25)
  end)

  it("costs nothing when it is cancelled before", function()
    fake_time.uninstall()
    client:close()
    client = retrying.client(service)
    service:plan("*", { always = { { status = 500, headers = { ["retry-after"] = "100" } } } })
    -- More than the tokens are enough for.
    for round = 1, 3 do
      local requests = {}
      for number = 1, 60 do requests[number] = client:delete_photo_avatar_async("id-" .. number) end
      server.eventually(function() return #service:requests() == round * 60 end)
      for _, request in ipairs(requests) do request:cancel() end
      polling.finish(client)
    end
    service:plan("*", {})
    service:plan("avatar", { { { status = 500 } } })
    assert.same({ "none", "deleted", 2, 2 }, (retrying.result_of(client, service, "avatar")))
  end)
end)

describe("max_concurrency", function()
  before_each(function()
    fake_time.uninstall()
    client:close()
    client = calls.client(service, { max_concurrency = 1 })
  end)

  it("holds for blocking and asynchronous calls together", function()
    service:plan("avatar", { { { sleep = 0.5 }, { answer = true } } })
    local request = client:delete_photo_avatar_async "avatar"
    server.eventually(function() return service:deletes "avatar" == 1 end)
    local _, meta = client:delete_photo_avatar "other"
    assert.is_true(meta.elapsed > 0.2)
    assert.is_true(client:poll(1) == 0 and request:done())
  end)

  it("lets a call that waits for an attempt of the other kind end at its deadline", function()
    local request = client:delete_photo_avatar_async "hanging"
    server.eventually(function() return service:deletes "hanging" == 1 end)
    local made = attempt.by(client, "avatar", { deadline = 0.3 })
    assert.same({ "timeout", "not_deleted", 0, 0 },
      { made.kind, made.outcome, made.err.attempts, service:deletes "avatar" })
    request:cancel()
    polling.finish(client)
    assert.equal("deleted", select(2, client:delete_photo_avatar "avatar").outcome)
  end)

  it("gives blocking and asynchronous calls their turn", function()
    service:plan("*", { always = { { sleep = 0.02 }, { answer = true } } })
    for number = 1, 50 do client:delete_photo_avatar_async("id-" .. number) end
    for _ = 1, 5 do client:delete_photo_avatar("nobody", { missing_ok = true }) end
    -- Without turns the blocking calls would wait for all of the others.
    assert.is_true(#service:requests() < 50)
    polling.finish(client)
  end)
end)

describe("the limits of a run", function()
  it("are its own: those of another that began with it end with that", function()
    service:plan("*", { always = { { answer = true } } })
    local short = client:delete_photo_avatars_async({ "a", "b" }, nil, { max_rate = 4 })
    local long = client:delete_photo_avatars_async(sequence(24), nil, { missing_ok = true })
    local started = fake_time.now()
    polling.finish(client)
    assert.equal(2, short:result().absent)
    assert.equal(24, long:result().absent)
    -- At the slower run's rate the 26 attempts would take more than six seconds.
    assert.is_true(fake_time.now() - started < 5, fake_time.now() - started)
  end)
end)
