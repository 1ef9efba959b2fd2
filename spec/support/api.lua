--- What the service answers: the routes of both API versions, keys, known ids, and each version's shapes of answers.

---@class spec.Api
---@field private keys table<string, true>
---@field private ids table<string, true>
---@field private prefix string
---@field private deprecated boolean
---@field private ended table<string, string> an API version whose routes are gone → how, see ENDS
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
    name = "v2",
    route = "^/v2/photo_avatar/([^/?#]+)$",
    can_be_deprecated = true,
    deleted = { 200, '{"code":100,"data":null,"msg":null,"message":null}' },
    not_found = { 404, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}' },
    unauthorized = { 401, '{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}' },
    wrong_method = { 405, '{"data":null,"error":{"code":"invalid_parameter","message":"method not allowed"}}' },
  },
  {
    name = "v3",
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

local function page(status, text, headers)
  headers = headers or {}
  headers["content-type"] = "text/html"
  return { status, headers, ("<!doctype html>\n<title>%s</title>\n"):format(text) }
end

local function json(status, body) return { status, { ["content-type"] = "application/json" }, body } end

--- The ways in which the routes of a version may end, by name: what the service answers from then on.
api.ENDS = {
  ["404 with HTML"] = page(404, "Not Found"),
  ["404 without a body"] = { 404, {}, "" },
  ["404 with a framework's JSON"] = json(404, '{"detail":"Not Found"}'),
  ["404 of a router"] = json(404,
    '{"message":"Route DELETE:/v2/photo_avatar/x not found","error":"Not Found","statusCode":404}'),
  ["404 in the envelope"] = json(404,
    '{"data":null,"error":{"code":"internal_error","message":"this API version has ended"}}'),
  ["404 in the envelope, with a code"] = json(404, '{"error":{"code":"not_found","message":"Not found"}}'),
  ["404 that can't be read"] = { 404, { ["content-encoding"] = "gzip" }, "\31\139\8\0" },
  ["405 with HTML"] = page(405, "Method Not Allowed", { allow = "GET" }),
  ["405 in the envelope"] = json(405, '{"error":{"code":"method_not_allowed","message":"use v3"}}'),
  ["410 with HTML"] = page(410, "Gone"),
  ["410 with JSON"] = json(410, '{"error":{"code":"gone","message":"v2 was removed"}}'),
  ["301 to the documentation"] = page(301, "Moved", { location = "https://docs.heygen.com/" }),
  ["302 to a log-in"] = page(302, "Found", { location = "https://app.heygen.com/login" }),
  ["307"] = page(307, "Temporary Redirect", { location = "https://api.heygen.com/v3/" }),
  ["308"] = page(308, "Permanent Redirect", { location = "https://api.heygen.com/v3/" }),
}

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
    ended = {},
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

--- Ends the routes of a version; nil brings them back.
---@param version "v2"|"v3"
---@param how string? a key of ENDS
function Api:end_version(version, how)
  assert(not how or api.ENDS[how], "no such end of a version")
  self.ended[version] = how
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

  local ended = self.ended[version.name]
  if ended then return table.unpack(api.ENDS[ended]) end

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
