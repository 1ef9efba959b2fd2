--- One call to the loopback service, and what came of it on both sides.

local calls = require "spec.support.calls"
local heygen = require "heygen"

local attempt = {}

---@class spec.Attempt
---@field kind heygen.Kind|"none" "none" after a success
---@field outcome heygen.Outcome
---@field body heygen.Body? after a success
---@field meta heygen.Meta? after a success
---@field err heygen.Error? after a failure

--- Makes a call that returns, or raises a heygen.Error.
---@param client heygen.Client
---@param id string
---@param options heygen.CallOptions?
---@return spec.Attempt
function attempt.by(client, id, options)
  local succeeded, first, second = pcall(client.delete_photo_avatar, client, id, options)
  if succeeded then return { kind = "none", outcome = second.outcome, body = first, meta = second } end
  if not heygen.is_error(first) then error(first, 0) end
  return { kind = first.kind, outcome = first.outcome, err = first }
end

--- Makes a call by a client of its own, and so over a connection of its own.
---@param service spec.Service
---@param id string
---@param options heygen.ClientOptions? added to those that fit the service
---@return spec.Attempt
function attempt.once(service, id, options)
  local client <close> = calls.client(service, options)
  return attempt.by(client, id)
end

--- What it came to: kind, outcome, and how many DELETEs for the id the service has seen.
---@param made spec.Attempt
---@param service spec.Service
---@param id string
---@return { [1]: string, [2]: string, [3]: integer }
function attempt.summary(made, service, id)
  return { made.kind, made.outcome, service:deletes(id) }
end

return attempt
