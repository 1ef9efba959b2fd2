--- A file that remembers what a run has done, so that another can go on after any kind of end.
---
---   heygen-delete journal 1 https://api.heygen.com v2
---   start my-avatar
---   done my-avatar deleted
---   start another
---   done another not_deleted server
---
--- The last line of an id counts. A line is whole or its end is missing; such a line gets a mark instead of its end.

local lfs = require "lfs"
local heygen = require "heygen"

---@class heygen.command.Journal
---@field known table<string, string> the last word on each id: "started", "not_attempted" or an outcome
---@field private file file*
---@field private path string
---@field private beginning string what must be written before anything else
---@field private problem string? why nothing can be written any more
local Journal = {}
Journal.__index = Journal

local journal = {}

local NAME = "heygen-delete journal "
local VERSION = "1"
local CUT_OFF = " (cut off)\n"

-- What may stand at the end of a line about an id.
local WORDS = { not_attempted = true }
for _, outcome in ipairs(heygen.outcomes) do WORDS[outcome] = true end

-- Takes in one line about an id; false when it is none.
local function take_line(known, line)
  if line:sub(-#CUT_OFF) == CUT_OFF then return true end
  local started = line:match "^start ([%w%-._~]+)\n$"
  if started then
    known[started] = "started"
    return true
  end
  local id, word = line:match "^done ([%w%-._~]+) ([%a_]+)[%a_ ]*\n$"
  if not (id and WORDS[word]) then return false end
  known[id] = word
  return true
end

-- Reads the lines below the header. Returns what has to be written before more of them, or nil and the problem.
local function read_lines(file, known)
  local number = 1
  for line in file:lines "L" do
    number = number + 1
    if line:sub(-1) ~= "\n" then return CUT_OFF end
    if not take_line(known, line) then return nil, ("line %d is damaged"):format(number) end
  end
  return ""
end

-- What is wrong with a file that begins otherwise.
local function flaw_of(file, start)
  if start:sub(1, #NAME) ~= NAME then return "this is no journal of heygen-delete" end
  local line = start:find "\n" and start:match "^[^\n]*" or start .. (file:read "l" or "")
  local version, service = line:sub(#NAME + 1):match "^(%d+) (%S+ %S+)$"
  if version ~= VERSION then return "this journal is of another version of heygen-delete" end
  return "this journal is about another service: " .. service
end

-- Reads everything. Returns what has to be written before anything else, or nil and the problem.
local function read(file, header, known)
  -- Not by lines: a foreign file may have none.
  local start = file:read(#header) or ""
  if start == header then return read_lines(file, known) end
  if start == header:sub(1, #start) then return header:sub(#start + 1) end
  return nil, flaw_of(file, start)
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

---@class heygen.command.JournalOptions
---@field base_url string
---@field api_version string
---@field read_only boolean? for a dry run: a file that does not exist is not made

--- Reads a journal, and keeps other processes from it. Nothing is written before `begin`.
---@param path string
---@param options heygen.command.JournalOptions
---@return heygen.command.Journal? journal nil when it can't be used
---@return string? problem
function journal.open(path, options)
  if options.read_only and not lfs.attributes(path) then return setmetatable({ known = {} }, Journal) end
  local file, problem
  if options.read_only then
    file, problem = io.open(path, "rb")
  else
    file, problem = open_locked(path)
  end
  if not file then return nil, problem end
  file:seek "set"
  local known = {}
  local header = ("%s%s %s %s\n"):format(NAME, VERSION, options.base_url, options.api_version)
  local beginning, flaw = read(file, header, known)
  if not beginning then
    file:close()
    return nil, path .. ": " .. flaw
  end
  return setmetatable({ file = file, known = known, path = path, beginning = beginning }, Journal)
end

function Journal:write(text)
  if self.problem then return nil, self.problem end
  local written, problem = self.file:write(text)
  if written then
    written, problem = self.file:flush()
  end
  if written then return true end
  -- From here on another line could follow a half one.
  self.problem = ("%s: %s"):format(self.path, problem)
  return nil, self.problem
end

--- Begins to write: the header of a new journal, or the mark of a line that was cut off.
---@return boolean? fine
---@return string? problem
function Journal:begin()
  self.file:seek "end"
  return self:write(self.beginning)
end

--- Notes that an id may be sent from now on.
---@param id string
---@return boolean? fine
---@return string? problem
function Journal:start(id)
  return self:write(("start %s\n"):format(id))
end

--- Notes what came of it.
---@param id string
---@param outcome string
---@param kind string? of its error
---@return boolean? fine
---@return string? problem
function Journal:done(id, outcome, kind)
  return self:write(kind and ("done %s %s %s\n"):format(id, outcome, kind) or ("done %s %s\n"):format(id, outcome))
end

function Journal:close()
  if self.file then self.file:close() end
end

return journal
