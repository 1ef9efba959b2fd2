--- Why `heygen.core` can't be loaded, in one sentence, where it was built for another Lua than the one that runs.

-- These words stand in the module's binary: see hg_lua_check_version.
local WORDS = "heygen was built for Lua (%d%.%d)"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read "*a"
  file:close()
  return bytes
end

-- The version of Lua that the first heygen.core on the path was built for.
local function built_for()
  local separator = package.config and package.config:sub(1, 1) or "/"
  for template in package.cpath:gmatch "[^;]+" do
    local bytes = read((template:gsub("%?", "heygen" .. separator .. "core")))
    if bytes then return bytes:match(WORDS) end
  end
  return nil
end

--- What to tell of a failed `require "heygen.core"`.
---@param problem string what `require` said
---@return string
return function(problem)
  local built = io and built_for()
  local running = _VERSION:match "%d%.%d"
  if not built or built == running then return problem end
  local luajit = rawget(_G, "jit") ~= nil
  return ("heygen was built for Lua %s; this is %s: build it with make LUA=%s"):format(
    built, luajit and "LuaJIT" or _VERSION, luajit and "luajit" or "lua" .. running)
end
