-- What all calls of a client share: retry tokens, the pause that the service asked for, and the rate.

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
    pace:pause(NOW + 60)
    assert.equal(NOW + 60, pace:paused_until())
    assert.equal(60, pace:admit(NOW))
    assert.equal(1, pace:admit(NOW + 59))
    assert.equal(0, pace:admit(NOW + 60))
  end)

  it("becomes longer, never shorter", function()
    local pace = probe.pace()
    pace:pause(NOW + 60)
    pace:pause(NOW + 10)
    assert.equal(60, pace:admit(NOW))
    pace:pause(NOW + 70)
    assert.equal(70, pace:admit(NOW))
  end)

  it("takes no place in the rate", function()
    local pace = probe.pace(1)
    pace:pause(NOW + 60)
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
    pace:pause(NOW + 0.5)
    assert.equal(1, pace:admit(NOW))
    pace:pause(NOW + 5)
    assert.same({ NOW + 5, NOW + 6, NOW + 7 }, moments(pace, 3, NOW))
  end)

  it("can be set anew, and taken away", function()
    local pace = probe.pace(1)
    pace:admit(NOW)
    pace:set_rate(2)
    assert.same({ NOW + 0.5, NOW + 1, NOW + 1.5 }, moments(pace, 3, NOW))
    pace:set_rate(0)
    for _ = 1, 100 do assert.equal(0, pace:admit(NOW)) end
    pace:set_rate(1)
    assert.equal(0, pace:admit(NOW + 10))
    assert.equal(1, pace:admit(NOW + 10))
  end)

  it("leaves nothing of a slower one behind", function()
    local pace = probe.pace(0.01)
    pace:admit(NOW)
    pace:set_rate(0)
    assert.equal(0, pace:admit(NOW))
    pace:set_rate(4)
    assert.same({ NOW + 0.25, NOW + 0.5 }, moments(pace, 2, NOW))
  end)
end)
