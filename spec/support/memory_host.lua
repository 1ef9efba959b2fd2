--- The program of memory_host.c with a script, as the specs run it: where Lua's allocations fail as the script asks.

local assert = require "luassert"
local compiler = require "spec.support.compiler"
local process = require "spec.support.process"

local memory_host = {}

---@class spec.MemoryHost
---@field private path string
---@field private script string
local MemoryHost = {}
MemoryHost.__index = MemoryHost

--- Compiles it.
---@param script string Lua, which may call `faulty`
---@return spec.MemoryHost
function memory_host.new(script)
  local self = setmetatable({ path = compiler.program "memory_host", script = os.tmpname() }, MemoryHost)
  process.write_file(self.script, script)
  return self
end

function MemoryHost:remove()
  os.remove(self.path)
  os.remove(self.script)
end

--- Runs the script with these arguments. Fails unless it comes to its end and leaks nothing.
---@param ... string
function MemoryHost:assert_survives(...)
  -- Where an address sanitizer is at work, it looks for leaks at the end.
  local sanitizer = (os.getenv "ASAN_OPTIONS" or "") .. ":detect_leaks=1"
  local result = process.run({ self.path, self.script, ... }, { environment = { ASAN_OPTIONS = sanitizer } })
  assert.is_nil(result.signal)
  assert.equal(0, result.status, result.stderr)
end

return memory_host
