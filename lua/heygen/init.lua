--- heygen for Lua: deletes HeyGen photo avatars, and says of each whether it is gone.
--
-- The work is done in C by `heygen.core`; this file gives it its public face. Types are described in
-- `heygen.types`, for editors with the Lua language server.

local loaded, core = pcall(require, "heygen.core")
if not loaded then error(require "heygen.misbuilt"(core), 0) end

core.own_file()

---@class heygen
---@field _VERSION string the bare version, such as "0.1.0"
---@field kinds heygen.Kind[] every `kind` that an error can have
---@field outcomes heygen.Outcome[] every `outcome` that a call can have
---@field null lightuserdata stands for a JSON null in an array; equal to lua-cjson's `null`
local heygen = {
  _VERSION = core._VERSION,
  kinds = core.kinds,
  outcomes = core.outcomes,
  null = core.null,
}

--- Deletes the photo avatar, or the look, of this id, and waits for the answer.
-- Keeps one default client, and with it the connection, until a call comes with another key or another
-- option of a client.
---@param key string? the API key; without it `options.api_key`, then the environment's HEYGEN_API_KEY
---@param id string 1 to 256 of the characters A-Z a-z 0-9 - . _ ~
---@param options heygen.PlainOptions?
---@return heygen.Body body the decoded answer
---@return heygen.Meta meta `meta.outcome` says whether it is gone
---@error heygen.Error
function heygen.delete_photo_avatar(key, id, options)
  return core.delete_photo_avatar(key, id, options)
end

--- Deletes many, several at once, and accounts for every one of them.
-- An error that `options.on_result`, or an iterator, raises ends the run: what was in flight is finished
-- first, and `options.report` is filled in.
---@param key string? as for `delete_photo_avatar`
---@param ids heygen.Ids a sequence, or an iterator that ends with nil
---@param options heygen.PlainBulkOptions?
---@return heygen.Report report
---@error heygen.Error
function heygen.delete_photo_avatars(key, ids, options)
  return core.delete_photo_avatars(key, ids, options)
end

--- Makes a client, which keeps its connections open between calls, and makes asynchronous ones too.
---@param options heygen.ClientOptions?
---@return heygen.Client client
---@error heygen.Error of kind "invalid_argument"
function heygen.new(options)
  return core.new(options)
end

-- Here and not in C, where most versions of Lua can't go on after a yield.
function core.Request:await()
  local pending, err = core.wait(self)
  if pending then
    coroutine.yield()
    pending, err = core.wait(self)
  end
  if pending == nil then core.throw(err) end
  return core.take(self)
end

--- Tells whether a value is an error that this module raised.
---@param value any
---@return boolean
function heygen.is_error(value)
  return core.is_error(value)
end

return heygen
