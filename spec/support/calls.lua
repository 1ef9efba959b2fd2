--- Calls as the specs make them: with the loopback service's key, and with errors as values.

local heygen = require "heygen"
local process = require "spec.support.process"

local calls = {}

--- The key that a service knows by default.
calls.KEY = "test-key"

--- What a client of a service is made with: unless the specs say otherwise, a call is a single attempt.
---@param service spec.Service
---@param more table? options that are added, or win
---@return heygen.ClientOptions
function calls.options(service, more)
  local options = {
    api_key = calls.KEY, base_url = service.url, ca_file = service.ca_file, max_retries = 0, api_version = "v2",
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return options
end

---@param service spec.Service
---@param more table?
---@return heygen.Client
function calls.client(service, more)
  return heygen.new(calls.options(service, more))
end

--- Calls a function that has to raise one of the module's errors.
---@param run function called with the further arguments
---@return heygen.Error
function calls.raised(run, ...)
  local succeeded, raised = pcall(run, ...)
  if succeeded then error("nothing was raised", 2) end
  if not heygen.is_error(raised) then error("what was raised is no heygen.Error: " .. tostring(raised), 2) end
  return raised
end

--- Tells what an error that was raised before anything was sent lacks to be a good one.
---@param err heygen.Error
---@param words string[]? what its message must contain
---@return string? flaw nil for a good one
function calls.flaw_of_refusal(err, words)
  local fixed = { kind = "invalid_argument", outcome = "not_deleted", attempts = 0, elapsed = 0 }
  for name, value in pairs(fixed) do
    if err[name] ~= value then return ("its %s is '%s': %s"):format(name, err[name], err) end
  end
  for _, word in ipairs(words or {}) do
    if not err.message:find(word, 1, true) then return ("its message lacks '%s': %s"):format(word, err) end
  end
  return nil
end

local function command(arguments)
  return { process.INTERPRETER, table.unpack(arguments) }
end

--- Runs a script in an interpreter of its own.
---@param script string Lua
---@param arguments string[]? the script's arguments
---@param options { warnings: boolean?, environment: table? }?
---@return spec.RunResult
function calls.run_script(script, arguments, options)
  options = options or {}
  local flags = options.warnings and { "-W", "-" } or { "-" }
  table.move(arguments or {}, 1, #(arguments or {}), #flags + 1, flags)
  return process.run(command(flags), { stdin = script, environment = options.environment })
end

--- Starts a script in an interpreter of its own, in the background.
---@param script string
---@param arguments string[]?
---@return spec.Process
function calls.start_script(script, arguments)
  return process.start(command { "-", table.unpack(arguments or {}) }, { stdin = script })
end

return calls
