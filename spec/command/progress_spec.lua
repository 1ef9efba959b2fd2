-- lua/heygen/command/progress.lua: a line that shows how far a run has come. On a real screen: screen_spec.lua.

local progress = require "heygen.command.progress"

describe("the progress line", function()
  local function standing(done, total, failed, elapsed)
    return { done = done, total = total, failed = failed, elapsed = elapsed }
  end

  it("tells done, failed, rate and time left", function()
    assert.equal("[##########..............................]  25%  500 of 2000 done, 3 failed, 50/s, 0:30 left",
      progress.line(standing(500, 2000, 3, 10), 120))
  end)

  it("tells less where there is less room", function()
    local now = standing(500, 2000, 3, 10)
    assert.equal("[##........]  25%  500 of 2000 done, 3 failed, 50/s, 0:30 left", progress.line(now, 62))
    assert.equal(" 25%  500 of 2000 done, 3 failed, 50/s, 0:30 left", progress.line(now, 61))
    assert.equal(" 25%  500 of 2000 done, 3 failed, 0:30 left", progress.line(now, 46))
    assert.equal(" 25%  3 failed, 0:30 left", progress.line(now, 30))
    assert.equal(" 25%  3 failed", progress.line(now, 20))
    assert.equal(" 25%", progress.line(now, 8))
    assert.equal("", progress.line(now, 3))
  end)

  it("has room in any width, at any moment", function()
    for width = 0, 300 do
      for _, now in ipairs {
        standing(0, 1, 0, 0), standing(1, 1, 1, 0.001), standing(0, 50000, 0, 100), standing(0, 0, 0, 0),
        standing(49999, 50000, 49999, 90000), standing(1, 50000, 0, 86400),
      } do
        local line = progress.line(now, width)
        assert.is_true(#line <= width, line)
        assert.not_matches("%c", line)
      end
    end
  end)

  it("tells times in hours, minutes and seconds", function()
    assert.matches("0:01 left", progress.line(standing(999, 1000, 0, 999), 100))
    assert.matches("10:00 left", progress.line(standing(1, 601, 0, 1), 100))
    assert.matches("1:00:05 left", progress.line(standing(1, 3606, 0, 1), 100))
    assert.matches("%-:%-%- left", progress.line(standing(0, 10, 0, 5), 100))
    assert.matches(" 0.5/s", progress.line(standing(5, 10, 0, 10), 100))
  end)

  describe("on a terminal", function()
    local now, columns, looks, drawn, line

    before_each(function()
      now, columns, looks, drawn = 1000, 80, 0, {}
      line = progress.new(10000, {
        clock = function() return now end,
        columns = function()
          looks = looks + 1
          return columns
        end,
        write = function(text) drawn[#drawn + 1] = text end,
      })
    end)

    it("is drawn at once, and then ten times a second at most", function()
      assert.equal(1, #drawn)
      for _ = 1, 5000 do
        line:advance(false)
        now = now + 0.001
      end
      assert.is_true(#drawn > 25 and #drawn <= 51, #drawn .. " drawings in five seconds")
      assert.matches("4%d%d%d of 10000 done", drawn[#drawn])
    end)

    it("looks at the width once a second at most, and follows it", function()
      columns = 30
      for _ = 1, 20 do
        now = now + 0.1
        line:advance(false)
      end
      assert.is_true(looks >= 2 and looks <= 3, looks)
      local shown = drawn[#drawn]:gsub("\27%[[?%d]*%a", ""):gsub("\r", "")
      assert.is_true(#shown < 30, shown)
    end)

    it("comes first, erases the rest of what was there, and ends at the line's beginning", function()
      assert.matches("^\27%[%?7l[^\27\r\n]+\27%[J\r\27%[%?7h$", drawn[1])
      line:clear()
      -- Never from the first cell on: tmux would move the screen into its history.
      assert.equal("\27[?7l \27[J\r\27[?7h", drawn[2])
    end)

    it("makes room for other lines, which come whole", function()
      local printed = {}
      assert.same({ nil, "no paper" }, { line:above(function(text)
        printed[#printed + 1] = text
        return nil, "no paper"
      end, "a failure") })
      assert.same({ "a failure" }, printed)
      assert.equal(3, #drawn)
      assert.not_matches("%d", (drawn[2]:gsub("\27%[[?%d]*%a", "")))
      assert.matches("done", drawn[3])
    end)

    it("is back after a burst of lines, and not drawn for each of a flood", function()
      local function flood(count)
        for _ = 1, count do line:above(function() return true end, "x") end
      end
      flood(8)
      assert.matches("done", drawn[#drawn])
      flood(1000)
      local drawings = 0
      for _, text in ipairs(drawn) do drawings = drawings + (text:find "done" and 1 or 0) end
      assert.is_true(drawings <= 10, drawings)
    end)
  end)
end)
