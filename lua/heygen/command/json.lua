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

-- Valid in JSON, and obeyed by a terminal: control characters beyond ASCII, and what turns the direction of writing.
local function escape_beyond_ascii(character)
  local code = utf8.codepoint(character)
  local is_control = code < 0xA0 or code >= 0x2028 and code <= 0x202E or code >= 0x2066 and code <= 0x2069
  return is_control and ("\\u%04x"):format(code) or nil
end

local function string_text(text)
  local escaped = valid_utf8(text):gsub('[%c"\\]', escape)
  return '"' .. escaped:gsub("\xC2[\x80-\x9F]", escape_beyond_ascii):gsub("\xE2[\x80\x81].", escape_beyond_ascii) .. '"'
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
