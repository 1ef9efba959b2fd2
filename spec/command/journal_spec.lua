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
      "begin a", "start a b", "start", "done a", "done a perhaps", "", "start a ", "start \0", "key 5a175a17",
      "start a deleted",
    } do
      command.write(path, HEADER .. "start x\n" .. line .. "\nstart y\n")
      local book, problem = open()
      assert.is_nil(book)
      assert.equal(path .. ": line 4 is damaged", problem, ("%q"):format(line))
    end
  end)

  it("has a time on each line", function()
    local before = os.date "!%Y-%m-%dT%H:%M:%SZ"
    local book = assert(open())
    assert(book:begin() and book:announce { "a", "b" } and book:done("a", "unknown", "timeout"))
    assert(book:close())
    local number = 0
    for line in command.read(path):gmatch "[^\n]+" do
      number = number + 1
      local time = line:match " (%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ)$"
      assert.is_true(number == 1 or time >= before and time <= os.date "!%Y-%m-%dT%H:%M:%SZ", line)
    end
    assert.equal(5, number)
  end)

  it("is read whatever the ends of its lines", function()
    local text = HEADER .. "start a\ndone a deleted\nstart b\n"
    assert.same({ a = "deleted", b = "started" }, known((text:gsub("\n", "\r\n"))))
    local book = assert(open())
    assert(book:begin() and book:done("b", "deleted") and book:close())
    assert.same({ a = "deleted", b = "deleted" }, known(command.read(path)))
  end)

  it("is of one service, however its URL is written", function()
    for _, url in ipairs { "https://API.Example.com/", "HTTPS://api.example.com:443", "https://api.example.com//" } do
      command.write(path, HEADER .. "start a\n")
      local book = assert(open { base_url = url })
      book:close()
      assert.same({ a = "started" }, book.known)
    end
    for _, url in ipairs {
      "http://api.example.com", "https://api.example.com:8443", "https://api.example.com/x",
      "https://api.example.com.x",
    } do
      local book, problem = open { base_url = url }
      assert.is_nil(book)
      assert.matches("another service: https://api.example.com$", problem)
    end
  end)

  describe("of a key", function()
    local function open_with(key, same_account)
      return open { key = key, same_account = same_account }
    end

    it("is refused for another key, with the way out, unless the account is the same", function()
      command.write(path, HEADER .. "start a\n")
      local book, problem = open_with "other-key"
      assert.is_nil(book)
      assert.matches("another API key", problem)
      assert.matches("--same-account", problem, 1, true)

      book = assert(open_with("other-key", true))
      assert(book:begin() and book:close())
      -- From now on, both are known.
      for _, key in ipairs { "other-key", command.KEY } do assert(open_with(key)):close() end
      assert.is_nil((open_with "third-key"))
    end)

    it("tells nothing of the key, and differs from journal to journal", function()
      local marks = {}
      for number = 1, 20 do
        path = folder .. "/journal" .. number
        local book = assert(open())
        assert(book:begin() and book:close())
        local mark = command.read(path):match "\nkey (%x+%-%x+) "
        assert.equal(17, #mark)
        assert.is_nil(marks[mark])
        marks[mark] = true
        assert.not_matches(command.KEY, command.read(path), 1, true)
      end
    end)
  end)

  describe("of version 1", function()
    local OLD = "heygen-delete journal 1 https://api.example.com v2\n"

    it("goes on, also with v3, and gets the key", function()
      for _, first in ipairs { OLD, (OLD:gsub("v2", "v3")) } do
        command.write(path, first .. "start a\ndone a deleted\nstart b\ndone b not_deleted server\n")
        local book = assert(open())
        assert.same({ a = "deleted", b = "not_deleted" }, book.known)
        assert(book:begin() and book:announce { "b" } and book:close())
        assert.equal(first, command.read(path):match "^[^\n]*\n")
        assert.is_nil((open { key = "other-key" }))
        assert.equal("started", assert(open()).known.b)
      end
    end)

    for _, lines in ipairs { "start a\n", "start a\ndone a unknown timeout\n", "start a\ndone a absent not_found\n" } do
      it("with a doubt goes on only if the account is the same: " .. lines:gsub("\n", "; "), function()
        command.write(path, OLD .. lines)
        local book, problem = open()
        assert.is_nil(book)
        assert.matches("--same-account", problem, 1, true)
        assert.equal(OLD .. lines, command.read(path))
        book = assert(open { same_account = true })
        assert(book:begin() and book:close())
        assert(open()):close()
      end)
    end
  end)

  it("is a regular file, and none that the output goes to", function()
    for given, words in pairs { ["/dev/null"] = "char device", [folder] = "directory" } do
      path = given
      for _, read_only in ipairs { false, true } do
        local book, problem = open { read_only = read_only }
        assert.is_nil(book)
        assert.equal(("%s: is a %s; a journal is a regular file"):format(given, words), problem)
      end
    end
    path = folder .. "/pipe"
    assert(os.execute("mkfifo " .. path))
    assert.matches("is a named pipe", select(2, open()))
  end)

  it("that can't be read is refused, and not taken for an empty one", function()
    path = "/proc/self/mem"
    if not io.open(path, "rb") then return pending "no file here fails to be read" end
    local book, problem = open { read_only = true }
    assert.is_nil(book)
    assert.matches("can't be read: ", problem)
    -- Further down, too.
    path = folder .. "/journal"
    command.write(path, HEADER .. "start a\n")
    local real = io.open
    finally(function() rawset(io, "open", real) end)
    rawset(io, "open", function(...)
      local file = real(...)
      local reads = 0
      return {
        read = function(_, what)
          reads = reads + 1
          if reads < 3 then return file:read(what) end
          return nil, "Input/output error", 5
        end,
        seek = function(_, ...) return file:seek(...) end,
        close = function() return file:close() end,
      }
    end)
    book, problem = open { read_only = true }
    assert.is_nil(book)
    assert.equal(path .. ": can't be read: Input/output error", problem)
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
