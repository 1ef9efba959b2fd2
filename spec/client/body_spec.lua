-- The raw text of an answer. That its memory is wiped, transfer_spec sees.

local probe = require "heygen_probe"

local KEPT = 16 * 1024

local body

before_each(function() body = probe.body() end)

local function capacity() return (select(2, body:text())) end

describe("the body of an answer", function()
  it("begins empty, without memory", function()
    assert.same({ "", 0 }, { body:text() })
    body:shrink()
    assert.same({ "", 0 }, { body:text() })
  end)

  it("is what has come, in parts of any size", function()
    local parts = {}
    for number = 0, 200 do
      parts[#parts + 1] = ("%c"):format(number):rep(number * 7 % 500)
      assert.is_true(body:append(parts[#parts]))
    end
    assert.equal(table.concat(parts), (body:text()))
  end)

  it("doubles its memory, so that few parts move it", function()
    local capacities = {}
    for _ = 1, 10000 do
      body:append "0123456789"
      capacities[capacity()] = true
    end
    local count = 0
    for _ in pairs(capacities) do count = count + 1 end
    assert.is_true(count <= 8)
    assert.is_true(capacity() < 2 * 100000)
  end)

  it("keeps its memory for the next answer", function()
    body:append(("x"):rep(KEPT))
    body:shrink()
    assert.same({ ("x"):rep(KEPT), KEPT }, { body:text() })
  end)

  it("keeps the beginning alone of a large one", function()
    body:append("begin" .. ("x"):rep(10 * KEPT))
    body:shrink()
    assert.same({ "begin" .. ("x"):rep(KEPT - 5), KEPT }, { body:text() })
  end)

  it("can be freed, and filled again", function()
    body:append "text"
    body:free()
    assert.same({ "", 0 }, { body:text() })
    body:append "more"
    assert.equal("more", (body:text()))
  end)
end)
