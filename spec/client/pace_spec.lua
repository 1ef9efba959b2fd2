-- What all calls of a client share: retry tokens, the pause that the service asked for, the rate, and how many attempts
-- are under way.

local probe = require "heygen_probe"

local TOKENS, COST, TIMEOUT_COST = 500, 5, 10
local NOW = 1000

-- How many retries the tokens are still enough for.
local function retries_left(pace)
  local count = 0
  while pace:spend(false) do count = count + 1 end
  return count
end

local function exhausted()
  local pace = probe.pace()
  retries_left(pace)
  return pace
end

describe("retry tokens", function()
  it("are enough for a hundred retries, or fifty after timeouts", function()
    assert.equal(TOKENS // COST, retries_left(probe.pace()))
    local pace, count = probe.pace(), 0
    while pace:spend(true) do count = count + 1 end
    assert.equal(TOKENS // TIMEOUT_COST, count)
  end)

  it("are not taken where there are too few", function()
    local pace = exhausted()
    for _ = 1, COST do pace:succeed(false) end
    for _ = 1, 10 do assert.is_false(pace:spend(true)) end
    assert.is_true(pace:spend(false))
    assert.is_false(pace:spend(false))
  end)

  it("come back from a success: the cost of its last retry", function()
    local pace = exhausted()
    pace:succeed(true, false)
    assert.equal(1, retries_left(pace))
    pace:succeed(true, true)
    assert.equal(TIMEOUT_COST // COST, retries_left(pace))
  end)

  it("come back one by one from successes that needed no retry", function()
    local pace = exhausted()
    for _ = 1, COST - 1 do pace:succeed(false, false) end
    assert.is_false(pace:spend(false))
    pace:succeed(false, false)
    assert.is_true(pace:spend(false))
  end)

  it("come back where the retry is never made", function()
    local pace = exhausted()
    pace:give_back(false)
    assert.equal(1, retries_left(pace))
    pace:give_back(true)
    assert.equal(TIMEOUT_COST // COST, retries_left(pace))
  end)

  it("never become more than they were", function()
    local pace = probe.pace()
    for _ = 1, 1000 do
      pace:succeed(false, false)
      pace:succeed(true, true)
    end
    assert.equal(TOKENS // COST, retries_left(pace))
  end)
end)

describe("a pause", function()
  it("lets nothing begin until it ends", function()
    local pace = probe.pace()
    assert.equal(0, pace:admit(NOW))
    pace:pause(NOW, 60)
    assert.same({ NOW + 60, NOW + 60 }, { pace:paused_until() })
    assert.equal(60, pace:admit(NOW))
    assert.equal(1, pace:admit(NOW + 59))
    assert.equal(0, pace:admit(NOW + 60))
  end)

  it("becomes longer, never shorter", function()
    local pace = probe.pace()
    pace:pause(NOW, 60)
    pace:pause(NOW, 10)
    assert.equal(60, pace:admit(NOW))
    pace:pause(NOW, 70)
    assert.equal(70, pace:admit(NOW))
  end)

  it("takes no place in the rate", function()
    local pace = probe.pace(1)
    pace:pause(NOW, 60)
    for _ = 1, 5 do assert.equal(60, pace:admit(NOW)) end
    assert.equal(0, pace:admit(NOW + 60))
  end)
end)

describe("a rate", function()
  -- The moments at which so many attempts begin that all wait to.
  local function moments(pace, count, start)
    local list, now = {}, start
    while #list < count do
      local wait = pace:admit(now)
      if wait == 0 then list[#list + 1] = now else now = now + wait end
    end
    return list
  end

  it("is none without one", function()
    local pace = probe.pace()
    for _ = 1, 1000 do assert.equal(0, pace:admit(NOW)) end
  end)

  it("spaces attempts evenly", function()
    assert.same({ NOW, NOW + 0.25, NOW + 0.5, NOW + 0.75 }, moments(probe.pace(4), 4, NOW))
  end)

  it("can be less than one a second", function()
    assert.same({ NOW, NOW + 8, NOW + 16 }, moments(probe.pace(0.125), 3, NOW))
  end)

  it("earns no burst by a rest", function()
    local pace = probe.pace(4)
    assert.equal(0, pace:admit(NOW))
    local later = NOW + 3600
    assert.same({ later, later + 0.25, later + 0.5 }, moments(pace, 3, later))
  end)

  it("is made up for where an attempt comes a little late", function()
    local pace = probe.pace(4)
    assert.equal(0, pace:admit(NOW))
    assert.equal(0, pace:admit(NOW + 0.375))
    assert.equal(0.125, pace:admit(NOW + 0.375))
    assert.equal(0, pace:admit(NOW + 0.5))
  end)

  it("is kept over any span, whoever asks and when", function()
    local RATE = 8
    local pace, now, begun = probe.pace(RATE), NOW, {}
    math.randomseed(1)
    while #begun < 2000 do
      if pace:admit(now) == 0 then begun[#begun + 1] = now end
      now = now + math.random() * (math.random() < 0.01 and 10 or 0.1)
    end
    -- In a span of s seconds begin at most s * RATE, and one more at each of its ends.
    for first = 1, #begun do
      for last = first + 1, math.min(#begun, first + 100) do
        local most = (begun[last] - begun[first]) * RATE + 2
        local count = last - first + 1
        assert(count <= most, ("%d attempts from %g to %g"):format(count, begun[first], begun[last]))
      end
    end
  end)

  it("holds on after a pause", function()
    local pace = probe.pace(1)
    assert.equal(0, pace:admit(NOW))
    pace:pause(NOW, 0.5)
    assert.equal(1, pace:admit(NOW))
    pace:pause(NOW, 5)
    assert.same({ NOW + 5, NOW + 6, NOW + 7 }, moments(pace, 3, NOW))
  end)

  it("is each run's own: the strictest holds, and the client's once there is none", function()
    local pace = probe.pace(1)
    pace:admit(NOW)
    local run = pace:begin_run(2, 1000)
    assert.same({ NOW + 0.5, NOW + 1, NOW + 1.5 }, moments(pace, 3, NOW))
    local slower = pace:begin_run(0.5, 1000)
    assert.same({ NOW + 3.5, NOW + 5.5 }, moments(pace, 2, NOW))
    local free = pace:begin_run(0, 1000)
    assert.same({ NOW + 7.5 }, moments(pace, 1, NOW))
    pace:end_run(slower)
    assert.same({ NOW + 8, NOW + 8.5 }, moments(pace, 2, NOW))
    pace:end_run(run)
    for _ = 1, 100 do assert.equal(0, pace:admit(NOW)) end
    pace:end_run(free)
    assert.equal(0, pace:admit(NOW + 20))
    assert.equal(1, pace:admit(NOW + 20))
  end)

  it("leaves nothing of a slower one behind", function()
    local pace = probe.pace(4)
    local run = pace:begin_run(0.01, 1000)
    pace:admit(NOW)
    pace:end_run(run)
    assert.same({ NOW + 0.25, NOW + 0.5 }, moments(pace, 2, NOW))
  end)

  it("lets the first attempt begin at once, at whatever moment the clock has begun", function()
    for _, now in ipairs { 0, 3, -5, -1e6, 1e9 } do
      local pace = probe.pace(0.1)
      assert.equal(0, pace:admit(now))
      assert.equal(10, pace:admit(now))
      local other = probe.pace()
      other:begin_run(0.1, 8)
      assert.equal(0, other:admit(now))
      assert.is_true(probe.pace():paused_until() < now)
    end
  end)
end)

describe("a pause of more than an hour", function()
  local HOUR = 3600

  it("lasts an hour; then one attempt goes ahead", function()
    local pace = probe.pace()
    pace:pause(NOW, 1e9)
    assert.same({ NOW + HOUR, NOW + 1e9 }, { pace:paused_until() })
    assert.equal(1, pace:admit(NOW + HOUR - 1))
    assert.equal(0, pace:admit(NOW + HOUR))
    for _ = 1, 3 do assert.equal(-1, pace:admit(NOW + HOUR)) end
    pace:finish(NOW + HOUR, "silent")
    for _ = 1, 3 do assert.equal(0, pace:admit(NOW + HOUR)) end
  end)

  it("begins anew where that attempt is asked to wait, too", function()
    local pace = probe.pace()
    pace:pause(NOW, 2 * HOUR)
    assert.equal(0, pace:admit(NOW + HOUR))
    pace:pause(NOW + HOUR, 1e9)
    pace:finish(NOW + HOUR, "answered")
    assert.equal(HOUR, pace:admit(NOW + HOUR))
    assert.equal(0, pace:admit(NOW + 2 * HOUR))
    assert.equal(-1, pace:admit(NOW + 2 * HOUR))
  end)

  it("is tried by the next one where that attempt was given up", function()
    local pace = probe.pace()
    pace:pause(NOW, 1e9)
    assert.equal(0, pace:admit(NOW + HOUR))
    pace:finish(NOW + HOUR, "abandoned")
    assert.equal(0, pace:admit(NOW + HOUR))
    assert.equal(-1, pace:admit(NOW + HOUR))
  end)

  it("is over by itself once it is as long as was asked for", function()
    local pace = probe.pace()
    pace:pause(NOW, 2 * HOUR)
    for _ = 1, 3 do assert.equal(0, pace:admit(NOW + 2 * HOUR)) end
    pace = probe.pace()
    pace:pause(NOW, HOUR)
    for _ = 1, 3 do assert.equal(0, pace:admit(NOW + HOUR)) end
  end)
end)

describe("the attempts under way", function()
  it("are as many as max_concurrency, whoever asks", function()
    local pace = probe.pace(0, 2)
    assert.same({ 0, 0, -1, -1 }, { pace:admit(NOW, 1), pace:admit(NOW, 2), pace:admit(NOW, 1), pace:admit(NOW, 2) })
    pace:finish(NOW, "answered", 1)
    assert.equal(0, pace:admit(NOW, 2))
  end)

  it("wake another that was refused, who comes first", function()
    local pace = probe.pace(0, 1)
    pace:admit(NOW, 1)
    assert.equal(-1, pace:admit(NOW, 2))
    assert.equal(-1, pace:admit(NOW, 1))
    assert.equal(0, pace:woken(2))
    pace:finish(NOW, "answered", 1)
    assert.same({ 0, 1 }, { pace:woken(1), pace:woken(2) })
    assert.is_true(pace:admit(NOW, 1) > 0)
    assert.equal(0, pace:admit(NOW, 2))
    -- In turn.
    assert.equal(-1, pace:admit(NOW, 1))
    pace:finish(NOW, "answered", 2)
    assert.is_true(pace:admit(NOW, 2) > 0)
    assert.equal(0, pace:admit(NOW, 1))
  end)

  it("keep no place for long for one who does not come", function()
    local pace = probe.pace(0, 1)
    pace:admit(NOW, 1)
    pace:admit(NOW, 2)
    pace:finish(NOW, "answered", 1)
    local wait = pace:admit(NOW, 1)
    assert.is_true(wait > 0 and wait < 1)
    assert.equal(0, pace:admit(NOW + wait, 1))
  end)

  it("are each run's own limit: the strictest holds, and the client's once there is none", function()
    local pace = probe.pace(0, 2)
    local function room()
      local count = 0
      while pace:admit(NOW) == 0 do count = count + 1 end
      for _ = 1, count do pace:finish(NOW, "answered") end
      return count
    end
    assert.equal(2, room())
    local wide = pace:begin_run(0, 20)
    assert.equal(20, room())
    local narrow = pace:begin_run(0, 3)
    assert.equal(3, room())
    pace:end_run(narrow)
    assert.equal(20, room())
    pace:end_run(wide)
    assert.equal(2, room())
  end)

  it("are told when a limit or a pause changes", function()
    local pace = probe.pace()
    local run = pace:begin_run(0, 3)
    pace:pause(NOW, 1)
    pace:end_run(run)
    assert.same({ 3, 3 }, { pace:woken(1), pace:woken(2) })
  end)
end)

describe("the breaker of a run", function()
  local PAUSE = 10
  local pace, run

  before_each(function()
    pace = probe.pace()
    run = pace:begin_run(0, 1000)
  end)

  local function begin(count, now)
    for _ = 1, count or 1 do assert.equal(0, pace:admit(now or NOW, 1, run)) end
  end

  local function finish(finish_as, count, now)
    for _ = 1, count or 1 do assert.is_false(pace:finish(now or NOW, finish_as, 1, run)) end
  end

  local function wait(now) return pace:admit(now, 1, run) end

  it("opens after a hundred attempts in a row that said nothing of their id", function()
    begin(99)
    finish("silent", 99)
    begin()
    finish "answered"
    begin(99)
    finish("silent", 99)
    begin()
    finish "abandoned"
    begin(1)
    finish "silent"
    assert.equal(PAUSE, wait(NOW))
  end)

  it("opens at once where the retry tokens have run out", function()
    begin()
    finish "silent"
    pace:exhaust(NOW, run)
    assert.equal(PAUSE, wait(NOW))
  end)

  local function open()
    begin(100)
    finish("silent", 100)
  end

  it("lets nothing begin for a while, then one call alone", function()
    open()
    assert.equal(1, wait(NOW + PAUSE - 1))
    begin(1, NOW + PAUSE)
    for later = 0, 1000, 100 do assert.equal(math.huge, wait(NOW + PAUSE + later)) end
  end)

  it("tries it only when nothing else is under way", function()
    begin(102)
    finish("silent", 100)
    assert.equal(math.huge, wait(NOW + PAUSE))
    finish "silent"
    finish "abandoned"
    begin(1, NOW + PAUSE)
  end)

  it("closes when the probe has an answer", function()
    open()
    begin(1, NOW + PAUSE)
    finish("answered", 1, NOW + PAUSE)
    begin(99, NOW + PAUSE)
    finish("silent", 99, NOW + PAUSE)
    begin(1, NOW + PAUSE)
  end)

  it("breaks when the probe has none", function()
    open()
    begin(1, NOW + PAUSE)
    assert.is_true(pace:finish(NOW + PAUSE, "silent", 1, run))
    assert.equal(math.huge, wait(NOW + 1e6))
  end)

  it("leaves other runs and calls alone", function()
    open()
    local other = pace:begin_run(0, 1000)
    assert.same({ 0, 0 }, { pace:admit(NOW), pace:admit(NOW, 1, other) })
  end)
end)
