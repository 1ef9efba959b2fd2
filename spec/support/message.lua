--- Lua values as one line of text and back: what the specs and the service tell each other.
---
--- Exact where JSON is not: integers stay integers, math.huge and any bytes in strings arrive unchanged.

local message = {}

local function write(value, out)
  if type(value) ~= "table" then
    -- %q breaks lines inside of strings; the escape keeps the message on one.
    out[#out + 1] = (("%q"):format(value):gsub("\\\n", "\\n"))
    return
  end
  out[#out + 1] = "{"
  for key, member in pairs(value) do
    out[#out + 1] = "["
    write(key, out)
    out[#out + 1] = "]="
    write(member, out)
    out[#out + 1] = ","
  end
  out[#out + 1] = "}"
end

---@param value any nil, booleans, numbers, strings, and tables of these
---@return string line without a line break
function message.encode(value)
  local out = {}
  write(value, out)
  return table.concat(out)
end

---@param line string
---@return any
function message.decode(line)
  return assert(load("return " .. line, "=message", "t", {}))()
end

return message
