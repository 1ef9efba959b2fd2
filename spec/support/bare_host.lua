--- The program of bare_host.c, as the specs run it.

local compiler = require "spec.support.compiler"
local process = require "spec.support.process"

local bare_host = {}

---@class spec.BareHost
---@field private path string
local BareHost = {}
BareHost.__index = BareHost

--- Compiles it.
---@return spec.BareHost
function bare_host.new()
  return setmetatable({ path = compiler.program("bare_host") }, BareHost)
end

function BareHost:remove()
  os.remove(self.path)
end

local function write_script(script)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  file:write(script)
  return path
end

--- Runs scripts, each in a Lua state of its own, in one process.
---@param scripts string[] Lua
---@param environment table<string, string|false>?
---@return spec.RunResult
function BareHost:run(scripts, environment)
  local command = { self.path }
  for number, script in ipairs(scripts) do command[number + 1] = write_script(script) end
  local result = process.run(command, { environment = environment })
  for number = 2, #command do os.remove(command[number]) end
  return result
end

return bare_host
