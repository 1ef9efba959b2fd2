--- The program of bare_host.c, as the specs run it.

local compiler = require "spec.support.compiler"
local process = require "spec.support.process"

local bare_host = {}

--- Begins a script: `new(options)` makes a client of the environment's service, and `delete(client, id)` tells the
--- outcome, whatever it is.
bare_host.PRELUDE = [[
  local heygen = require "heygen"
  local function new(more)
    local options = {
      api_key = "test-key", base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE", max_retries = 0,
    }
    for name, value in pairs(more or {}) do options[name] = value end
    return heygen.new(options)
  end
  local function delete(client, id)
    local succeeded, first, second = pcall(client.delete_photo_avatar, client, id)
    return (succeeded and second or first).outcome
  end
]]

--- What the prelude needs to know.
---@param service spec.Service
---@param more table<string, string|false>?
---@return table<string, string|false>
function bare_host.environment(service, more)
  local environment = { URL = service.url, CA_FILE = service.ca_file or false }
  for name, value in pairs(more or {}) do environment[name] = value end
  return environment
end

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

--- Runs scripts in one process, which must come to a good end.
---@param scripts string[]
---@param environment table<string, string|false>?
---@return string printed
function BareHost:printed(scripts, environment)
  local result = self:run(scripts, environment)
  if result.timed_out or result.status ~= 0 then
    local how = ("status %s, signal %s"):format(result.status, result.signal)
    error(("the host came to no good end (%s): %s"):format(how, result.stderr), 2)
  end
  return result.stdout
end

return bare_host
