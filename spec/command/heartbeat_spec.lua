-- lua/heygen/command/heartbeat.lua: a line a minute, where there is no terminal.

local heartbeat = require "heygen.command.heartbeat"

describe("a heartbeat", function()
  local now, written, beat

  before_each(function()
    now, written = 1000, {}
    beat = heartbeat.new(600, {
      clock = function() return now end,
      write = function(text) written[#written + 1] = text end,
    })
  end)

  it("is a line a minute, that tells how far the run is", function()
    for second = 1, 299 do
      now = 1000 + second
      beat:advance(second % 100 == 0)
    end
    assert.equal(4, #written)
    assert.equal("heygen-delete: 10%  60 of 600 done, 0 failed, 1.0/s, 9:00 left\n", written[1])
    assert.equal("heygen-delete: 40%  240 of 600 done, 2 failed, 1.0/s, 6:00 left\n", written[4])
  end)

  it("beats while nothing but time passes, and never twice in a minute", function()
    now = 1000 + 3600
    beat:tick()
    beat:tick()
    assert.equal(1, #written)
    assert.matches(" 0 of 600 done", written[1])
  end)

  it("lets other lines through", function()
    assert.same({ true }, { beat:above(function() return true end, "x") })
    beat:clear()
    assert.same({}, written)
  end)
end)
