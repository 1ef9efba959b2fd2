--- What the service does instead of, or besides, its normal answer: lists of actions, done in order.
---
--- An action is a string, sent as it is, or a table with one of the members below. After the list the connection
--- stays open for the next request, unless an action ended it.
---
---   { answer = true }                                  the service's normal answer
---   { status = 500, body = "…", headers = {…} }        a well-formed response; headers as http.response takes them
---   { send = "text", times = n }                       the text so many times; math.huge: until the client goes away
---   { drip = "text", every = seconds }                 byte by byte
---   { delete = true }                                  marks the id as deleted, answers nothing
---   { read = true }                                    waits for bytes of the client and drops them
---   { sleep = seconds }
---   { hang = true }                                    until the client goes away
---   { close = true }                                   in order: close_notify under TLS, then FIN
---   { cut = true }                                     FIN alone, without close_notify
---   { reset = true }                                   RST
---   { refuse = true }                                  closes the listening port: later connections are refused
---   { tunnel = true }                                  of a proxy: does as CONNECT asks

local tunnel = require "spec.support.tunnel"

---@class spec.Exchange what actions act on
---@field loop spec.Loop
---@field stream spec.Stream
---@field request spec.Request? absent before the first request of a connection
---@field answer fun(): string does what the request asks for and makes the response
---@field respond fun(status: integer, headers: table, body: string): string makes a response
---@field delete fun() marks the request's id as deleted
---@field refuse fun() closes the listening port

local actions = {}

-- An endless text is sent in pieces of about so many bytes.
local PIECE = 65536

local function send(exchange, action)
  local left = action.times or 1
  local piece = math.max(1, PIECE // math.max(1, #action.send))
  while left > 0 do
    local count = math.min(left, piece)
    if not exchange.stream:write(action.send:rep(count)) then return end
    left = left - count
    -- A client that takes everything at once would leave no turn to the others.
    exchange.loop:sleep(0)
  end
end

local function drip(exchange, action)
  for position = 1, #action.drip do
    if not exchange.stream:write(action.drip:sub(position, position)) then return end
    exchange.loop:sleep(action.every)
  end
end

-- Each kind by the member that names it: what else the action may hold, and what is done.
local KINDS = {
  answer = { needs_request = true, run = function(exchange) exchange.stream:write(exchange.answer()) end },
  status = {
    members = { body = true, headers = true },
    run = function(exchange, action)
      exchange.stream:write(exchange.respond(action.status, action.headers or {}, action.body or ""))
    end,
  },
  send = { members = { times = true }, run = send },
  drip = { members = { every = true }, run = drip },
  delete = { needs_request = true, run = function(exchange) exchange.delete() end },
  read = { run = function(exchange) exchange.stream:read() end },
  sleep = { run = function(exchange, action) exchange.loop:sleep(action.sleep) end },
  hang = {
    run = function(exchange)
      exchange.stream:outlast()
      exchange.stream:close()
    end,
  },
  close = { run = function(exchange) exchange.stream:close() end },
  cut = { run = function(exchange) exchange.stream:cut() end },
  reset = { run = function(exchange) exchange.stream:reset() end },
  refuse = { run = function(exchange) exchange.refuse() end },
  tunnel = {
    needs_request = true,
    run = function(exchange) tunnel.run(exchange.loop, exchange.stream, exchange.request) end,
  },
}

local function kind_of(action)
  for name, kind in pairs(KINDS) do
    if action[name] ~= nil then return kind, name end
  end
  return nil
end

local function check_action(action, before_request)
  if type(action) == "string" then return end
  assert(type(action) == "table", "an action is a string or a table")
  local kind, kind_name = kind_of(action)
  assert(kind, "an action names none of the known kinds")
  assert(not (before_request and kind.needs_request), ("'%s' needs a request"):format(kind_name))
  assert(kind_name ~= "drip" or type(action.every) == "number", "a drip needs every = seconds")
  for member in pairs(action) do
    local allowed = member == kind_name or (kind.members and kind.members[member])
    assert(allowed, ("an action '%s' has no member '%s'"):format(kind_name, member))
  end
end

--- Raises an error if a list holds what is no action.
---@param list (string|table)[]
---@param before_request boolean? whether they are done before any request
function actions.check(list, before_request)
  assert(type(list) == "table", "actions are a list")
  for key, action in pairs(list) do
    assert(math.type(key) == "integer", ("a list of actions has no member '%s'"):format(key))
    check_action(action, before_request)
  end
end

--- Does the actions until the list or the connection is at its end.
---@param list (string|table)[]
---@param exchange spec.Exchange
function actions.run(list, exchange)
  for _, action in ipairs(list) do
    if not exchange.stream.open then return end
    if type(action) == "string" then
      exchange.stream:write(action)
    else
      kind_of(action).run(exchange, action)
    end
  end
end

return actions
