--- What a journal belongs to: an operation, a service and an account's key, in its first lines.
---
---   heygen-delete journal 2 looks https://api.heygen.com
---   key 5f3a9c01-8d21b7e4 2026-11-27T21:54:34Z
---
--- Version 1 named the service and the API version, and no key:
---
---   heygen-delete journal 1 https://api.heygen.com v2

local system = require("heygen.core").system
local terminal = require "heygen.command.terminal"

local head = {}

local NAME = "heygen-delete journal "
local VERSION = "2"
local DEFAULT_PORTS = { https = "443", http = "80" }

-- How much of a foreign service's name is told.
local MOST_TOLD = 200

--- A service's URL in the form in which two can be compared: scheme and host in lower case, no port that goes without
--- saying, no final slash.
---@param url string
---@return string
function head.service(url)
  local scheme, authority, path = url:match "^(%a+)://([^/]*)(.*)$"
  if not scheme then return url end
  scheme, authority = scheme:lower(), authority:lower()
  authority = authority:gsub(":" .. (DEFAULT_PORTS[scheme] or "") .. "$", "")
  return ("%s://%s%s"):format(scheme, authority, (path:gsub("/+$", "")))
end

--- The first line.
---@param operation string
---@param base_url string
---@return string
function head.line(operation, base_url)
  return ("%s%s %s %s\n"):format(NAME, VERSION, operation, head.service(base_url))
end

-- The service and the operation that a first line names; nil and what is wrong.
local function parse(line)
  if line:sub(1, #NAME) ~= NAME then return nil, "this is no journal of heygen-delete" end
  local version, one, two = line:sub(#NAME + 1):match "^(%d+) (%S+) (%S+)$"
  if version == "1" then return one, "looks" end
  if version == VERSION then return two, one end
  return nil, "this journal is of another version of heygen-delete"
end

--- What keeps a first line from being that of a journal of this operation and service.
---@param line string without its end
---@param operation string
---@param base_url string
---@return string? flaw nil for a good one
function head.flaw(line, operation, base_url)
  local service, its_operation = parse(line)
  if not service then return its_operation end
  if head.service(service) ~= head.service(base_url) then
    return "this journal is about another service: " .. terminal.printable(service:sub(1, MOST_TOLD))
  end
  if its_operation ~= operation then
    return "this journal is about other things: " .. terminal.printable(its_operation:sub(1, MOST_TOLD))
  end
  return nil
end

--- A key's mark: enough to notice that it is another one, too little to give the key away.
---@param key string
---@return string
function head.mark(key)
  local salt = ("%08x"):format(math.floor(system.random() * 0x100000000))
  return salt .. "-" .. system.fingerprint(salt, key)
end

--- Whether a text is a mark.
---@param text string
---@return boolean
function head.is_mark(text)
  return #text == 17 and text:sub(9, 9) == "-" and text:find "^%x+%-%x+$" ~= nil
end

--- Whether a mark is this key's.
---@param mark string
---@param key string
---@return boolean
function head.is_of(mark, key)
  local salt, fingerprint = mark:match "^(%x+)%-(%x+)$"
  return salt ~= nil and system.fingerprint(salt, key) == fingerprint
end

return head
