-- The books of a bulk run: every id in exactly one count, and when the run stops.

local probe = require "heygen_probe"

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
          probe_failed = math.random(2) == 1, retry = true,
        }
      end
      counts = tally:counts()
      assert.equal(counts.total, sum(counts))
    end
  end)
end)

describe("a run stops", function()
  local STOPPING = { unauthorized = true, quota_exceeded = true, retired = true, redirect = true,
    cancelled = true, interrupted = true }

  it("at kinds that concern all ids, at no others", function()
    for _, kind in ipairs(probe.kinds) do
      assert.equal(STOPPING[kind] or false, stops { kind = kind, outcome = "not_deleted" }, kind)
    end
    assert.is_false(stops { outcome = "deleted" })
    assert.is_false(stops { outcome = "presumed_deleted" })
  end)

  it("at what the verdict says is no id's fault: a certificate, or a proxy that wants a log-in", function()
    for _, kind in ipairs { "tls", "connection", "rejected" } do
      assert.is_true(stops { kind = kind, outcome = "not_deleted", concerns_all = true }, kind)
      assert.is_false(stops { kind = kind, outcome = "not_deleted" }, kind)
    end
  end)

  it("when the breaker gives up", function()
    assert.is_true(stops { kind = "server", outcome = "unknown", probe_failed = true })
  end)

  it("at one code, at no others", function()
    assert.is_true(stops { kind = "forbidden", outcome = "not_deleted", code = "insufficient_api_key_scope" })
    -- The code came with an answer that was what the call wanted.
    assert.is_false(stops { outcome = "presumed_deleted", code = "insufficient_api_key_scope" })
    for _, code in ipairs { "forbidden", "insufficient_api_key_scope2", "plan_upgrade_required", "" } do
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
    call.paused = true
    assert.is_true(stops(call))
    -- Given up for it unsent, however late that is told.
    assert.is_true(stops { kind = "rate_limited", outcome = "not_deleted", attempts = 0 })
  end)

  it("once", function()
    begin(3)
    assert.is_false(tally:finish { outcome = "deleted" })
    assert.is_true(tally:finish { kind = "unauthorized", outcome = "not_deleted" })
    assert.is_false(tally:finish { kind = "unauthorized", outcome = "not_deleted" })
    assert.is_false(tally:has_room(8))
  end)
end)

describe("the next call", function()
  it("begins while there is room", function()
    assert.is_true(tally:has_room(2))
    begin(1)
    assert.is_true(tally:has_room(2))
    begin(1)
    assert.is_false(tally:has_room(2))
    tally:finish { outcome = "deleted" }
    assert.is_true(tally:has_room(2))
  end)
end)
