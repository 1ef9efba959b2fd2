--- The key of the fault matrix, and the search for it.

local canary = {}

--- Long enough to be one, and with nothing that an encoding would have to change.
canary.KEY = "canary-5e1f0b7a-key"

-- Whatever would give away more than a few of its characters has one of these in it.
local PARTS = { canary.KEY:sub(1, 8), canary.KEY:sub(6, 13), canary.KEY:sub(-8) }

local function add_texts(value, texts)
  if type(value) == "table" then
    for name, member in pairs(value) do
      add_texts(name, texts)
      add_texts(member, texts)
    end
  end
  texts[#texts + 1] = tostring(value)
end

--- Looks for the key in values, and in all that they hold.
---@param ... any
---@return string? found the text that it is in
function canary.found(...)
  local texts = {}
  for _, value in ipairs { ... } do add_texts(value, texts) end
  for _, text in ipairs(texts) do
    for _, part in ipairs(PARTS) do
      if text:find(part, 1, true) then return text end
    end
  end
  return nil
end

return canary
