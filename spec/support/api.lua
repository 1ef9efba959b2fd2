--- What the service answers: the routes of both API versions, keys, known ids, and each version's shapes of answers.

---@class spec.Api
---@field private keys table<string, true>
---@field private ids table<string, true>
---@field private prefix string
---@field private deprecated boolean
local Api = {}
Api.__index = Api

local api = {}

local DEPRECATION_HEADERS = { deprecation = "true", sunset = "Sat, 31 Oct 2026 00:00:00 GMT" }
local DEPRECATION_WARNING = '"warning":{"message":"v2 is deprecated and ends on 2026-10-31. Please use v3.",'
  .. '"v3_endpoint":"DELETE /v3/avatars/looks/{look_id}","docs_url":"https://docs.heygen.com/",'
  .. '"sunset_date":"2026-10-31"}'

-- Each version's route, and its answers as { status, body }; %s is the id.
local VERSIONS = {
  {
    route = "^/v2/photo_avatar/([^/?#]+)$",
    can_be_deprecated = true,
    deleted = { 200, '{"code":100,"data":null,"msg":null,"message":null}' },
    not_found = { 404, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}' },
    unauthorized = { 401, '{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}' },
    wrong_method = { 405, '{"data":null,"error":{"code":"invalid_parameter","message":"method not allowed"}}' },
  },
  {
    route = "^/v3/avatars/looks/([^/?#]+)$",
    can_be_deprecated = false,
    deleted = { 200, '{"data":{"id":"%s"}}' },
    not_found = {
      404,
      '{"error":{"code":"avatar_not_found","message":"Avatar look not found","param":"look_id","doc_url":null}}',
    },
    unauthorized = {
      401,
      '{"error":{"code":"unauthorized","message":"Invalid API key","param":null,"doc_url":null}}',
    },
    wrong_method = {
      405,
      '{"error":{"code":"invalid_parameter","message":"Method not allowed","param":null,"doc_url":null}}',
    },
  },
}

local NO_SUCH_ROUTE = "<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"

local function set_of(list)
  local set = {}
  for _, member in ipairs(list) do set[member] = true end
  return set
end

---@param options { keys: string[]?, ids: string[]?, prefix: string?, deprecated: boolean? }
---@return spec.Api
function api.new(options)
  local self = setmetatable({
    keys = set_of(options.keys or { "test-key" }),
    ids = {},
    prefix = options.prefix or "",
    deprecated = options.deprecated or false,
  }, Api)
  self:add(options.ids or {})
  return self
end

---@param ids string|string[]
function Api:add(ids)
  for _, id in ipairs(type(ids) == "table" and ids or { ids }) do
    assert(id:find("^[%w%-._~]+$"), "an id of the service has other characters than A-Z a-z 0-9 - . _ ~")
    self.ids[id] = true
  end
end

---@param id string
---@return boolean
function Api:knows(id)
  return self.ids[id] or false
end

---@param id string? nothing to do without one
function Api:delete(id)
  if id then self.ids[id] = nil end
end

--- Finds which version and which avatar a path is about.
---@param path string
---@return table? version
---@return string? id
function Api:route(path)
  if path:sub(1, #self.prefix) ~= self.prefix then return nil end
  local below = path:sub(#self.prefix + 1)
  for _, version in ipairs(VERSIONS) do
    local id = below:match(version.route)
    if id then return version, id end
  end
  return nil
end

function Api:decide(id, request)
  if request.method ~= "DELETE" then return "wrong_method" end
  if not self.keys[request.headers["x-api-key"]] then return "unauthorized" end
  if not self.ids[id] then return "not_found" end
  self:delete(id)
  return "deleted"
end

--- Does what a request asks for.
---@param request spec.Request
---@return integer status
---@return table<string, string> headers
---@return string body
function Api:answer(request)
  local version, id = self:route(request.path)
  if not version then return 404, { ["content-type"] = "text/html" }, NO_SUCH_ROUTE end

  local decision = self:decide(id, request)
  local status, body = version[decision][1], version[decision][2]:format(id)
  local headers = {}
  if decision == "wrong_method" then headers.allow = "DELETE" end
  if self.deprecated and version.can_be_deprecated then
    for name, value in pairs(DEPRECATION_HEADERS) do headers[name] = value end
    body = body:sub(1, -2) .. "," .. DEPRECATION_WARNING .. "}"
  end
  return status, headers, body
end

return api
