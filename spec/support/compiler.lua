--- C that belongs to the specs, compiled on the spot in a temporary folder.

local process = require "spec.support.process"

local compiler = {}

local FOLDER = assert(package.searchpath("spec.support.compiler", package.path)):match("^(.*)compiler%.lua$")

-- Lua's name for pkg-config differs between systems. A sanitizer's or a fault test's preloaded library is not meant
-- for the compiler, so `env` takes it away.
local COMMAND = [[
for name in lua5.4 lua-5.4 lua54 lua; do
  if pkg-config --exists "$name >= 5.4 $name < 5.5"; then break; fi
done
exec env -u LD_PRELOAD ${CC:-cc} -std=c11 -O1 -g $(pkg-config --cflags $name libcurl) %s -o %s %s %s 2>&1
]]

local function compile(source, flags, libraries)
  local output = os.tmpname()
  local line = COMMAND:format(flags, process.quote(output), process.quote(FOLDER .. source), libraries)
  local pipe = assert(io.popen(line))
  local words = pipe:read("a")
  assert(pipe:close(), words)
  return output
end

--- Compiles spec/support/NAME.c and loads it as a Lua module.
---@param name string
---@return any module
function compiler.load(name)
  local path = compile(name .. ".c", "-fPIC -shared", "")
  local open = assert(package.loadlib(path, "luaopen_" .. name))
  os.remove(path)
  return open()
end

--- Compiles spec/support/NAME.c to a program with Lua in it.
---@param name string
---@return string path the caller removes it
function compiler.program(name)
  return compile(name .. ".c", "-rdynamic", "$(pkg-config --libs $name) -lm -ldl")
end

return compiler
