-- Time and chance: the process's own, and the one that the specs put in its place.

local fake_time = require "spec.support.fake_time"
local probe = require "heygen_probe"

local clock = probe.clock

describe("the system's clock", function()
  it("has the date", function()
    local before = os.time()
    local date = clock.system()
    assert.is_true(date >= before and date <= os.time())
  end)

  it("never goes back, and is finer than seconds", function()
    local moments = {}
    local _, last = clock.system()
    for _ = 1, 10000 do
      local _, moment = clock.system()
      assert.is_true(moment >= last)
      moments[moment], last = true, moment
    end
    local count = 0
    for _ in pairs(moments) do count = count + 1 end
    assert.is_true(count > 10)
  end)

  it("draws numbers from 0 to 1, 1 not included, that spread over all of it", function()
    local TENTHS, DRAWS = 10, 10000
    local counts = {}
    for _ = 1, DRAWS do
      local _, _, number = clock.system()
      assert.is_true(number >= 0 and number < 1)
      local tenth = math.floor(number * TENTHS)
      counts[tenth] = (counts[tenth] or 0) + 1
    end
    for tenth = 0, TENTHS - 1 do
      local share = (counts[tenth] or 0) / DRAWS
      assert.is_true(share > 0.05 and share < 0.2, ("%d: %g"):format(tenth, share))
    end
  end)

  it("sleeps for what is to be waited, all of it", function()
    for _, seconds in ipairs { 0, 0.25, 60 } do
      assert.equal(seconds, (select(4, clock.system(seconds))))
    end
  end)
end)

describe("the specs' clock", function()
  after_each(fake_time.uninstall)

  it("stands still, but for what it is told", function()
    fake_time.install()
    local now = fake_time.now()
    for _ = 1, 1000 do assert.equal(now, fake_time.now()) end
    fake_time.advance(60)
    assert.equal(now + 60, fake_time.now())
    assert.equal(0, fake_time.idled())
  end)

  it("flows if it is told to", function()
    fake_time.install { flowing = true }
    local now = fake_time.now()
    repeat until fake_time.now() > now
  end)

  it("does not go back when it is installed again", function()
    fake_time.install()
    fake_time.advance(60)
    local now = fake_time.now()
    fake_time.install()
    assert.equal(now, fake_time.now())
  end)

  it("has a date that goes with it", function()
    fake_time.install()
    local date = clock.date()
    fake_time.advance(60)
    assert.equal(date + 60, clock.date())
    assert.equal(60, probe.retry_after(fake_time.http_date(60), clock.date()))
  end)
end)
