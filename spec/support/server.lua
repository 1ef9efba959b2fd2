--- The loopback service, as the specs drive it.
---
---   local server = require "spec.support.server"
---   local service = server.start { ids = { "avatar" } }
---   service:plan("avatar", { { { delete = true }, { reset = true } } })
---   …
---   service:stop()
---
--- All services of a run live in one process, spec/support/service.lua, which is started by the first of them and ends
--- with this one. So a further service costs next to nothing.

local socket = require "socket"
local certificates = require "spec.support.certificates"
local message = require "spec.support.message"
local process = require "spec.support.process"

local server = {}

--- The host name that a service's valid certificate covers, for calls through a proxy's tunnel.
server.PROXIED_HOST = certificates.PROXIED_HOST

--- What OpenSSL reads on a system where by itself it would speak old versions of TLS.
server.PERMISSIVE = [[
  openssl_conf = all
  [all]
  ssl_conf = names
  [names]
  system_default = policy
  [policy]
  MinProtocol = TLSv1
  CipherString = ALL:@SECLEVEL=0
]]

-- A control call's limit, and the process's longest life, in seconds.
local CALL_LIMIT = 120
local LIFETIME = 3600

-- Where the process is kept: busted loads modules anew for every spec file, the registry outlasts that.
local REGISTRY_KEY = "heygen.spec.service"

local function start_program()
  local path = assert(package.searchpath("spec.support.service", package.path))
  -- The preloaded libraries of a sanitizer or a fault test are meant for the module alone.
  local command = ("echo $$; unset LD_PRELOAD; exec %s %s --control %d </dev/null")
    :format(process.INTERPRETER, process.quote(path), LIFETIME)
  local pipe = assert(io.popen(command))
  local pid = math.tointeger(tonumber(pipe:read("l")))
  local port = assert(tonumber(pipe:read("l")), "the loopback service did not start")
  local control = assert(socket.connect("127.0.0.1", port))
  control:settimeout(CALL_LIMIT)
  control:setoption("tcp-nodelay", true)
  -- The process ends when the connection does.
  local function finish()
    control:close()
    process.outlast(pid, CALL_LIMIT)
    pipe:close()
  end
  return setmetatable({ control = control, orders = 0, partial = "" }, { __gc = finish })
end

local function running_program()
  local registry = debug.getregistry()
  registry[REGISTRY_KEY] = registry[REGISTRY_KEY] or start_program()
  return registry[REGISTRY_KEY]
end

-- The reply to the order of this number. An earlier one is of a call that gave up waiting for it.
local function receive_reply(program, number)
  repeat
    local line, problem, partial = program.control:receive("*l", program.partial)
    program.partial = partial or ""
    if not line then return nil, problem end
    local reply = message.decode(line)
    if reply.number == number then return reply end
  until false
end

local function call(order)
  local program = running_program()
  program.orders = program.orders + 1
  order.number = program.orders
  local reply
  local _, problem = program.control:send(message.encode(order) .. "\n")
  if not problem then
    reply, problem = receive_reply(program, order.number)
  end
  if not reply then error(("the loopback service does not answer '%s': %s"):format(order.call, problem), 3) end
  if not reply.fine then error(reply.result, 3) end
  return reply.result
end

---@class spec.Service
---@field url string the base URL, with the prefix if there is one
---@field port integer
---@field ca_file string? the authority that signs the certificates, PEM
---@field private number integer
local Service = {}
Service.__index = Service

---@class spec.ServiceOptions
---@field tls boolean?
---@field certificate "valid"|"expired"|"wrong_host"|"self_signed"|nil
---@field protocol string? LuaSec's name of the only TLS version it speaks, such as "tlsv1_1"
---@field keys string[]? by default "test-key"
---@field ids string[]? the avatars that exist
---@field deprecated boolean? v2 announces its end
---@field prefix string? a path before all routes, such as "/proxy"
---@field record boolean? false: counts, but keeps no requests; for long runs
---@field proxy (string|table)[]? actions for every request instead of the API; see server.proxy

--- Starts a service.
---@param options spec.ServiceOptions?
---@return spec.Service
function server.start(options)
  options = options or {}
  local started = call { call = "start", options }
  local base = options.tls and "https://localhost:" or "http://127.0.0.1:"
  started.url = base .. started.port .. (options.prefix or "")
  return setmetatable(started, Service)
end

---@param ids string|string[] avatars that exist from now on
function Service:add(ids)
  call { call = "add", site = self.number, ids }
end

