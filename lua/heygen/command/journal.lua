--- A file that remembers what a run has done, so that another can go on after any kind of end.
---
---   heygen-delete journal 2 looks https://api.heygen.com
---   key 5f3a9c01-8d21b7e4 2026-11-27T21:54:34Z
---   start my-avatar 2026-11-27T21:54:34Z
---   done my-avatar deleted 2026-11-27T21:54:35Z
---   start another 2026-11-27T21:54:34Z
---   done another not_deleted server 2026-11-27T21:54:36Z
---
--- The last line of an id counts. A line is whole or its end is missing; such a line gets a mark instead of its end.

local lfs = require "lfs"
local heygen = require "heygen"
local head = require "heygen.command.journal_head"
local system = require("heygen.core").system

---@class heygen.command.Journal
---@field known table<string, string> the last word on each id: "started", "not_attempted" or an outcome
---@field private file file*
---@field private path string
---@field private is_new boolean
---@field private is_read_only boolean?
---@field private beginning string what must be written before anything else
---@field private problem string? why nothing can be written any more
local Journal = {}
Journal.__index = Journal

local journal = {}

-- More than any first line has.
local LONGEST_HEAD = 4096
local CUT_OFF = " (cut off)\n"
local TIME = "%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ"

-- What may stand at the end of a line about an id.
local WORDS = { not_attempted = true }
for _, outcome in ipairs(heygen.outcomes) do WORDS[outcome] = true end

-- What another account's key would turn into a false answer.
local DEPENDS_ON_ACCOUNT = { started = true, unknown = true, absent = true }

local function now_text()
  return os.date "!%Y-%m-%dT%H:%M:%SZ"
end

