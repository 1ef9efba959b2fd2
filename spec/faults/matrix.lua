--- Runs the cases of the fault matrix: sets up what a case needs, and compares what came of it on all sides.

local assert = require "luassert"
local canary = require "spec.faults.canary"
local calls = require "spec.support.calls"
local cases = require "spec.faults.cases"
local fake_time = require "spec.support.fake_time"
local heygen = require "heygen"
local server = require "spec.support.server"
local socket = require "socket"

local matrix = {}

-- A case may take so long at most, in seconds. What hangs would do so for the attempt's 30 seconds.
local LIMIT = 25

-- More connections than any case makes.
local CONNECTIONS = 20

---@class spec.Fault a case that is set up
---@field case spec.FaultCase
---@field id string
---@field service spec.Service
---@field client heygen.Client
---@field options heygen.CallOptions
---@field traced heygen.Attempt[]
---@field private started_at number
---@field private proxy spec.Service?
local Fault = {}
Fault.__index = Fault

local function merged(...)
  local all = {}
  for _, options in ipairs { ... } do
    for name, value in pairs(options) do all[name] = value end
  end
  return all
end

local function start_service(case, protocol)
  local service = server.start(merged(case.service or {}, {
    tls = protocol == "TLS", keys = { canary.KEY }, ids = { "avatar", "warm", "first", "last" },
  }))
  local attempts = case[3]
  if attempts then service:plan("avatar", type(attempts) == "function" and attempts() or attempts) end
  if case.connections then
    local plans = {}
    for number = 1, CONNECTIONS do plans[number] = case.connections end
    service:plan_connection(plans)
  end
  return service
end

-- The options of the way to the service, or nil where this system has no such way.
local function way(case, service, proxy)
  if case.base_url then
    local base_url = case.base_url()
    return base_url and { base_url = base_url }
  end
  if proxy then
    return { base_url = ("https://%s:%d"):format(server.PROXIED_HOST, service.port), proxy = proxy.url }
  end
  return {}
end

--- Sets a case up.
---@param case spec.FaultCase
---@param protocol "HTTP"|"TLS"
---@return spec.Fault? fault nil where this system can't do it
function matrix.open(case, protocol)
  fake_time.install { flowing = case.flowing }
  local service = start_service(case, protocol)
  local proxy = case.proxy and server.proxy(case.proxy)
  local self = setmetatable({
    case = case, id = "avatar", service = service, proxy = proxy, options = case.options or {}, traced = {},
  }, Fault)
  local options = way(case, service, proxy)
  if not options then
    self:close()
    return nil
  end
  local function trace(event) self.traced[#self.traced + 1] = event end
  options = calls.options(service, merged(options, case.client or {}, { api_key = canary.KEY, trace = trace }))
  -- As many retries as the module makes by itself.
  options.max_retries = nil
  self.client = heygen.new(options)
  self.started_at = socket.gettime()
  return self
end

function Fault:close()
  if self.client then self.client:close() end
  if self.proxy then self.proxy:stop() end
  self.service:stop()
  fake_time.uninstall()
end

Fault.__close = Fault.close

-- What was traced of the case's own id.
local function attempts_of(fault)
  local attempts, waits = {}, {}
  for _, event in ipairs(fault.traced) do
    if event.avatar_id == fault.id then
      attempts[#attempts + 1] = event
      waits[#waits + 1] = event.wait
    end
  end
  return attempts, waits
end

--- Compares what came of a call with what the case says.
---@param fault spec.Fault
---@param body heygen.Body?
---@param second heygen.Meta|heygen.Error
function matrix.check(fault, body, second)
  local case, deletes = fault.case, fault.service:deletes(fault.id)
  local elapsed = socket.gettime() - fault.started_at
  local kind = heygen.is_error(second) and second.kind or "none"
  assert.equal(case[2], ("%s %s %d %d"):format(kind, second.outcome, second.attempts, deletes), tostring(second))
  assert.equal(kind == "none", body ~= nil)
  assert.is_true(deletes <= second.attempts)

  local attempts, waits = attempts_of(fault)
  assert.equal(second.attempts, #attempts)
  assert.equal(second.attempts - 1, #waits)
  if case.waits then assert.same(case.waits, waits) end
  assert.equal(kind, attempts[#attempts].kind or "none")

  assert.is_nil(canary.found(body, second, tostring(second), fault.traced, tostring(fault.client)))
  assert.is_true(elapsed < LIMIT, ("it took %g seconds"):format(elapsed))
end

-- Every case of a group, over each protocol that it is about, as { name, case, protocol }.
local function entries_of(group)
  local list = {}
  for _, case in ipairs(cases[group]) do
    for _, protocol in ipairs(case.protocol and { case.protocol } or { "HTTP", "TLS" }) do
      list[#list + 1] = { ("%s, over %s"):format(case[1], protocol), case, protocol }
    end
  end
  return list
end

--- Makes specs of the whole matrix.
---@param describe function busted's, like the next two
---@param it function
---@param pending function
---@param run fun(fault: spec.Fault) makes the call, and checks what came of it
function matrix.each(describe, it, pending, run)
  for _, group in ipairs(cases.GROUPS) do
    describe(group .. ":", function()
      for _, entry in ipairs(entries_of(group)) do
        local name, case, protocol = table.unpack(entry)
        it(name, function()
          local fault <close> = matrix.open(case, protocol)
          if not fault then return pending "this system lets every connection in" end
          run(fault)
        end)
      end
    end)
  end
end

return matrix
