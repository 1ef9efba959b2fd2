--- Calls that are asked again, and what came of them.

local attempt = require "spec.support.attempt"
local calls = require "spec.support.calls"
local heygen = require "heygen"

local retrying = {}

--- Actions: an answer that is asked again after our own wait.
retrying.FAILED = { { status = 500 } }

--- Actions: one that says when.
---@param retry_after string
---@return table[]
function retrying.busy(retry_after)
  return { { status = 503, headers = { ["retry-after"] = retry_after } } }
end

--- A client with the module's own number of retries.
---@param service spec.Service
---@param more table? options that are added, or win
---@return heygen.Client
function retrying.client(service, more)
  local options = calls.options(service)
  options.max_retries = nil
  for name, value in pairs(more or {}) do options[name] = value end
  return heygen.new(options)
end

--- Makes a call.
---@param client heygen.Client
---@param service spec.Service
---@param id string
---@param options heygen.CallOptions?
---@return table result its kind, its outcome, its attempts, and the DELETEs that the service has seen for the id
---@return spec.Attempt made
function retrying.result_of(client, service, id, options)
  local made = attempt.by(client, id, options)
  return { made.kind, made.outcome, (made.meta or made.err).attempts, service:deletes(id) }, made
end

return retrying
