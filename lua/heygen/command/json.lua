--- One line of JSON for a record of strings, numbers and booleans.

local json = {}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(character)
  return ESCAPES[character] or ("\\u%04x"):format(character:byte())
end

-- Texts of a library or of a file need not be UTF-8, JSON is.
local function valid_utf8(text)
  local _, bad = utf8.len(text)
  while bad do
    text = text:sub(1, bad - 1) .. "\u{FFFD}" .. text:sub(bad + 1)
    _, bad = utf8.len(text, bad)
  end
  return text
end

local function string_text(text)
  return '"' .. valid_utf8(text):gsub('[%c"\\]', escape) .. '"'
end

local function number_text(number)
  return math.type(number) == "integer" and ("%d"):format(number) or ("%.6f"):format(number)
end

local WRITERS = { string = string_text, number = number_text, boolean = tostring }

--- Makes the line.
---@param names string[] the members, in order; those that the record lacks are left out
---@param record table<string, string|number|boolean>
---@return string
function json.object(names, record)
  local members = {}
  for _, name in ipairs(names) do
    local value = record[name]
    if value ~= nil then members[#members + 1] = string_text(name) .. ":" .. WRITERS[type(value)](value) end
  end
  return "{" .. table.concat(members, ",") .. "}"
end

return json
