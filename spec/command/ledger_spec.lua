-- lua/heygen/command/ledger.lua: one word for each id.

local ledger = require "heygen.command.ledger"

local function listed(iterator)
  local list = {}
  for id in iterator do list[#list + 1] = id end
  return list
end

describe("a ledger", function()
  it("has everything waiting at first", function()
    local book = ledger.new { "a", "b" }
    assert.same({ "a", "b" }, listed(book:each "waiting"))
    assert.equal(2, book:left())
    assert.equal(2, book:counts().not_attempted)
  end)

  it("goes by what an earlier run has said", function()
    local known = {
      a = "deleted", b = "presumed_deleted", c = "absent", d = "not_deleted", e = "unknown", f = "started",
      g = "not_attempted", z = "unknown",
    }
    local book = ledger.new({ "a", "b", "c", "d", "e", "f", "g", "h" }, known)
    assert.same({ "e", "f" }, listed(book:each "in_doubt"))
    assert.same({ "d", "g", "h" }, listed(book:each "waiting"))
    assert.equal(5, book:left())
    assert.same({ "deleted", "presumed_deleted", "absent" }, { book:settled "a", book:settled "b", book:settled "c" })
    assert.is_nil(book:settled "e")
    assert.is_nil(book:settled "d")
  end)

  it("goes by a journal and by what the list says, and loses nothing true", function()
    local ids = { "a", "b", "c", "d", "e", "f", "g" }
    local known = { a = "started", b = "not_deleted", c = "absent", d = "deleted", e = "absent", f = "unknown" }
    local told = { a = "deleted", b = "unknown", c = "unknown", d = "unknown", g = "presumed_deleted" }
    local book = ledger.new(ids, known, told)
    assert.same({ "b", "c", "f" }, listed(book:each "in_doubt"))
    assert.same({ a = "deleted", d = "deleted", e = "absent", g = "presumed_deleted" },
      { a = book:settled "a", d = book:settled "d", e = book:settled "e", g = book:settled "g" })
  end)

  it("counts every id once, whatever its state", function()
    local states = {
      "waiting", "in_doubt", "started", "deleted", "presumed_deleted", "absent", "not_deleted", "unknown",
    }
    local book = ledger.new(states)
    for _, state in ipairs(states) do book:set(state, state) end
    assert.same({
      deleted = 1, presumed_deleted = 1, absent = 1, not_deleted = 1, unknown = 3, not_attempted = 1,
    }, book:counts())
  end)

  it("is iterated by the state of the moment", function()
    local book = ledger.new { "a", "b", "c" }
    local next_id = book:each "waiting"
    assert.equal("a", next_id())
    book:set("b", "started")
    assert.equal("c", next_id())
    assert.is_nil(next_id())
    assert.is_nil(next_id())
  end)

  it("knows what is gone", function()
    assert.is_true(ledger.is_gone "deleted")
    assert.is_true(ledger.is_gone "presumed_deleted")
    assert.is_false(ledger.is_gone "absent")
    assert.is_true(ledger.is_gone("absent", true))
    for _, outcome in ipairs { "not_deleted", "unknown", "not_attempted" } do
      assert.is_false(ledger.is_gone(outcome, true))
    end
  end)
end)