-- The words of a line, but for its time; nil where it is not one space that parts them.
local function words_of(line)
  local words = {}
  for word in line:gmatch "%S+" do words[#words + 1] = word end
  if table.concat(words, " ") ~= line then return nil end
  if #words > 1 and words[#words]:find("^" .. TIME .. "$") then words[#words] = nil end
  return words
end

-- Takes in one line; false when it is none of a journal's.
local function take_line(contents, line)
  if line:sub(-#CUT_OFF) == CUT_OFF then return true end
  local words = words_of((line:gsub("\r?\n$", "")))
  if not words then return false end
  local verb, subject, word = table.unpack(words)
  if verb == "key" and #words == 2 and head.is_mark(subject) then
    contents.marks[#contents.marks + 1] = subject
    return true
  end
  if not subject or system.id_flaw(subject) then return false end
  if verb == "start" and #words == 2 then
    contents.known[subject] = "started"
  elseif verb == "done" and WORDS[word] and #words <= 4 then
    contents.known[subject] = word
  else
    return false
  end
  return true
end

-- Reads the lines below the first. Returns what has to be written before more of them, or nil and the problem.
local function read_lines(file, contents)
  local number = 1
  while true do
    local line, problem = file:read "L"
    if problem then return nil, "can't be read: " .. problem end
    if not line then return "" end
    number = number + 1
    if line:sub(-1) ~= "\n" then return CUT_OFF end
    if not take_line(contents, line) then return nil, ("line %d is damaged"):format(number) end
  end
end

-- Reads everything. Returns what has to be written before anything else, or nil and the problem.
local function read(file, contents, options)
  -- Not by lines: a foreign file may have none.
  local start, problem = file:read(LONGEST_HEAD)
  if problem then return nil, "can't be read: " .. problem end
  local first = head.line(options.operation, options.base_url)
  start = start or ""
  if start == first:sub(1, #start) and #start < #first then return first:sub(#start + 1) end
  local line, finish = start:match "^([^\n]-)\r?\n()"
  local flaw = head.flaw(line or start, options.operation, options.base_url)
  if flaw then return nil, flaw end
  if not line then return nil, "the first line is cut off, and nothing is noted below it: remove the file" end
  file:seek("set", finish - 1)
  return read_lines(file, contents)
end

-- Whether the file may be used with this key: what has to be written for that, or nil and the problem.
local function check_key(contents, options)
  for _, mark in ipairs(contents.marks) do
    if head.is_of(mark, options.key) then return "" end
  end
  local line = ("key %s %s\n"):format(head.mark(options.key), now_text())
  if options.same_account then return line end
  if #contents.marks > 0 then
    return nil, "this journal was begun with another API key. If both keys are of the same account, --same-account "
      .. "goes on with it; for another account take another journal"
  end
  for _, word in pairs(contents.known) do
    if DEPENDS_ON_ACCOUNT[word] then
      return nil, "this journal, of an earlier version, names no API key, and some of its ids are in doubt or absent. "
        .. "If it was written with a key of the same account, --same-account goes on with it"
    end
  end
  return line
end

-- What keeps a path from being a journal's; nothing is opened.
local function flaw_of_path(path)
  local mode, problem, code = lfs.attributes(path, "mode")
  if not mode then return code ~= 2 and problem or nil end
  return mode ~= "file" and ("is a %s; a journal is a regular file"):format(mode) or nil
end

-- Whether standard output or standard error goes into the file, too.
local function is_an_output(path)
  local own = lfs.attributes(path)
  for descriptor = 1, 2 do
    local other = lfs.attributes("/dev/fd/" .. descriptor)
    if own and other and own.ino == other.ino and own.dev == other.dev then return true end
  end
  return false
end

-- The file, locked against other processes for as long as it is open; nil and the problem.
local function open_locked(path)
  local file, problem = io.open(path, "a+b")
  if not file then return nil, problem end
  local locked, reason = lfs.lock(file, "w")
  if locked then return file end
  file:close()
  return nil, ("%s: another process may be using this journal: %s"):format(path, reason)
end

-- Takes in what the file holds.
local function load(file, path, options)
  local contents = { known = {}, marks = {} }
  file:seek "set"
  local beginning, flaw = read(file, contents, options)
  local key_line
  if beginning then
    key_line, flaw = check_key(contents, options)
  end
  if flaw then
    file:close()
    return nil, path .. ": " .. flaw
  end
  return setmetatable({
    file = file,
    path = path,
    known = contents.known,
    is_new = file:seek "end" == 0,
    is_read_only = options.read_only,
    beginning = beginning .. key_line,
  }, Journal)
end

---@class heygen.command.JournalOptions
---@field base_url string
---@field operation string what the ids are of
---@field key string the API key
---@field same_account boolean? another key than the journal's is of the same account
---@field read_only boolean? for a dry run: a file that does not exist is not made

--- Reads a journal, and keeps other processes from it. Nothing is written before `begin`.
---@param path string
---@param options heygen.command.JournalOptions
---@return heygen.command.Journal? journal nil when it can't be used
---@return string? problem
function journal.open(path, options)
  local flaw = flaw_of_path(path)
  if flaw then return nil, path .. ": " .. flaw end
  if options.read_only and not lfs.attributes(path) then return setmetatable({ known = {} }, Journal) end
  local file, problem
  if options.read_only then
    file, problem = io.open(path, "rb")
  else
    file, problem = open_locked(path)
  end
  if not file then return nil, problem end
  if is_an_output(path) then
    file:close()
    return nil, path .. ": standard output or standard error goes into this file; a journal is a file of its own"
  end
  return load(file, path, options)
end

---@private
function Journal:write(text, is_synced)
  if self.problem then return nil, self.problem end
  local done, problem = self.file:write(text)
  if done then
    done, problem = self.file:flush()
  end
  if done and is_synced then
    done, problem = system.sync(self.file)
  end
  if done then return true end
  -- From here on another line could follow a half one.
  self.problem = ("%s: %s"):format(self.path, problem)
  return nil, self.problem
end

--- Begins to write: the first lines of a new journal, a key that is new to it, the mark of a line that was cut off.
---@return boolean? fine
---@return string? problem
function Journal:begin()
  self.file:seek "end"
  local fine, problem = self:write(self.beginning, true)
  if not fine or not self.is_new then return fine, problem end
  fine, problem = system.sync_entry(self.path)
  if not fine then return nil, ("%s: %s"):format(self.path, problem) end
  return true
end

--- Notes that these ids may be sent from now on, and waits until the disk has it.
---@param ids string[]
---@return boolean? fine
---@return string? problem
function Journal:announce(ids)
  local lines, time = {}, now_text()
  for position, id in ipairs(ids) do lines[position] = ("start %s %s\n"):format(id, time) end
  return self:write(table.concat(lines), true)
end

--- Notes what came of an id; "not_attempted" takes back that it was announced.
---@param id string
---@param outcome string
---@param kind string? of its error
---@return boolean? fine
---@return string? problem
function Journal:done(id, outcome, kind)
  return self:write(("done %s %s%s %s\n"):format(id, outcome, kind and " " .. kind or "", now_text()))
end

--- Ends it: the results reach the disk, too.
---@return boolean? fine
---@return string? problem
function Journal:close()
  if not self.file then return true end
  local fine, problem = not self.problem or nil, self.problem
  if fine and not self.is_read_only then
    fine, problem = system.sync(self.file)
  end
  self.file:close()
  return fine, problem
end

return journal
