--- One listening service on the loopback: its connections, its plans for misbehaviour, its record of what it saw.

local socket = require "socket"
local ssl = require "ssl"
local actions = require "spec.support.actions"
local api = require "spec.support.api"
local http = require "spec.support.http"
local stream = require "spec.support.stream"

---@class spec.Site
---@field port integer
---@field private loop spec.Loop
---@field private api spec.Api
---@field private context any? LuaSec's, for TLS
---@field private proxy (string|table)[]? actions for every request, instead of the API
---@field private keeps_record boolean
---@field private plans table<string, { attempts: table, used: integer }>
---@field private connection_plans table[]
---@field private streams table<spec.Stream, true>
local Site = {}
Site.__index = Site

local site = {}

local BACKLOG = 1024

local OPTIONS = {
  tls = true, certificate = true, protocol = true, keys = true, ids = true, deprecated = true, prefix = true,
  record = true, proxy = true,
}

local function tls_context(options, certificates)
  local files = certificates:issue(options.certificate or "valid")
  return assert(ssl.newcontext {
    mode = "server",
    protocol = options.protocol or "any",
    -- Old versions of TLS are only to be had at OpenSSL's lowest level.
    ciphers = options.protocol and "ALL:@SECLEVEL=0" or nil,
    certificate = files.certificate,
    key = files.key,
  })
end

--- Starts to listen. Options are those of server.start.
---@param loop spec.Loop
---@param options table
---@param certificates spec.Certificates? needed for TLS
---@return spec.Site
function site.new(loop, options, certificates)
  for name in pairs(options) do assert(OPTIONS[name], ("a service has no option '%s'"):format(name)) end
  if options.proxy then actions.check(options.proxy) end
  local self = setmetatable({
    loop = loop,
    api = api.new(options),
    context = options.tls and tls_context(options, certificates) or nil,
    proxy = options.proxy,
    keeps_record = options.record ~= false,
    plans = {},
    connection_plans = {},
    streams = setmetatable({}, { __mode = "k" }),
    port = 0,
  }, Site)
  self:reset_record()
  self:listen()
  return self
end

--- Opens the listening port: the one it had before, if it had one.
function Site:listen()
  local listener = assert(socket.tcp4())
  assert(listener:setoption("reuseaddr", true))
  assert(listener:bind("127.0.0.1", self.port))
  assert(listener:listen(BACKLOG))
  listener:settimeout(0)
  local _, port = listener:getsockname()
  self.port = math.tointeger(tonumber(port))
  self.listener = listener
  self.loop:spawn(self, self.accept, self, listener)
end

--- Closes the listening port; what is connected stays.
function Site:refuse()
  if not self.listener then return end
  self.loop:release(self.listener)
  self.listener:close()
  self.listener = nil
end

--- Ends everything at once.
function Site:stop()
  self.loop:stop(self)
  self:refuse()
  -- Connections whose task had not begun yet.
  for client in pairs(self.streams) do client:cut() end
end

function Site:accept(listener)
  while self.loop:wait(listener, "read") do self:take_connections() end
end

-- Also done before a spec asks for connections or plans them: what has connected by then must count as before.
function Site:take_connections()
  local connection = self.listener and self.listener:accept()
  while connection do
    self.accepted = self.accepted + 1
    local plan = table.remove(self.connection_plans, 1) or {}
    local client = stream.new(self.loop, connection)
    self.streams[client] = true
    self.loop:spawn(self, self.serve, self, client, plan, self.accepted)
    connection = self.listener:accept()
  end
end

local function exchange_of(self, client, request)
  local function respond(status, headers, body)
    local all = { ["x-request-id"] = request and request.request_id }
    for name, value in pairs(headers) do all[name:lower()] = value end
    if request and http.wants_close(request) then all.connection = "close" end
    return http.response(status, all, body)
  end
  return {
    loop = self.loop,
    stream = client,
    request = request,
    respond = respond,
    answer = function() return respond(self.api:answer(request)) end,
    delete = function() self.api:delete(request.id) end,
    refuse = function() self:refuse() end,
  }
end

function Site:serve(accepted, plan, number)
  local client <close> = accepted
  actions.run(plan, exchange_of(self, client))
  if self.context and client.open and not client:start_tls(self.context) then return end

  local requests = 0
  while client.open do
    local request = http.read_request(client)
    if not request then return client:close() end
    requests = requests + 1
    request.connection, request.number = number, requests
    self:handle(request, client)
    if plan.after == requests then actions.run(plan.actions, exchange_of(self, client, request)) end
  end
end

local NORMAL = { { answer = true } }

function Site:next_attempt(id)
  local plan = self.plans[id] or self.plans["*"]
  if not plan then return NORMAL end
  plan.used = plan.used + 1
  return plan.attempts[plan.used] or plan.attempts.always or NORMAL
end

function Site:handle(request, client)
  local _, id = self.api:route(request.path)
  request.id = id
  self:note(request)
  actions.run(self.proxy or self:next_attempt(id), exchange_of(self, client, request))
  if client.open and http.wants_close(request) then client:close() end
end

function Site:note(request)
  self.seen = self.seen + 1
  request.request_id = "req-" .. self.seen
  if self.keeps_record then self.record[#self.record + 1] = request end
  if request.method == "DELETE" then
    self.delete_count = self.delete_count + 1
    if request.id then self.deletes_by_id[request.id] = (self.deletes_by_id[request.id] or 0) + 1 end
  end
end

function Site:add(ids)
  self.api:add(ids)
end

function Site:end_version(version, how)
  self.api:end_version(version, how)
end

function Site:knows(id)
  return self.api:knows(id)
end

function Site:plan(id, attempts)
  assert(type(attempts) == "table", "a plan is a list of attempts")
  for key, list in pairs(attempts) do
    assert(math.type(key) == "integer" or key == "always", ("a plan has no member '%s'"):format(key))
    actions.check(list)
  end
  self.plans[id] = { attempts = attempts, used = 0 }
end

function Site:plan_connection(plans)
  for _, plan in ipairs(plans) do
    if plan.after then
      actions.check(assert(plan.actions, "a plan with 'after' has a list of actions"))
    else
      actions.check(plan, true)
    end
  end
  self:take_connections()
  self.connection_plans = plans
end

function Site:requests(id)
  if not id then return self.record end
  local found = {}
  for _, request in ipairs(self.record) do
    if request.id == id then found[#found + 1] = request end
  end
  return found
end

function Site:deletes(id)
  if not id then return self.delete_count end
  return self.deletes_by_id[id] or 0
end

function Site:connections()
  self:take_connections()
  return self.accepted
end

function Site:open_connections()
  self:take_connections()
  local count = 0
  for client in pairs(self.streams) do
    if client.open then count = count + 1 end
  end
  return count
end

function Site:reset_record()
  self:take_connections()
  self.record, self.seen = {}, self.seen or 0 -- which goes on: a service gives no request id twice
  self.delete_count, self.deletes_by_id = 0, {}
  self.accepted = 0
end

return site
