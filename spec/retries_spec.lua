-- What is asked again, when, and how often; and what a call knows in the end. No time is slept for: it is jumped over.
-- The tokens that retries cost are in a spec of their own.

local attempt = require "spec.support.attempt"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local retrying = require "spec.support.retrying"
local server = require "spec.support.server"

local LOST = { { close = true } }
local FAILED, busy = retrying.FAILED, retrying.busy

-- How long calls may take that wait in truth, in seconds.
local PATIENCE = 60

local service, client, waits

-- A client whose trace keeps the waits between the attempts.
local function new_client(more)
  local options = { trace = function(event) waits[#waits + 1] = event.wait end }
  for name, value in pairs(more or {}) do options[name] = value end
  return retrying.client(service, options)
end

local function start(options, time)
  fake_time.install(time)
  service = server.start { ids = { "avatar", "other" } }
  waits = {}
  client = new_client(options)
end

local function limited(seconds)
  return { { status = 429, headers = { ["retry-after"] = tostring(seconds) } } }
end

local function result_of(id, options)
  return retrying.result_of(client, service, id, options)
end

before_each(function() start() end)
after_each(function()
  client:close()
  service:stop()
  fake_time.uninstall()
end)

describe("a call", function()
  it("is tried three times by default", function()
    service:plan("avatar", { always = FAILED })
    assert.same({ "server", "unknown", 3, 3 }, result_of "avatar")
  end)

  it("is tried once more than max_retries says", function()
    service:plan("avatar", { always = FAILED })
    for retries = 0, 10 do
      service:reset_record()
      assert.same({ "server", "unknown", retries + 1, retries + 1 },
        result_of("avatar", { max_retries = retries, deadline = 1000 }))
    end
  end)

  it("is tried until it has an answer", function()
    service:plan("avatar", { FAILED, LOST })
    assert.same({ "none", "deleted", 3, 3 }, result_of "avatar")
  end)

  it("waits half a second at most, then one, two … and twenty", function()
    client:close()
    start({ max_retries = 10, deadline = 1000 }, { random = { 0, 0.25, 0.5, 0.75, 1 - 2 ^ -20 } })
    service:plan("avatar", { always = FAILED })
    attempt.by(client, "avatar")
    local jitter = 1 - 2 ^ -20
    assert.same({ 0, 0.25, 1, 3, 8 * jitter, 0, 5, 10, 15, 20 * jitter }, waits)
    local total = 0
    for _, wait in ipairs(waits) do total = total + wait end
    assert.near(total, fake_time.idled(), 1e-6)
  end)
end)

describe("the service's Retry-After", function()
  local function waits_after(retry_after, options)
    waits = {}
    service:plan("avatar", { always = busy(retry_after) })
    local made = attempt.by(client, "avatar", options)
    return waits, made.err
  end

  it("is waited for, where it is longer than our own wait", function()
    assert.same({ 7, 7 }, waits_after "7")
    assert.same({ 7.5, 7.5 }, waits_after "7.5")
    assert.same({ 0.25, 0.5 }, (waits_after "0"))
  end)

  it("counts from the answer's own Date, where this machine's clock is wrong", function()
    for _, skew in ipairs { -3600, 3600 } do
      waits = {}
      service:plan("avatar", { { {
        status = 429,
        headers = { date = fake_time.http_date(skew), ["retry-after"] = fake_time.http_date(skew + 10) },
      } } })
      attempt.by(client, "avatar")
      assert.same({ 10 }, waits)
      service:add "avatar"
    end
  end)

  it("is passed over where it asks for nothing that can be done", function()
    for _, form in ipairs { "-7", "7.", "soon", "7 seconds", fake_time.http_date(-60), fake_time.http_date(0) } do
      local forms_waits, err = waits_after(form)
      assert.same({ 0.25, 0.5 }, forms_waits, form)
      assert.is_nil(err.retry_after)
    end
  end)

  it("raises the error at once where the deadline has no room for it", function()
    for _, form in ipairs { "120", "3600", ("9"):rep(30), fake_time.http_date(3600) } do
      local before = fake_time.now()
      local forms_waits, err = waits_after(form)
      assert.same({ {}, "server", "unknown", 1 }, { forms_waits, err.kind, err.outcome, err.attempts }, form)
      assert.is_true(err.retry_after >= 120)
      assert.equal(before, fake_time.now())
      client:close()
      client = new_client()
    end
    assert.same({ 119 }, waits_after "119")
  end)

  it("of a 503 pauses the whole client, as a 429's does", function()
    service:plan("avatar", { busy "60" })
    attempt.by(client, "avatar", { max_retries = 0 })
    client:delete_photo_avatar "other"
    assert.near(60, fake_time.idled(), 1e-6)
  end)

  it("holds for its own call alone after any other failure, and so does a 503 without one", function()
    service:plan("avatar", { { { status = 503 } }, { { status = 500, headers = { ["retry-after"] = "60" } } } })
    for _ = 1, 2 do attempt.by(client, "avatar", { max_retries = 0 }) end
    client:delete_photo_avatar "other"
    assert.equal(0, fake_time.idled())
  end)
end)

describe("a deadline", function()
  it("ends the attempts", function()
    service:plan("avatar", { always = busy "7" })
    assert.same({ "server", "unknown", 2, 2 }, result_of("avatar", { deadline = 10, max_retries = 10 }))
    assert.near(7, fake_time.idled(), 1e-6)
  end)

  it("counts from the moment of the call", function()
    service:plan("avatar", { always = busy "7" })
    fake_time.advance(1000)
    assert.same({ "server", "unknown", 2, 2 }, result_of("avatar", { deadline = 10 }))
  end)

  it("cuts the last attempt short, and its waits count", function()
    client:close()
    start({}, { flowing = true })
    service:plan("avatar", { busy "59", { { hang = true } } })
    local result, made = result_of("avatar", { deadline = 60, timeout = 30 })
    assert.same({ "timeout", "unknown", 2, 2 }, result)
    -- The attempt's own timeout would have ended it after the deadline.
    assert.is_true(made.err.elapsed >= 59.9 and made.err.elapsed < 60 + 15)
  end)

  it("does not begin a wait that it has no room for", function()
    service:plan("avatar", { always = busy "10" })
    assert.same({ "server", "unknown", 1, 1 }, result_of("avatar", { deadline = 10 }))
    assert.equal(0, fake_time.idled())
  end)

  it("that passes before the first attempt lets nothing be sent", function()
    client:close()
    start { max_rate = 0.01 }
    client:delete_photo_avatar "avatar"
    local result, made = result_of("other", { deadline = 60 })
    assert.same({ "timeout", "not_deleted", 0, 0 }, result)
    assert.equal(0, made.err.attempts)
    assert.equal(0, fake_time.idled())
  end)
end)

describe("what is never asked again", function()
  local answers = {
    { "a quota that is used up", 402, "{}", "quota_exceeded" },
    { "a quota that is used up, called 429", 429, '{"error":{"code":"quota_exceeded"}}', "quota_exceeded" },
    { "credit that is used up, called 429", 429, '{"code":400664}', "quota_exceeded" },
    { "a refusal", 403, "{}", "forbidden" },
    { "a conflict", 409, "{}", "conflict" },
  }
  for number, answer in ipairs(answers) do
    local name, status, body, kind = table.unpack(answer)
    it("is " .. name, function()
      local id = "id-" .. number
      -- That it asks to wait changes nothing.
      service:plan(id, { always = { { status = status, body = body, headers = { ["retry-after"] = "1" } } } })
      assert.same({ kind, "not_deleted", 1, 1 }, result_of(id))
      -- Nor does it make others wait.
      client:delete_photo_avatar "avatar"
      assert.equal(0, fake_time.idled())
    end)
  end
end)

describe("a 429", function()
  it("is asked again after its Retry-After, or our own wait", function()
    service:plan("avatar", { limited(7), { { status = 429 } } })
    assert.same({ "none", "deleted", 3, 3 }, result_of "avatar")
    assert.same({ 7, 0.5 }, waits)
  end)

  it("pauses the whole client", function()
    service:plan("avatar", { always = limited(60) })
    attempt.by(client, "avatar", { max_retries = 0 })
    assert.equal(0, fake_time.idled())
    assert.same({ "none", "deleted", 1, 1 }, result_of "other")
    assert.near(60, fake_time.idled(), 1e-6)
  end)

  it("pauses its asynchronous calls too", function()
    service:plan("avatar", { always = limited(60) })
    attempt.by(client, "avatar", { max_retries = 0 })
    client:delete_photo_avatar_async "other"
    repeat until client:poll(5) == 0
    assert.near(60, fake_time.idled(), 1e-6)
    assert.equal(1, service:deletes "other")
  end)

  it("that an asynchronous call got pauses blocking ones", function()
    service:plan("avatar", { always = limited(60) })
    client:delete_photo_avatar_async("avatar", nil, { max_retries = 0 })
    repeat until client:poll(5) == 0
    assert.same({ "none", "deleted", 1, 1 }, result_of "other")
    assert.near(60, fake_time.idled(), 1e-6)
  end)

  it("pauses no other client", function()
    service:plan("avatar", { always = limited(60) })
    attempt.by(client, "avatar", { max_retries = 0 })
    local neighbour <close> = calls.client(service)
    neighbour:delete_photo_avatar "other"
    assert.equal(0, fake_time.idled())
  end)

  it("that pauses longer than a call's deadline is raised at once, unsent", function()
    service:plan("avatar", { always = limited(200) })
    local _, first = result_of "avatar"
    assert.same({ 1, 200 }, { first.err.attempts, first.err.retry_after })
    fake_time.advance(50)
    local result, made = result_of "other"
    assert.same({ "rate_limited", "not_deleted", 0, 0 }, result)
    assert.same({ 150, "other" }, { made.err.retry_after, made.err.avatar_id })
    assert.is_nil(made.err.status)
    assert.equal(0, fake_time.idled())
    -- A call that an earlier process may have sent stays in doubt.
    assert.same({ "rate_limited", "unknown", 0, 0 }, result_of("other", { maybe_sent = true }))
    -- With time enough it waits.
    assert.same({ "none", "deleted", 1, 1 }, result_of("other", { deadline = 1000 }))
    assert.near(150, fake_time.idled(), 1e-6)
  end)

  it("is what a 200 that says so is", function()
    service:plan("avatar", { { { status = 200, body = '{"code":400123}', headers = { ["retry-after"] = "60" } } } })
    assert.same({ "none", "deleted", 2, 2 }, result_of "avatar")
    assert.same({ 60 }, waits)
  end)
end)

describe("max_rate", function()
  before_each(function()
    client:close()
    client = new_client { max_rate = 4 }
  end)

  it("spaces calls", function()
    for _ = 1, 9 do client:delete_photo_avatar("nobody", { missing_ok = true }) end
    assert.near(2, fake_time.idled(), 1e-6)
  end)

  it("spaces retries like any attempt", function()
    client:close()
    start({ max_rate = 0.125, max_retries = 3 })
    service:plan("avatar", { always = FAILED })
    attempt.by(client, "avatar")
    assert.near(24, fake_time.idled(), 1e-6)
  end)

  it("holds for blocking and asynchronous calls together", function()
    for _ = 1, 4 do
      client:delete_photo_avatar("nobody", { missing_ok = true })
      client:delete_photo_avatar_async("nobody")
      repeat until client:poll(5) == 0
    end
    assert.near(7 / 4, fake_time.idled(), 1e-6)
  end)

  it("is slept for in truth with the system's clock", function()
    fake_time.uninstall()
    local plain <close> = new_client { max_rate = 5 }
    local elapsed = 0
    for _ = 1, 3 do
      elapsed = elapsed + select(2, plain:delete_photo_avatar("nobody", { missing_ok = true })).elapsed
    end
    assert.is_true(elapsed > 0.35 and elapsed < PATIENCE)
  end)
end)

describe("the doubt", function()
  it("turns a not found into a presumed deletion, with missing_ok too", function()
    for _, options in ipairs { {}, { missing_ok = true } } do
      service:plan("lost", { { { delete = true }, { close = true } } })
      service:add "lost"
      service:reset_record()
      assert.same({ "none", "presumed_deleted", 2, 2 }, result_of("lost", options))
    end
  end)

  it("does not come from an attempt that was never sent", function()
    client:delete_photo_avatar "avatar"
    service:plan("nobody", { { { status = 500, headers = { connection = "close" } }, { refuse = true } } })
    assert.same({ "connection", "unknown", 3, 1 }, result_of "nobody")
    service:listen()
    service:refuse()
    client:close()
    client = new_client()
    assert.same({ "connection", "not_deleted", 3, 0 }, result_of "never")
  end)

  it("makes a cancel unknown, where it would be not deleted", function()
    client:close()
    client = new_client { max_concurrency = 1 }
    service:plan("other", { LOST, always = { { hang = true } } })
    local doubtful = client:delete_photo_avatar_async "other"
    server.eventually(function() return service:deletes "other" == 2 end)
    local waiting = client:delete_photo_avatar_async "avatar"
    waiting:cancel()
    doubtful:cancel()
    repeat until client:poll(5) == 0
    local ends = {}
    for position, request in ipairs { doubtful, waiting } do
      local _, err = request:result()
      ends[position] = ("%s %s %d"):format(err.kind, err.outcome, err.attempts)
    end
    assert.same({ "cancelled unknown 2", "cancelled not_deleted 0" }, ends)
    assert.equal(0, service:deletes "avatar")
  end)
end)
