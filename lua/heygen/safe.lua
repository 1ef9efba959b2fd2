--- heygen without raising: the same functions, clients and requests, which return nil and the error instead.
--
-- Only a `heygen.Error` is returned. What else is raised, such as Lua's own "not enough memory" or an error
-- of a callback, goes on its way.

local heygen = require "heygen"
local core = require "heygen.core"

core.own_file()

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

-- What a safe object stands for. Something else, such as the first argument of a method that was called
-- with a dot, stands for itself: the real method has the right words for it.
local function real(object)
  local class = getmetatable(object) -- whatever a metatable's __metatable says
  return type(class) == "table" and rawget(class, "heygen_safe") and object.real or object
end

-- A class whose objects stand for those of a class of the core.
local function define(name, methods)
  local class = { __name = name, heygen_safe = true }
  class.__index = class
  for method, implementation in pairs(methods) do
    class[method] = function(self, ...)
      return settle(pcall(implementation, real(self), ...))
    end
  end
  function class:__tostring()
    return name .. tostring(self.real):match(" .*")
  end
  return class
end

--- A request whose `await` returns nil and the error. Made by a safe client.
---@class heygen.safe.Request
---@field done fun(self): boolean?, heygen.Error?
---@field result fun(self): heygen.Body?, heygen.Meta|heygen.Error|nil
local Request = define("heygen.safe.Request", core.Request)

--- The same of a bulk run: its result is the report.
---@class heygen.safe.BulkRequest: heygen.safe.Request
---@field result fun(self): heygen.Report?, heygen.Error?
---@field await async fun(self): heygen.Report?, heygen.Error?

--- A client whose methods return nil and the error. Made by `safe.new`.
---@class heygen.safe.Client
---@field delete_photo_avatar fun(self, id: string, opts: heygen.CallOptions?): heygen.Body?, heygen.Meta|heygen.Error
---@field delete_photo_avatars fun(self, ids: heygen.Ids, opts: heygen.BulkOptions?): heygen.Report?, heygen.Error?
---@field poll fun(self, seconds: number?, max_results: integer?): integer?, heygen.Error?
---@field pollfd fun(self): integer?, heygen.Error?
---@field events fun(self): string?, heygen.Error?
---@field timeout fun(self): nil, heygen.Error?
local Client = define("heygen.safe.Client", core.Client)

local function wrap(class, object, err)
  if object == nil then
    return nil, err
  end
  return setmetatable({ real = object }, class)
end

--- Starts to delete the photo avatar, or the look, of this id, and never waits.
---@param id string
---@param callback fun(body: heygen.Body?, result: heygen.Meta|heygen.Error)? run by `poll`; can't yield
---@param options heygen.CallOptions?
---@return heygen.safe.Request? request nil after a failure
---@return heygen.Error? err
function Client:delete_photo_avatar_async(id, callback, options)
  return wrap(Request, settle(pcall(core.Client.delete_photo_avatar_async, real(self), id, callback, options)))
end

--- Starts to delete many, and never waits.
---@param ids heygen.Ids
---@param on_finished fun(report: heygen.Report)? run by `poll`; can't yield
---@param options heygen.BulkOptions?
---@return heygen.safe.BulkRequest? request nil after a failure
---@return heygen.Error? err
function Client:delete_photo_avatars_async(ids, on_finished, options)
  return wrap(Request, settle(pcall(core.Client.delete_photo_avatars_async, real(self), ids, on_finished, options)))
end

local function done(_, err)
  if err then
    return nil, err
  end
  return true
end

--- Ends what is in flight and closes the connections; more than once does no harm. `poll` still delivers.
---@return true? closed
---@return heygen.Error? err
function Client:close()
  return done(settle(pcall(core.Client.close, real(self))))
end

Client.__close = Client.close

--- Waits for the result, in a coroutine that `poll` resumes. (Not by way of `pcall`, across which a coroutine of Lua
--- 5.1 can't yield.)
---@async
---@return heygen.Body? body nil after a failure
---@return heygen.Meta|heygen.Error result
function Request:await()
  local request = real(self)
  local known, err = settle(pcall(core.Request.done, request))
  if known == nil then return nil, err end
  local pending
  pending, err = core.wait(request)
  if pending then
    coroutine.yield()
    pending, err = core.wait(request)
  end
  if pending == nil then return settle(pcall(core.throw, err)) end
  return settle(pcall(core.take, request))
end

--- Asks to end the request; more than once does no harm.
---@return true? asked
---@return heygen.Error? err
function Request:cancel()
  return done(settle(pcall(core.Request.cancel, real(self))))
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

--- Deletes many, several at once, and accounts for every one of them.
---@param key string?
---@param ids heygen.Ids
---@param options heygen.PlainBulkOptions?
---@return heygen.Report? report nil after a failure
---@return heygen.Error? err
function safe.delete_photo_avatars(key, ids, options)
  return settle(pcall(heygen.delete_photo_avatars, key, ids, options))
end

--- Makes a client whose methods return nil and the error.
---@param options heygen.ClientOptions?
---@return heygen.safe.Client? client nil after a failure
---@return heygen.Error? err
function safe.new(options)
  return wrap(Client, settle(pcall(heygen.new, options)))
end

return safe
