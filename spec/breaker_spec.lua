-- A bulk run at a service that is down: how many requests it costs, and when the run goes on. The counts are the
-- service's; no time is slept for.

local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local heygen = require "heygen"
local polling = require "spec.support.polling"
local retrying = require "spec.support.retrying"
local server = require "spec.support.server"

local PAUSE = 10
local HTML = "<html><body>Something is wrong</body></html>"

local service, client

before_each(function()
  fake_time.install()
  service = server.start {}
  client = retrying.client(service)
end)
after_each(function()
  client:close()
  service:stop()
  fake_time.uninstall()
end)

-- What the service does for every id: one list of actions a request, in order.
local function plan(attempts) service:plan("*", attempts) end

local function sequence(count)
  local ids = {}
  for number = 1, count do ids[number] = "id-" .. number end
  return ids
end

local function requests() return #service:requests() end

local function check_sum(report)
  local sum = report.not_attempted + report.duplicates
  for _, outcome in ipairs(heygen.outcomes) do sum = sum + report[outcome] end
  assert.equal(report.total, sum)
end

local RUNS = {
  blocking = function(ids, options) return client:delete_photo_avatars(ids, options) end,
  asynchronous = function(ids, options)
    local request = client:delete_photo_avatars_async(ids, nil, options)
    polling.finish(client)
    return (request:result())
  end,
}

local DOWN = {
  { "521", { status = 521 } },
  { "522", { status = 522, body = HTML } },
  { "503", { status = 503 } },
  { "501", { status = 501 } },
  { "HTML with 200", { status = 200, body = HTML } },
  { "HTML with 403", { status = 403, body = HTML } },
  { "202", { status = 202, body = '{"code":100}' } },
  { "nothing", { reset = true } },
}

for name, run in pairs(RUNS) do
  describe("a run, " .. name .. ", of 3,000 ids, 8 at once,", function()
    for _, down in ipairs(DOWN) do
      for _, retries in ipairs { 0, 2, 10 } do
        it(("stops after at most 150 requests where all are answered by %s, with %d retries"):format(down[1], retries),
          function()
            plan { always = { down[2] } }
            local report = run(sequence(3000), { max_retries = retries })
            local count = requests()
            assert.is_true(count >= 90 and count <= 150, count)
            assert.is_true(heygen.is_error(report.stopped))
            assert.is_true(report.stopped.attempts > 0)
            assert.is_true(fake_time.idled() >= PAUSE - 0.01)
            check_sum(report)
          end)
      end
    end

    it("is not stopped by 60 attempts in a row that fail", function()
      local attempts = {}
      for number = 1, 60 do attempts[number] = { { status = number % 2 == 0 and 521 or 503 } } end
      for _, retries in ipairs { 0, 2 } do
        plan(attempts)
        local report = run(sequence(300), { max_retries = retries })
        assert.is_nil(report.stopped)
        assert.same({ 300, 0 }, { report.total, report.not_attempted })
      end
    end)

    it("has at least 90 failed attempts before it pauses, where the service fails for good after id 300", function()
      for _, retries in ipairs { 0, 2, 10 } do
        local attempts = { always = { { status = 503 } } }
        for number = 1, 300 do attempts[number] = { { answer = true } } end
        service:reset_record()
        plan(attempts)
        local report = run(sequence(3000), { max_retries = retries, missing_ok = true })
        assert.equal("server", report.stopped.kind)
        assert.equal(300, report.absent)
        -- But for the probe, all of them came before the pause.
        local failed = requests() - 300
        assert.is_true(failed - (1 + retries) >= 90 and failed <= 150, failed)
        client:close()
        client = retrying.client(service)
      end
    end)

    it("goes on where the service answers after the pause, and does what was waiting", function()
      local attempts = {}
      for number = 1, 100 do attempts[number] = { { status = 503 } } end
      plan(attempts)
      local report = run(sequence(300), { max_retries = 2, max_concurrency = 1, missing_ok = true })
      assert.is_nil(report.stopped)
      assert.equal(0, report.not_attempted)
      assert.is_true(fake_time.idled() >= PAUSE - 0.01)
      check_sum(report)
    end)

    it("counts no answer of the service's own", function()
      plan { always = { { status = 400, body = '{"error":{"code":"invalid_parameter","message":"no"}}' } } }
      local report = run(sequence(500))
      assert.is_nil(report.stopped)
      assert.equal(500, report.not_deleted)
    end)

    -- A client whose every handshake fails, but for no certificate's fault: the peer speaks no TLS.
    local function speak_no_tls()
      local plans = {}
      for number = 1, 1000 do plans[number] = { { send = "no TLS\r\n" }, { close = true } } end
      service:plan_connection(plans)
      client:close()
      client = heygen.new { api_key = calls.KEY, base_url = service.url:gsub("^http:", "https:"), max_retries = 0 }
    end

    it("is not stopped by a failed handshake, but by its breaker", function()
      speak_no_tls()
      local report = run(sequence(20))
      assert.is_nil(report.stopped)
      assert.equal(20, report.not_deleted)
      assert.equal("tls", report.results["id-1"].err.kind)
      report = run(sequence(3000))
      assert.equal("tls", report.stopped.kind)
      assert.is_true(report.not_deleted <= 150, report.not_deleted)
    end)

    it("is stopped by the first certificate that fails", function()
      client:close()
      service:stop()
      service = server.start { tls = true }
      client = heygen.new { api_key = calls.KEY, base_url = service.url }
      local report = run(sequence(100), { max_concurrency = 1 })
      assert.equal("tls", report.stopped.kind)
      assert.equal(1, report.stopped.attempts)
      -- An asynchronous run's next one may have begun before poll takes the first.
      assert.is_true(report.not_deleted <= 2 and report.not_attempted >= 98)
    end)
  end)
end

describe("a run with many ids at once", function()
  it("sends nothing that waits once its breaker has opened, asynchronous or not", function()
    local counts = {}
    for name, run in pairs(RUNS) do
      service:reset_record()
      plan { always = { { status = 503 } } }
      run(sequence(2000), { max_retries = 0, max_concurrency = 200 })
      counts[name] = requests()
      client:close()
      client = retrying.client(service)
    end
    -- What is under way when the breaker opens, and the probe.
    for name, count in pairs(counts) do assert.is_true(count <= 100 + 200 + 1, name .. ": " .. count) end
  end)
end)
