-- lua/heygen/command/announcements.lua: no id is handed out before the journal has it.

local announcements = require "heygen.command.announcements"
local command = require "spec.support.command"
local journal = require "heygen.command.journal"
local ledger = require "heygen.command.ledger"
local system = require("heygen.core").system

describe("announcements", function()
  local noted

  before_each(function() noted = {} end)

  local book = {
    announce = function(_, ids)
      noted[#noted + 1] = table.concat(ids, " ")
      return true
    end,
    done = function(_, id, outcome)
      noted[#noted + 1] = id .. " " .. outcome
      return true
    end,
  }

  it("are made for a few at once, and no id is handed out before", function()
    local ids = ledger.new(command.ids(7))
    local announced = announcements.new(ids, book, "waiting", 3)
    local batches = {}
    for id in function() return announced:next() end do
      assert.matches(id, noted[#noted], 1, true)
      batches[#noted] = (batches[#noted] or 0) + 1
    end
    assert.same({ 3, 3, 1 }, batches)
    assert.equal(7, ids:count "started")
  end)

  it("that were not used are taken back; what was in doubt stays so", function()
    for state, expected in pairs {
      waiting = { "a b c", "b not_attempted", "c not_attempted" }, in_doubt = { "a b c" },
    } do
      noted = {}
      local ids = ledger.new({ "a", "b", "c" }, state == "in_doubt" and { a = "started", b = "started", c = "unknown" })
      local announced = announcements.new(ids, book, state, 8)
      announced:next()
      announced:take_back(false)
      assert.same(expected, noted)
      assert.equal(2, ids:count(state))
      assert.equal(1, ids:count "started")
      announced:take_back(true)
      assert.equal(3, ids:count(state))
    end
  end)

  it("are limited where only some are wanted", function()
    local announced = announcements.new(ledger.new { "a", "b", "c" }, book, "waiting", 8, 1)
    assert.equal("a", announced:next())
    assert.is_nil(announced:next())
    assert.same({ "a" }, noted)
  end)

  it("that can't be noted hand out nothing", function()
    local full = { announce = function() return nil, "full" end }
    local ids = ledger.new { "a", "b" }
    local announced = announcements.new(ids, full, "waiting", 8)
    assert.is_nil(announced:next())
    assert.equal("full", announced.problem)
    assert.equal(2, ids:count "waiting")
  end)

  it("are on the disk, by one wait for all of them, before any is handed out", function()
    local folder = command.folder()
    local real = system.sync
    finally(function()
      system.sync = real
      command.remove(folder)
    end)
    local path, on_disk, waits = folder .. "/journal", "", 0
    -- The disk has what was in the file when somebody waited for it.
    system.sync = function(file)
      on_disk, waits = command.read(path), waits + 1
      return real(file)
    end
    local paper = assert(journal.open(path, { base_url = "https://x.io", operation = "looks", key = "k" }))
    assert(paper:begin())
    assert.matches("^heygen%-delete journal 2 looks https://x.io\nkey [^\n]+\n$", on_disk)
    waits = 0
    local announced = announcements.new(ledger.new(command.ids(20)), paper, "waiting", 8)
    for id in function() return announced:next() end do
      assert.matches("\nstart " .. id .. " ", on_disk, 1, true)
      assert(paper:done(id, "deleted"))
    end
    assert.equal(3, waits)
    assert(paper:close())
    assert.matches("done look-00020 deleted", on_disk, 1, true)
  end)

  it("that the disk does not take end in a problem", function()
    local folder = command.folder()
    local real = system.sync
    finally(function()
      system.sync = real
      command.remove(folder)
    end)
    local options = { base_url = "https://x.io", operation = "looks", key = "k" }
    local paper = assert(journal.open(folder .. "/journal", options))
    assert(paper:begin())
    system.sync = function() return nil, "Input/output error", 5 end
    local announced = announcements.new(ledger.new { "a" }, paper, "waiting", 8)
    assert.is_nil(announced:next())
    assert.matches("/journal: Input/output error$", announced.problem)
    assert.is_nil(paper:close())
  end)
end)
