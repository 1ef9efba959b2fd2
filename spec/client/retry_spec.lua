local probe = require "heygen_probe"

-- Sun, 06 Nov 1994 08:49:37 GMT
local NOW = 784111777

describe("Retry-After", function()
  it("is a whole number of seconds", function()
    for header, seconds in pairs { ["0"] = 0, ["1"] = 1, ["007"] = 7, ["120"] = 120, ["86400"] = 86400 } do
      assert.equal(seconds, probe.retry_after(header, NOW), header)
    end
  end)

  it("is bounded where the number is enormous, and still long", function()
    for _, digits in ipairs { 10, 19, 20, 40, 250 } do
      local seconds = probe.retry_after(("9"):rep(digits), NOW)
      assert.is_true(seconds >= 1e9 and seconds < math.huge, digits)
    end
    assert.equal(999999999, probe.retry_after("999999999", NOW))
  end)

  it("is a date in each of HTTP's three forms, less the time now", function()
    for _, date in ipairs { "Sun, 06 Nov 1994 08:50:37 GMT", "Sunday, 06-Nov-94 08:50:37 GMT",
      "Sun Nov  6 08:50:37 1994" } do
      assert.equal(60, probe.retry_after(date, NOW), date)
      assert.equal(1, probe.retry_after(date, NOW + 59), date)
      assert.equal(60 + 86400, probe.retry_after(date, NOW - 86400), date)
    end
    assert.equal(86400, probe.retry_after("Mon, 07 Nov 1994 08:49:37 GMT", NOW))
    for day, name in ipairs { "Tue", "Wed", "Thu", "Fri", "Sat" } do
      local date = ("%s, %02d Nov 1994 08:49:37 GMT"):format(name, day + 7)
      assert.equal((day + 1) * 86400, probe.retry_after(date, NOW), date)
    end
  end)

  it("asks for nothing by a date that is past", function()
    for _, date in ipairs { "Sun, 06 Nov 1994 08:49:36 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
      "Sunday, 06-Nov-94 08:49:36 GMT", "Sun Nov  6 08:49:36 1994" } do
      assert.is_nil(probe.retry_after(date, NOW), date)
    end
  end)

  it("asks for nothing where it has another form", function()
    for _, header in ipairs { "", " ", "-1", "+1", "1.5", "1,5", "1e3", "0x10", "5s", "5 ", " 5", "5 seconds", "5;6",
      "abc", "soon", "Sun", "Sunday", "Sun, nonsense", "Sun, 99 Foo 1994 08:50:37 GMT", "NaN", "inf",
      "2044-11-06T08:50:37Z", "06 Nov 2044 08:50:37 GMT", "Nov 06 2044 08:50:37 GMT", "tomorrow", "Mon, 5" } do
      assert.is_nil(probe.retry_after(header, NOW), ("%q"):format(header))
    end
  end)

  it("asks for nothing by a date that is not whole, or not alone", function()
    for _, header in ipairs { "Sun, 06 Nov 2044", "Sun, 06 Nov 2044 08:50:37", "Sun, 06 Nov 2044 08:50:37 +0200",
      "Sun, 06 Nov 2044 08:50:37 GMT, or so" } do
      assert.is_nil(probe.retry_after(header, NOW), header)
    end
  end)
end)

describe("the wait before a retry", function()
  local ALMOST_ONE = 1 - 2 ^ -53

  it("is at most half a second, doubled after each attempt, up to twenty seconds", function()
    for attempt, ceiling in ipairs { 0.5, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20 } do
      assert.equal(ceiling * ALMOST_ONE, probe.retry_delay(attempt, ALMOST_ONE))
    end
    assert.equal(10, probe.retry_delay(math.maxinteger >> 33, 0.5))
  end)

  it("is any part of that: the jitter is full", function()
    for _, random in ipairs { 0, 0.125, 0.5, 0.75 } do
      assert.equal(random * 4, probe.retry_delay(4, random))
    end
  end)

  it("is what Retry-After asks for, where that is longer", function()
    assert.equal(7, probe.retry_delay(1, 0.5, 7))
    assert.equal(86400, probe.retry_delay(1, 0.5, 86400))
    assert.equal(0.25, probe.retry_delay(1, 0.5, 0))
    assert.equal(10, probe.retry_delay(11, 0.5, 7))
    assert.equal(0.25, probe.retry_delay(1, 0.5, -1))
  end)
end)
