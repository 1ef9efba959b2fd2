-- lua/heygen/command/journal.lua: a file that survives any end. Two processes with one: deletion_spec.lua.

local command = require "spec.support.command"
local journal = require "heygen.command.journal"

local URL = "https://api.example.com"
local HEADER = command.journal_head("https://api.example.com")
local FIRST = HEADER:match "^[^\n]*\n"

describe("a journal", function()
  local folder, path

  before_each(function()
    folder = command.folder()
    path = folder .. "/journal"
  end)
  after_each(function() command.remove(folder) end)

  local function open(more)
    local options = { base_url = URL, operation = "looks", key = command.KEY }
    for name, value in pairs(more or {}) do options[name] = value end
    return journal.open(path, options)
  end

  -- What a journal of this text knows.
  local function known(text)
    command.write(path, text)
    local book = assert(open())
    book:close()
    return book.known
  end

  it("is a text that tells what was done", function()
    local book = assert(open())
    assert(book:begin() and book:announce { "a" } and book:done("a", "deleted") and book:announce { "b" })
    assert(book:done("b", "not_deleted", "server"))
    book:close()
    local expected = HEADER .. "start a\ndone a deleted\nstart b\ndone b not_deleted server\n"
    assert.equal(command.timeless(expected), command.timeless(command.read(path)))
  end)

  it("has every line in the file before the call returns", function()
    local function assert_written(text)
      assert.equal(command.timeless(HEADER .. text), command.timeless(command.read(path)))
    end
    local book = assert(open())
    book:begin()
    assert_written ""
    book:announce { "a", "b" }
    assert_written "start a\nstart b\n"
    book:done("a", "unknown", "timeout")
    assert_written "start a\nstart b\ndone a unknown timeout\n"
    book:close()
  end)

  it("is read again: the last word counts", function()
    local expected = { a = "deleted", b = "started", c = "started", d = "not_attempted" }
    assert.same(expected, known(HEADER .. "start a\ndone a deleted\nstart b\nstart c\ndone c unknown timeout\nstart c\n"
      .. "start d\ndone d not_attempted\n"))
  end)

  it("goes on where it ended", function()
    command.write(path, HEADER .. "start a\n")
    local book = assert(open())
    assert(book:begin() and book:done("a", "deleted"))
    book:close()
    assert.equal(HEADER .. "start a\ndone a deleted\n", (command.read(path):gsub(" deleted [^\n]+", " deleted")))
  end)

  it("whose last line was cut off, wherever, is repaired, also twice", function()
    local text = HEADER .. "start a\ndone a deleted\nstart b\ndone b unknown timeout\n"
    for length = 0, #text do
      local whole = text:sub(1, length):match "^(.*\n)" or ""
      local expected = known(whole)
      assert.same(expected, known(text:sub(1, length)), "cut after " .. length)

      local book = assert(open())
      assert(book:begin() and book:announce { "c" })
      book:close()
      local repaired = command.read(path)
      expected.c = "started"
      assert.same(expected, known(repaired))
      assert.equal(FIRST, repaired:sub(1, #FIRST))

      -- Once more, within the mark itself.
      if length > #HEADER and #whole < length then
        expected.c = nil
        assert.same(expected, known(text:sub(1, length) .. " (cut o"))
      end
    end
  end)

  it("is refused when it is none, and left as it is", function()
    for _, text in ipairs {
      "my diary\n", "\0\0\0\0", "#!/bin/sh\n", FIRST:gsub("delete", "Delete"), ("x"):rep(100000), "heygen",
    } do
      command.write(path, text)
      local book, problem = open()
      if text == "heygen" then
        -- The beginning of a header is one that was cut off.
        book:close()
      else
        assert.is_nil(book)
        assert.equal(path .. ": this is no journal of heygen-delete", problem)
      end
      assert.equal(text, command.read(path))
    end
  end)

  it("of another service, API version or form is refused by that name", function()
    for text, words in pairs {
      ["heygen-delete journal 1 https://other.example.com v2\nstart a\n"] =
        "this journal is about another service: https://other.example.com",
      ["heygen-delete journal 2 looks https://x.io\nstart a\nstart b\nstart c\nstart d\nstart e\nstart f\n"] =
        "this journal is about another service: https://x.io",
      ["heygen-delete journal 2 looks https://api.example.com/a/longer/address\n"] =
        "this journal is about another service: https://api.example.com/a/longer/address",
      ["heygen-delete journal 2 looks https://\27[31mx.io\u{202E}\n"] =
        "this journal is about another service: https:// [31mx.io ",
      ["heygen-delete journal 2 groups https://api.example.com\n"] =
        "this journal is about other things: groups",
      ["heygen-delete journal 3 looks https://api.example.com\n"] =
        "this journal is of another version of heygen-delete",
      ["heygen-delete journal one two three four five six seven eight"] =
        "this journal is of another version of heygen-delete",
    } do
      command.write(path, text)
      local book, problem = open()
      assert.is_nil(book)
      assert.equal(path .. ": " .. words, problem)
      assert.equal(text, command.read(path))
    end
  end)

  it("with a line that is none is refused by its number", function()
    for _, line in ipairs {
      "begin a", "start a b", "start", "done a", "done a perhaps", "", "start a ", "start \0", "key 5a175a17", "start a deleted",
    } do
      command.write(path, HEADER .. "start x\n" .. line .. "\nstart y\n")
      local book, problem = open()
      assert.is_nil(book)
      assert.equal(path .. ": line 4 is damaged", problem, ("%q"):format(line))
    end
  end)

  it("that can't be opened is a problem", function()
    path = folder .. "/no/such/folder"
    local book, problem = open()
    assert.is_nil(book)
    assert.matches("No such file", problem)
  end)

  it("is only read for a dry run", function()
    assert.same({}, assert(open { read_only = true }).known)
    assert.equal("", command.read(path))
    assert.is_nil(io.open(path))
    command.write(path, HEADER .. "start a\nsta")
    local book = assert(open { read_only = true })
    book:close()
    assert.same({ a = "started" }, book.known)
    assert.equal(HEADER .. "start a\nsta", command.read(path))
  end)

  it("that could not be written once is written no more", function()
    local book = assert(open())
    assert(book:begin())
    local disk = book.file
    local writes = 0
    book.file = {
      write = function() writes = writes + 1 return nil, "No space left on device" end,
      flush = function() return true end,
    }
    for _ = 1, 2 do
      local fine, problem = book:announce { "a" }
      assert.is_nil(fine)
      assert.equal(path .. ": No space left on device", problem)
    end
    assert.is_nil((book:done("a", "deleted")))
    assert.equal(1, writes)
    disk:close()
  end)
end)
