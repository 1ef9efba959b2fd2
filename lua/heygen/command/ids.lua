--- The ids to delete: from arguments, files and standard input.

local ids = {}

local LONGEST = 256
local BYTE_ORDER_MARK = "\xEF\xBB\xBF"

-- How many bad ids are named, and how much of each is quoted.
local MOST_NAMED = 10
local MOST_QUOTED = 60

local function quote(text)
  local start = #text > MOST_QUOTED and text:sub(1, MOST_QUOTED) .. "..." or text
  return '"' .. start:gsub("[^\x20-\x7E]", function(byte) return ("\\x%02X"):format(byte:byte()) end) .. '"'
end

--- Says what keeps a text from being an id. The client would refuse it too, but not before others have been sent.
---@param text string
---@param key string the API key, which in an URL would end up in logs
---@return string? flaw nil for a good one
function ids.flaw(text, key)
  if text == key then return "is the API key" end
  if #text > LONGEST then return ("has %d characters, more than %d: %s"):format(#text, LONGEST, quote(text)) end
  if text == "." or text == ".." or not text:find "^[A-Za-z0-9%-._~]+$" then
    return ("is no id (A-Z a-z 0-9 - . _ ~): %s"):format(quote(text))
  end
  return nil
end

-- What is gathered: the ids in order, each once, and what is wrong.
local Collection = {}
Collection.__index = Collection

function Collection:add(text, place)
  local flaw = ids.flaw(text, self.key)
  if flaw then
    self.bad = self.bad + 1
    if self.bad <= MOST_NAMED then self.problems[#self.problems + 1] = place .. " " .. flaw end
  elseif self.seen[text] then
    self.duplicates = self.duplicates + 1
  else
    self.seen[text] = true
    self.list[#self.list + 1] = text
  end
end

function Collection:add_lines(file, name)
  local number = 0
  for line in file:lines() do
    number = number + 1
    if number == 1 and line:sub(1, #BYTE_ORDER_MARK) == BYTE_ORDER_MARK then line = line:sub(#BYTE_ORDER_MARK + 1) end
    local text = line:match "^%s*(.-)%s*$"
    if text ~= "" and text:sub(1, 1) ~= "#" then self:add(text, ("%s, line %d:"):format(name, number)) end
  end
end

function Collection:add_file(path)
  if path == "-" then return self:add_lines(io.stdin, "standard input") end
  local file <close>, problem = io.open(path, "rb")
  -- A folder can be opened, but not read.
  local readable = file and (file:read(0) or file:seek "end" == 0)
  if not readable then
    self.problems[#self.problems + 1] = problem or path .. " can't be read"
    return
  end
  self:add_lines(file, path)
end

---@class heygen.command.Ids
---@field list string[] in the order given, each once
---@field duplicates integer how many more there were

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
  return { list = collection.list, duplicates = collection.duplicates }
end

return ids
