--- The program that acts as the HeyGen service on 127.0.0.1, in a process of its own.
---
---   lua5.4 spec/support/service.lua --serve SECONDS [--ids a,b] [--key KEY] [--deprecated true]
---     for people: one service over HTTP; prints its URL, ends by itself after SECONDS
---   lua5.4 spec/support/service.lua --control SECONDS
---     for the specs: prints the port of its control connection; ends when that closes, and after SECONDS

local root = arg[0]:match("^(.*)spec/support/service%.lua$")
package.path = (root or "") .. "?.lua;" .. package.path

local socket = require "socket"
local certificates = require "spec.support.certificates"
local event_loop = require "spec.support.loop"
local message = require "spec.support.message"
local site = require "spec.support.site"
local stream = require "spec.support.stream"

-- How long the specs may take to connect, in seconds.
local CONNECT_PATIENCE = 30
local MESSAGE_LIMIT = 64 * 1024 * 1024

local loop = event_loop.new()

---@type spec.Site[]
local sites = {}

---@type spec.Certificates?
local authority

local function start(options)
  if options.tls then authority = authority or certificates.new() end
  local started = site.new(loop, options, authority)
  sites[#sites + 1] = started
  return { number = #sites, port = started.port, ca_file = options.tls and authority.ca_file or nil }
end

-- What the specs may call on a site.
local CALLS = {
  add = true, knows = true, plan = true, plan_connection = true, requests = true, deletes = true, connections = true,
  open_connections = true, reset_record = true, listen = true, refuse = true, stop = true, end_version = true,
}

local function call(order)
  if order.call == "start" then return start(order[1]) end
  assert(CALLS[order.call], "unknown call")
  local target = sites[order.site]
  return target[order.call](target, order[1], order[2])
end

local function serve_control(listener)
  if not loop:wait(listener, "read", CONNECT_PATIENCE) then return loop:finish() end
  local control = stream.new(loop, (assert(listener:accept())))
  listener:close()
  while true do
    local line = control:read_through("\n", MESSAGE_LIMIT)
    if not line then return loop:finish() end
    local order = message.decode(line)
    local fine, result = pcall(call, order)
    control:write(message.encode { number = order.number, fine = fine, result = result } .. "\n")
  end
end

local function announce(line)
  io.stdout:write(line, "\n")
  io.stdout:flush()
end

local function listen_for_control()
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  loop:spawn(loop, serve_control, listener)
  local _, port = listener:getsockname()
  announce(port)
end

local function serve(options)
  local ids = {}
  for id in (options.ids or ""):gmatch("[^,]+") do ids[#ids + 1] = id end
  local started = start {
    ids = ids,
    keys = options.key and { options.key } or nil,
    deprecated = options.deprecated == "true",
  }
  announce(("http://127.0.0.1:%d"):format(started.port))
end

local USAGE = "usage: service.lua --serve SECONDS [--ids a,b] [--key KEY] [--deprecated true] | --control SECONDS"

local function read_arguments(arguments)
  local options = {}
  for position = 1, #arguments, 2 do
    local name = arguments[position]:match("^%-%-(%l+)$")
    if name then options[name] = arguments[position + 1] end
  end
  return options
end

local function run(arguments)
  local options = read_arguments(arguments)
  local seconds = tonumber(options.control or options.serve)
  assert(seconds, USAGE)
  loop:spawn(loop, function()
    loop:sleep(seconds)
    loop:finish()
  end)
  if options.control then
    listen_for_control()
  else
    serve(options)
  end
  loop:run()
end

local fine, problem = pcall(run, arg)
if authority then authority:remove() end
if not fine then io.stderr:write("service.lua: ", tostring(problem), "\n") end
-- At once: LuaSec would say a goodbye on every open connection, and wait for clients that read nothing.
os.exit(fine)
