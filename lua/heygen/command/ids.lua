--- The ids to delete: from arguments, files and standard input.

local lfs = require "lfs"
local core = require "heygen.core"
local system = core.system
local ledger = require "heygen.command.ledger"

local ids = {}

local BYTE_ORDER_MARK = "\xEF\xBB\xBF"
local KEY_BEGINNING = "sk_V2_"

-- How many bad ids are named, and how much of each is quoted.
local MOST_NAMED = 10
local MOST_QUOTED = 60

-- What programs print where there is no id, and what stands above a column of them.
local NO_IDS = { id = true, null = true, ["nil"] = true, undefined = true, avatar_id = true, look_id = true }

local function quote(text)
  local start = #text > MOST_QUOTED and text:sub(1, MOST_QUOTED) .. "..." or text
  return '"' .. start:gsub("[^\x20-\x7E]", function(byte) return ("\\x%02X"):format(byte:byte()) end) .. '"'
end

-- Whether a text holds a key, so that it must not be told.
local function holds_key(text, key)
  return text:find(key, 1, true) ~= nil or text:find(KEY_BEGINNING, 1, true) ~= nil
end

--- Says what keeps a text from being an id. The client would refuse it too, but not before others have been sent.
---@param text string
---@param key string the API key, which in an URL would end up in logs
---@return string? flaw nil for a good one
function ids.flaw(text, key)
  if text == key then return "is the API key" end
  if text:sub(1, #KEY_BEGINNING) == KEY_BEGINNING then return "begins like an API key, so it is not sent as an id" end
  local told = holds_key(text, key) and "it holds an API key" or quote(text)
  if #text > system.longest_id then
    return ("has %d characters, more than %d: %s"):format(#text, system.longest_id, told)
  end
  if system.id_flaw(text) then
    return ("not a valid id: %s (allowed: A-Z a-z 0-9 - . _ ~)"):format(told)
  end
  return nil
end

-- What is gathered: the ids in order, each once, what is said of them, and what is wrong.
local Collection = {}
Collection.__index = Collection

function Collection:complain(place, flaw)
  self.bad = self.bad + 1
  if self.bad <= MOST_NAMED then self.problems[#self.problems + 1] = place .. " " .. flaw end
end

function Collection:add(text, place, outcome)
  local flaw = ids.flaw(text, self.key)
  if flaw then return self:complain(place, flaw) end
  if outcome then
    self.told = self.told or {}
    self.told[text] = ledger.weightier(outcome, self.told[text])
  end
  if self.seen[text] then
    self.duplicates = self.duplicates + 1
  else
    self.seen[text] = true
    self.list[#self.list + 1] = text
  end
end

-- Only these outcomes of an earlier run say something to this one.
local TELLING = { deleted = true, presumed_deleted = true, unknown = true }

-- A line that is a JSON object, such as --json prints.
function Collection:add_object(line, place)
  local object, problem = core.json_decode(line)
  if type(object) ~= "table" then return self:complain(place, "not a valid JSON object: " .. problem) end
  if type(object.id) ~= "string" then return self:complain(place, "the JSON object has no text as its id") end
  self:add(object.id, place, TELLING[object.outcome] and object.outcome or nil)
end

function Collection:add_line(line, place)
  local text = line:match "^%s*(.-)%s*$"
  if text == "" or text:sub(1, 1) == "#" then return end
  if text:sub(1, 1) == "{" then return self:add_object(text, place) end
  self:add(text:match "^(.-)%s+#" or text, place)
end

function Collection:add_lines(file, name)
  local number = 0
  while true do
    local line, problem = file:read "l"
    if problem then
      self.problems[#self.problems + 1] = ("%s can't be read: %s"):format(name, problem)
    end
    if not line then return end
    number = number + 1
    if number == 1 and line:sub(1, #BYTE_ORDER_MARK) == BYTE_ORDER_MARK then line = line:sub(#BYTE_ORDER_MARK + 1) end
    self:add_line(line, ("%s, line %d:"):format(name, number))
  end
end

function Collection:add_file(path)
  if path == "-" then return self:add_lines(io.stdin, "standard input") end
  local file <close>, problem = io.open(path, "rb")
  if not file then
    self.problems[#self.problems + 1] = problem
    return
  end
  self:add_lines(file, path)
end

---@class heygen.command.Ids
---@field list string[] in the order given, each once
---@field duplicates integer how many more there were
---@field told table<string, string>? what JSON lines say of ids: their outcomes in an earlier run

--- Reads all ids.
---@param arguments string[] ids; "-" reads standard input
---@param files string[] their names; "-" is standard input
---@param key string the API key
---@return heygen.command.Ids? read nil when something is wrong
---@return string[]? problems
function ids.read(arguments, files, key)
  local collection =
    setmetatable({ key = key, list = {}, seen = {}, duplicates = 0, bad = 0, problems = {} }, Collection)
  for position, text in ipairs(arguments) do
    if text == "-" then
      collection:add_file "-"
    else
      collection:add(text, ("argument %d:"):format(position))
    end
  end
  for _, path in ipairs(files) do collection:add_file(path) end

  local problems = collection.problems
  if collection.bad > MOST_NAMED then
    problems[#problems + 1] = ("and %d more"):format(collection.bad - MOST_NAMED)
  end
  if #problems > 0 then return nil, problems end
  return { list = collection.list, duplicates = collection.duplicates, told = collection.told }
end

--- Finds ids that are probably none, though they could be.
---@param list string[]
---@param known table<string, string>? ids that an earlier run has taken for ids
---@return string[] doubts a text for each of the first few
function ids.mistakes(list, known)
  local doubts = {}
  for _, id in ipairs(list) do
    if not (known and known[id]) then
      local why = NO_IDS[id:lower()] and "is hardly an id" or lfs.attributes(id, "mode") and "is the name of a file"
      if why then doubts[#doubts + 1] = ("%s %s"):format(quote(id), why) end
      if #doubts == MOST_NAMED then break end
    end
  end
  return doubts
end

return ids
