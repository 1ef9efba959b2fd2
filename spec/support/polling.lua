--- Asynchronous calls as the specs drive them: to the end, and with what came of each.

local calls = require "spec.support.calls"
local server = require "spec.support.server"
local socket = require "socket"

local polling = {}

-- The longest that anything here is waited for, in seconds.
local PATIENCE = 30

--- A service that never answers for the id "hanging".
---@param ids string[]? the avatars that exist
---@return spec.Service
function polling.service(ids)
  local service = server.start { ids = ids }
  service:plan("hanging", { always = { { hang = true } } })
  return service
end

--- Such a service with a client, and what starts the client's calls.
---@param ids string[]?
---@return spec.Service service
---@return heygen.Client client
---@return fun(id: string, callback: function?, options: heygen.CallOptions?): heygen.Request start
function polling.stage(ids)
  local service = polling.service(ids)
  local client = calls.client(service)
  return service, client, function(...) return client:delete_photo_avatar_async(...) end
end

--- Polls until nothing is left to be delivered.
---@param client heygen.Client
function polling.finish(client)
  local limit = socket.gettime() + PATIENCE
  while client:poll(1) > 0 do
    if socket.gettime() > limit then error("the requests did not finish", 2) end
  end
end

--- Waits until a result is there, without taking it.
---@param client heygen.Client
function polling.await_readable(client)
  if not polling.is_readable(client, PATIENCE) then error("no result came", 2) end
end

--- Whether the client's descriptor is readable.
---@param client heygen.Client
---@param seconds number? how long to wait for it; by default not at all
---@return boolean
function polling.is_readable(client, seconds)
  local descriptor = client:pollfd()
  local pollable = { getfd = function() return descriptor end, dirty = function() return false end }
  return #socket.select({ pollable }, nil, seconds or 0) == 1
end

---@class spec.Delivery what a callback was called with
---@field name any
---@field body heygen.Body?
---@field meta heygen.Meta?
---@field err heygen.Error?
---@field outcome heygen.Outcome
---@field count integer of arguments

--- Makes callbacks that note what they are called with, in order.
---@return spec.Delivery[] seen
---@return fun(name: any): fun(...) note
function polling.notebook()
  local seen = {}
  return seen, function(name)
    return function(...)
      local first, second = ...
      local succeeded = first ~= nil
      seen[#seen + 1] = {
        name = name,
        count = select("#", ...),
        body = first,
        meta = succeeded and second or nil,
        err = not succeeded and second or nil,
        outcome = second.outcome,
      }
    end
  end
end

return polling
