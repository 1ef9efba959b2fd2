--- The three ways to make a call, behind one face.

local polling = require "spec.support.polling"

local ways = {}

-- Each takes client, id and options, and gives body and meta, or nil and the error.
local WAYS = {}

--- Their names, in order.
ways.names = { "blocking", "asynchronous", "bulk" }

function WAYS.blocking(client, id, options)
  local succeeded, first, second = pcall(client.delete_photo_avatar, client, id, options)
  if succeeded then return first, second end
  return nil, first
end

function WAYS.asynchronous(client, id, options)
  local request = client:delete_photo_avatar_async(id, nil, options)
  polling.finish(client)
  return request:result()
end

function WAYS.bulk(client, id, options)
  local result = client:delete_photo_avatars({ id }, options).results[id]
  return result.body, result.meta or result.err
end

local function attempt_of(body, second)
  local succeeded = body ~= nil
  return {
    kind = succeeded and "none" or second.kind,
    outcome = second.outcome,
    body = body,
    meta = succeeded and second or nil,
    err = not succeeded and second or nil,
  }
end

--- Makes a call, one way or the other.
---@param way string
---@param client heygen.Client
---@param id string
---@param options heygen.CallOptions?
---@return spec.Attempt
function ways.attempt(way, client, id, options)
  return attempt_of(WAYS[way](client, id, options))
end

--- Makes calls that are never under way at the same time: a bulk run is one for all of them.
---@param way string
---@param client heygen.Client
---@param ids string[]
---@param options heygen.CallOptions?
---@return spec.Attempt[]
function ways.sequence(way, client, ids, options)
  local made = {}
  if way ~= "bulk" then
    for position, id in ipairs(ids) do made[position] = ways.attempt(way, client, id, options) end
    return made
  end
  local all = { max_concurrency = 1 }
  for name, value in pairs(options or {}) do all[name] = value end
  local results = client:delete_photo_avatars(ids, all).results
  for position, id in ipairs(ids) do
    local result = results[id]
    made[position] = attempt_of(result.body, result.meta or result.err)
  end
  return made
end

return ways
