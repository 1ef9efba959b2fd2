local probe = require "heygen_probe"

-- Sun, 06 Nov 1994 08:49:37 GMT
local NOW = 784111777

describe("Retry-After", function()
  it("is a whole number of seconds", function()
    for header, seconds in pairs { ["0"] = 0, ["1"] = 1, ["007"] = 7, ["120"] = 120, ["86400"] = 86400 } do
      assert.equal(seconds, probe.retry_after(header, NOW), header)
    end
  end)

  it("can have a fraction", function()
    for header, seconds in pairs { ["1.5"] = 1.5, ["0.25"] = 0.25, ["007.0"] = 7, ["59.999"] = 59.999,
      ["0.0001"] = 0.0001 } do
      assert.near(seconds, probe.retry_after(header, NOW), 1e-9, header)
    end
    assert.near(1 / 3, probe.retry_after("0." .. ("3"):rep(240), NOW), 1e-9)
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
    assert.equal(60, probe.retry_after("Sun, 06 Nov 1994 08:49:60 GMT", NOW - 37))
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
    for _, header in ipairs { "", " ", "-1", "+1", "1.", ".5", "1.5.1", "1.5s", "1,5", "1e3", "0x10", "5s", "5 ",
      " 5", "5 seconds", "5;6", "abc", "soon", "Sun", "Sunday", "Sun, nonsense", "Sun, 99 Foo 1994 08:50:37 GMT",
      "NaN", "inf", "2044-11-06T08:50:37Z", "06 Nov 2044 08:50:37 GMT", "Nov 06 2044 08:50:37 GMT", "tomorrow",
      "Mon, 5" } do
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

describe("a date in Retry-After", function()
  local DATE, MINUTE_LATER = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT"

  it("counts from the answer's own Date, however wrong this machine's clock is", function()
    for _, skew in ipairs { 0, -3600, 3600, -NOW, -NOW - 86400, 10 ^ 10 // 1 } do
      assert.equal(60, probe.retry_after(MINUTE_LATER, NOW + skew, DATE), skew)
      assert.is_nil(probe.retry_after(DATE, NOW + skew, DATE), skew)
      assert.is_nil(probe.retry_after(DATE, NOW + skew, MINUTE_LATER), skew)
    end
    assert.equal(60, probe.retry_after(MINUTE_LATER, 0, "Sunday, 06-Nov-94 08:49:37 GMT"))
  end)

  it("counts from this machine's clock where the Date is no date", function()
    for _, date in ipairs { "", "yesterday", "784111777", "Sun, 06 Nov 1994 08:49:37" } do
      assert.equal(60, probe.retry_after(MINUTE_LATER, NOW, date), date)
    end
  end)

  it("can be of any year", function()
    local later = {
      ["Tue, 19 Jan 2038 03:14:08 GMT"] = 2 ^ 31, ["Mon, 07 Feb 2106 06:28:16 GMT"] = 2 ^ 32,
      ["Fri, 29 Feb 2096 00:00:00 GMT"] = 3981312000, ["Mon, 01 Mar 2100 00:00:00 GMT"] = 4107542400,
    }
    for date, seconds in pairs(later) do
      assert.equal(5, probe.retry_after(date, seconds - 5 | 0), date)
    end
    assert.equal(1e9, probe.retry_after("Fri, 31 Dec 9999 23:59:59 GMT", NOW))
    -- Before 1970, as a clock without a battery may have it.
    assert.equal(37, probe.retry_after("Thu, 01 Jan 1970 00:00:00 GMT", -37))
    assert.equal(37, probe.retry_after("Wed, 31 Dec 1969 23:59:00 GMT", -97))
    for _, header in ipairs { "", "soon", "-5" } do assert.is_nil(probe.retry_after(header, -86400), header) end
  end)

  it("asks for nothing where there is no such day or time", function()
    for _, header in ipairs { "Sun, 00 Nov 2044 08:50:37 GMT", "Sun, 31 Nov 2044 08:50:37 GMT",
      "Tue, 29 Feb 2045 08:50:37 GMT", "Sun, 06 Nov 2044 24:50:37 GMT", "Sun, 06 Nov 2044 08:60:37 GMT",
      "Sun, 06 Nov 2044 08:50:61 GMT", "Sun, 06 Nov 0000 08:50:37 GMT", "Sun, 06 nov 2044 08:50:37 GMT",
      "Sun,  6 Nov 2044 08:50:37 GMT", "Foo, 06 Nov 2044 08:50:37 GMT" } do
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