--- Ends the routes of an API version, in one of the ways of api.ENDS; without one they are there again.
---@param version "v2"|"v3"
---@param how string?
function Service:end_version(version, how)
  call { call = "end_version", site = self.number, version, how }
end

---@param id string
---@return boolean exists
function Service:knows(id)
  return call { call = "knows", site = self.number, id }
end

--- Says what is done at the first, second, … request for an id from now on, and afterwards:
--- `always`, by default the normal answer.
---@param id string
---@param attempts table lists of actions (see actions.lua), and `always`, one more such list
function Service:plan(id, attempts)
  call { call = "plan", site = self.number, id, attempts }
end

--- Says what is done with the next accepted connections. A list of actions is done at once, before any handshake and
--- any request (a reset would still race with the client's own connect: `{ read = true }` goes before it);
--- `{ after = n, actions = {…} }` after the n-th request has been answered. An empty list does nothing.
---@param plans table[]
function Service:plan_connection(plans)
  call { call = "plan_connection", site = self.number, plans }
end

---@param id string?
---@return spec.Request[] requests seen, in order; of an id, or all
function Service:requests(id)
  return call { call = "requests", site = self.number, id }
end

---@param id string?
---@return integer count of DELETE requests seen; for an id, or all
function Service:deletes(id)
  return call { call = "deletes", site = self.number, id }
end

---@return integer count of connections accepted
function Service:connections()
  return call { call = "connections", site = self.number }
end

---@return integer count of connections that are open now
function Service:open_connections()
  return call { call = "open_connections", site = self.number }
end

--- Forgets what was seen, the counts included; plans and ids stay.
function Service:reset_record()
  call { call = "reset_record", site = self.number }
end

--- Closes the listening port, so that connections are refused; what is connected stays.
function Service:refuse()
  call { call = "refuse", site = self.number }
end

--- Listens again, on the same port.
function Service:listen()
  call { call = "listen", site = self.number }
end

--- Ends the service and its connections.
function Service:stop()
  call { call = "stop", site = self.number }
end

Service.__close = Service.stop

---@class spec.ProxyOptions
---@field tls boolean? speaks TLS, with a certificate and a protocol as a service has them
---@field certificate string?
---@field protocol string?
---@field tunnel boolean? does as CONNECT asks; whatever the name, the other end is 127.0.0.1
---@field status integer? answers with this status
---@field refuse boolean? answers 403
---@field actions (string|table)[]? does these

--- Starts a forward proxy: a service without the API. Its requests() tell what was asked of it.
---@param options spec.ProxyOptions
---@return spec.Service
function server.proxy(options)
  local answer = options.tunnel and { tunnel = true } or { status = options.status or 403 }
  return server.start {
    proxy = options.actions or { answer }, tls = options.tls, certificate = options.certificate,
    protocol = options.protocol,
  }
end

-- Sockets that must stay open as long as their ports are in use.
local kept = {}

local function bound_socket()
  -- Started before the socket exists, so that the process can't inherit it.
  running_program()
  local bound = assert(socket.tcp4())
  assert(bound:bind("127.0.0.1", 0))
  local _, port = bound:getsockname()
  kept[#kept + 1] = bound
  return bound, math.tointeger(tonumber(port))
end

--- A port that refuses connections, and that nobody else can take.
---@return integer port
function server.refused_port()
  local _, port = bound_socket()
  return port
end

--- A port that connects and then stays silent.
---@return integer port
function server.silent()
  local listener, port = bound_socket()
  assert(listener:listen(128))
  return port
end

-- How long a connect to the loopback may take before it counts as hanging, and how many fill a queue at most.
local CONNECT_LIMIT = 0.2
local QUEUE_LIMIT = 16

--- A port where connecting hangs: its queue is as short as can be, and full.
---@return integer? port nil where the system lets every connection in
function server.unconnectable()
  local listener, port = bound_socket()
  assert(listener:listen(0))
  for _ = 1, QUEUE_LIMIT do
    local waiting = socket.tcp4()
    waiting:settimeout(CONNECT_LIMIT)
    kept[#kept + 1] = waiting
    if not waiting:connect("127.0.0.1", port) then return port end
  end
  return nil
end

--- Waits until a condition holds.
---@param condition fun(): any
---@param seconds number? at most so long, by default 60
function server.eventually(condition, seconds)
  local limit = socket.gettime() + (seconds or 60)
  repeat
    if condition() then return end
    socket.sleep(0.005)
  until socket.gettime() > limit
  error("what was waited for did not come about", 2)
end

return server
