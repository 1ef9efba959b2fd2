-- The books of a bulk run: every id in exactly one count, when the run stops, and when it holds back.

local probe = require "heygen_probe"

local PAUSE = 10
local NOW = 1000

local tally

before_each(function() tally = probe.tally() end)

-- Gives so many ids and begins their calls.
local function begin(count)
  tally:give(count)
  for _ = 1, count do tally:begin() end
end

-- The one call of a run of its own finishes: whether it stops the run.
local function stops(call)
  tally = probe.tally()
  begin(1)
  local stopped = tally:finish(call)
  assert.equal(stopped, tally:counts().stopped)
  return stopped
end

local function sum(counts)
  local total = counts.duplicates + counts.in_flight + counts.not_attempted
  for _, outcome in ipairs(probe.outcomes) do total = total + counts[outcome] end
  return total
end

describe("a tally", function()
  it("counts each outcome", function()
    begin(15)
    for number, outcome in ipairs(probe.outcomes) do
      for _ = 1, number do tally:finish { kind = "rejected", outcome = outcome } end
    end
    local counts = tally:counts()
    for number, outcome in ipairs(probe.outcomes) do assert.equal(number, counts[outcome]) end
    assert.same({ 15, 0, 0 }, { counts.total, counts.in_flight, counts.not_attempted })
  end)

  it("counts duplicates, ids that can't be any, and those left alone", function()
    tally:give(10)
    tally:duplicate()
    tally:duplicate()
    tally:refuse()
    tally:begin()
    local counts = tally:counts()
    assert.same({ 10, 2, 1, 1, 6 },
      { counts.total, counts.duplicates, counts.not_deleted, counts.in_flight, counts.not_attempted })
  end)

  it("counts a call that was ended before its first attempt as not attempted", function()
    begin(2)
    tally:finish { kind = "cancelled", outcome = "not_deleted", attempts = 0 }
    tally:finish { kind = "cancelled", outcome = "not_deleted", attempts = 1 }
    local counts = tally:counts()
    assert.same({ 1, 1 }, { counts.not_attempted, counts.not_deleted })
  end)

  it("has each id in exactly one count, whatever happens", function()
    math.randomseed(3)
    for _ = 1, 2000 do
      local event = math.random(5)
      local counts = tally:counts()
      if event == 1 then tally:give(math.random(3)) end
      if counts.not_attempted > 0 and event == 2 then tally:begin() end
      if counts.not_attempted > 0 and event == 3 then tally:duplicate() end
      if counts.not_attempted > 0 and event == 4 then tally:refuse() end
      if counts.in_flight > 0 and event == 5 then
        tally:finish {
          kind = "server", outcome = probe.outcomes[math.random(#probe.outcomes)], attempts = math.random(0, 1),
          out_of_tokens = math.random(2) == 1, retry = true,
        }
      end
      counts = tally:counts()
      assert.equal(counts.total, sum(counts))
    end
  end)
end)

describe("a run stops", function()
  local STOPPING = { unauthorized = true, quota_exceeded = true, retired = true, redirect = true, tls = true,
    cancelled = true, interrupted = true }

  it("at kinds that concern all ids, at no others", function()
    for _, kind in ipairs(probe.kinds) do
      assert.equal(STOPPING[kind] or false, stops { kind = kind, outcome = "not_deleted" }, kind)
    end
    assert.is_false(stops { outcome = "deleted" })
    assert.is_false(stops { outcome = "presumed_deleted" })
  end)

  it("at two codes, at no others", function()
    for _, code in ipairs { "insufficient_api_key_scope", "plan_upgrade_required" } do
      assert.is_true(stops { kind = "forbidden", outcome = "not_deleted", code = code })
      -- The code came with an answer that was what the call wanted.
      assert.is_false(stops { outcome = "presumed_deleted", code = code })
    end
    for _, code in ipairs { "forbidden", "insufficient_api_key_scope2", "plan_upgrade", "" } do
      assert.is_false(stops { kind = "forbidden", outcome = "not_deleted", code = code })
    end
  end)

  it("at a pause that is longer than the deadline", function()
    local call = { kind = "rate_limited", outcome = "not_deleted", deadline = 60, now = NOW }
    for _, pause in ipairs { -5, 0, 59, 60, 60.5, 1e9 } do
      call.paused_until = NOW + pause
      assert.equal(pause > 60, stops(call), pause)
    end
    call.kind = "server"
    assert.is_false(stops(call))
  end)

  it("once", function()
    begin(3)
    assert.is_false(tally:finish { outcome = "deleted" })
    assert.is_true(tally:finish { kind = "unauthorized", outcome = "not_deleted" })
    assert.is_false(tally:finish { kind = "unauthorized", outcome = "not_deleted" })
    assert.equal(-1, tally:delay(8, NOW))
  end)
end)

describe("the next call", function()
  it("begins at once while there is room", function()
    assert.equal(0, tally:delay(2, NOW))
    begin(1)
    assert.equal(0, tally:delay(2, NOW))
    begin(1)
    assert.is_true(tally:delay(2, NOW) < 0)
    tally:finish { outcome = "deleted" }
    assert.equal(0, tally:delay(2, NOW))
  end)
end)

describe("once the retry tokens have run out, a run", function()
  local FAILED = { kind = "server", outcome = "unknown", retry = true }

  local function failed(more)
    local call = { now = NOW }
    for name, value in pairs(FAILED) do call[name] = value end
    for name, value in pairs(more or {}) do call[name] = value end
    return call
  end

  local function run_out(in_flight)
    begin(in_flight)
    assert.is_false(tally:finish(failed { out_of_tokens = true }))
  end

  it("rests, and then tries one id alone", function()
    run_out(1)
    assert.equal(PAUSE, tally:delay(8, NOW))
    assert.equal(1, tally:delay(8, NOW + PAUSE - 1))
    assert.equal(0, tally:delay(8, NOW + PAUSE))
    begin(1)
    assert.is_true(tally:delay(8, NOW + PAUSE) < 0)
  end)

  it("tries it only when nothing else is in flight", function()
    run_out(2)
    assert.is_true(tally:delay(8, NOW + PAUSE) < 0)
    assert.is_false(tally:finish(failed { out_of_tokens = true, now = NOW + 5 }))
    assert.equal(0, tally:delay(8, NOW + PAUSE))
  end)

  it("goes on when the id comes to an answer, whatever it is", function()
    for _, answer in ipairs { { outcome = "deleted" }, { kind = "forbidden", outcome = "not_deleted" },
      { kind = "not_found", outcome = "absent" } } do
      tally = probe.tally()
      run_out(1)
      begin(1)
      assert.is_false(tally:finish(answer))
      assert.equal(0, tally:delay(8, NOW))
    end
  end)

  it("stops when the id fails too", function()
    run_out(1)
    begin(1)
    assert.is_true(tally:finish(failed { out_of_tokens = true }))
    assert.is_true(tally:delay(8, NOW + 3600) < 0)
  end)

  it("rests again when they run out again", function()
    run_out(1)
    begin(1)
    tally:finish { outcome = "deleted" }
    begin(1)
    assert.is_false(tally:finish(failed { out_of_tokens = true, now = NOW + 100 }))
    assert.equal(PAUSE, tally:delay(8, NOW + 100))
  end)

  it("does not rest for what fails with tokens left", function()
    begin(1)
    assert.is_false(tally:finish(failed()))
    assert.equal(0, tally:delay(8, NOW))
  end)

  -- Without retries no token is ever spent.
  it("rests too after as many failures in a row as the tokens have retries", function()
    local function fail(count)
      for _ = 1, count do
        begin(1)
        assert.is_false(tally:finish(failed()))
      end
    end
    fail(99)
    begin(1)
    tally:finish { kind = "forbidden", outcome = "not_deleted" }
    fail(99)
    assert.equal(0, tally:delay(8, NOW))
    fail(1)
    assert.equal(PAUSE, tally:delay(8, NOW))
  end)
end)
