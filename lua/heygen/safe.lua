--- heygen without raising: the same functions and clients, which return nil and the error instead.
--
-- Only a `heygen.Error` is returned. What else is raised, such as Lua's own "not enough memory", goes on
-- its way.

local core = require "heygen.core"
local heygen = require "heygen"

---@class heygen.safe
---@field _VERSION string
---@field kinds heygen.Kind[]
---@field outcomes heygen.Outcome[]
---@field null lightuserdata
local safe = {
  _VERSION = heygen._VERSION,
  kinds = heygen.kinds,
  outcomes = heygen.outcomes,
  null = heygen.null,
  is_error = heygen.is_error,
}

local function settle(succeeded, ...)
  if succeeded then
    return ...
  end
  local raised = ...
  if heygen.is_error(raised) then
    return nil, raised
  end
  error(raised, 0)
end

--- A client whose methods return nil and the error. Made by `safe.new`.
---@class heygen.safe.Client
---@field private client heygen.Client
local Client = {}
Client.__index = Client
Client.__name = "heygen.safe.Client"

-- A method called with a dot gets here without a client: the real method is asked all the same, since
-- it has the right words for it.
local function call_method(name, self, ...)
  local client = getmetatable(self) == Client and self.client or self
  return settle(pcall(core.Client[name], client, ...))
end

--- Deletes the photo avatar, or the look, of this id, and waits for the answer.
---@param id string
---@param options heygen.CallOptions?
---@return heygen.Body? body nil after a failure
---@return heygen.Meta|heygen.Error meta
function Client:delete_photo_avatar(id, options)
  return call_method("delete_photo_avatar", self, id, options)
end

--- Closes the client's connections; more than once does no harm.
---@return true? closed
---@return heygen.Error? err
function Client:close()
  local _, err = call_method("close", self)
  if err then
    return nil, err
  end
  return true
end

Client.__close = Client.close

function Client:__tostring()
  return "heygen.safe.Client" .. tostring(self.client):match(" .*")
end

--- Deletes the photo avatar, or the look, of this id, and waits for the answer.
---@param key string?
---@param id string
---@param options heygen.PlainOptions?
---@return heygen.Body? body nil after a failure
---@return heygen.Meta|heygen.Error meta
function safe.delete_photo_avatar(key, id, options)
  return settle(pcall(heygen.delete_photo_avatar, key, id, options))
end

--- Makes a client whose methods return nil and the error.
---@param options heygen.ClientOptions?
---@return heygen.safe.Client? client nil after a failure
---@return heygen.Error? err
function safe.new(options)
  local client, err = settle(pcall(heygen.new, options))
  if not client then
    return nil, err
  end
  return setmetatable({ client = client }, Client)
end

return safe
