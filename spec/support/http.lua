--- HTTP/1.1 as far as the loopback service needs it: requests are parsed, responses are made.

local http = {}

-- Most bytes of a request's head.
local HEAD_LIMIT = 256 * 1024

---@class spec.Request
---@field method string
---@field path string as sent
---@field version string such as "HTTP/1.1"
---@field headers table<string, string> names in lower case; repeated ones joined by ", "
---@field body string
---@field connection integer the connection that it came on, counted from 1
---@field number integer which request on that connection, counted from 1
---@field id string? the avatar that it is about, where the path has one

local function parse_head(head)
  local line, rest = head:match("^(.-)\r\n(.*)$")
  local method, path, version = line:match("^(%S+) (%S+) (HTTP/%d%.%d)$")
  if not method then return nil end
  local headers = {}
  for name, value in rest:gmatch("([^:\r\n]+):[ \t]*([^\r\n]-)[ \t]*\r\n") do
    name = name:lower()
    headers[name] = headers[name] and headers[name] .. ", " .. value or value
  end
  return { method = method, path = path, version = version, headers = headers }
end

--- Reads one request with its body.
---@param from spec.Stream
---@return spec.Request? request nil when the client is gone, or sent something else
function http.read_request(from)
  local head = from:read_through("\r\n\r\n", HEAD_LIMIT)
  local request = head and parse_head(head)
  if not request then return nil end
  local length = math.tointeger(tonumber(request.headers["content-length"])) or 0
  request.body = from:read_exactly(length)
  return request.body and request
end

---@param request spec.Request
---@return boolean
function http.wants_close(request)
  local connection = (request.headers.connection or ""):lower()
  return connection:find("close", 1, true) ~= nil
    or (request.version == "HTTP/1.0" and not connection:find("keep-alive", 1, true))
end

local REASONS = {
  [200] = "OK", [202] = "Accepted", [204] = "No Content", [301] = "Moved Permanently", [302] = "Found",
  [303] = "See Other", [304] = "Not Modified", [307] = "Temporary Redirect", [308] = "Permanent Redirect",
  [400] = "Bad Request", [401] = "Unauthorized", [402] = "Payment Required", [403] = "Forbidden", [404] = "Not Found",
  [405] = "Method Not Allowed", [407] = "Proxy Authentication Required", [408] = "Request Timeout", [409] = "Conflict",
  [410] = "Gone", [429] = "Too Many Requests", [500] = "Internal Server Error", [502] = "Bad Gateway",
  [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

local function has_body(status)
  return status >= 200 and status ~= 204 and status ~= 304
end

--- A well-formed response.
---@param status integer
---@param headers table<string, string|string[]|false> a list repeats the header, false leaves a usual one out
---@param body string
---@return string
function http.response(status, headers, body)
  local all = {}
  if has_body(status) then
    all["content-type"] = "application/json"
    all["content-length"] = tostring(#body)
  end
  for name, value in pairs(headers) do all[name:lower()] = value end

  local names = {}
  for name in pairs(all) do names[#names + 1] = name end
  table.sort(names)

  local lines = { ("HTTP/1.1 %d %s"):format(status, REASONS[status] or "Unnamed") }
  for _, name in ipairs(names) do
    local values = all[name] or {}
    for _, value in ipairs(type(values) == "table" and values or { values }) do
      lines[#lines + 1] = name .. ": " .. value
    end
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (has_body(status) and body or "")
end

return http
