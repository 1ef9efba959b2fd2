--- What annotations for the Lua language server say.

local annotations = {}

---@class spec.Annotations
---@field classes table<string, { parents: string[], fields: table }>
---@field aliases table<string, string[]>
---@field functions table<string, table<string, true>>

--- Of a file of Lua: its classes with their parents and fields, its aliases' values, and the names of its functions by
--- the table that holds them.
---@param path string
---@return spec.Annotations
function annotations.of(path)
  local found = { classes = {}, aliases = {}, functions = {} }
  local class, alias
  for line in io.lines(path) do
    local class_name, parents = line:match "^%-%-%-@class ([%w_.]+):?%s*(.*)$"
    local field, optional, kind, comment = line:match "^%-%-%-@field ([%w_]+)(%??) (%S+) ?(.*)$"
    local holder, name = line:match "^function ([%w_]+)[.:]([%w_]+)"
    local alias_name = line:match "^%-%-%-@alias ([%w_.]+)"
    if class_name then
      class = { parents = {}, fields = {} }
      for parent in parents:gmatch "[%w_.]+" do class.parents[#class.parents + 1] = parent end
      found.classes[class_name] = class
    elseif field then
      class.fields[field] = { type = kind, optional = optional == "?" or kind:sub(-1) == "?", comment = comment }
    elseif holder then
      found.functions[holder] = found.functions[holder] or {}
      found.functions[holder][name] = true
    elseif alias_name then
      alias = {}
      found.aliases[alias_name] = alias
    elseif line:find "^%-%-%-|" then
      alias[#alias + 1] = line:match '"(.-)"'
    end
  end
  return found
end

--- A class's fields with those of its parents.
---@param found spec.Annotations
---@param class_name string
---@return table<string, { type: string, optional: boolean, comment: string }>
function annotations.fields(found, class_name)
  local class = assert(found.classes[class_name], "no class " .. class_name)
  local fields = {}
  for name, field in pairs(class.fields) do fields[name] = field end
  for _, parent in ipairs(class.parents) do
    for name, field in pairs(annotations.fields(found, parent)) do fields[name] = field end
  end
  return fields
end

return annotations
