--- What an outage of the service is, and which ids it has cost so far.

local outage = {}

-- The service is asked again so often at first, and later.
outage.FIRST_INTERVAL, outage.LATER_INTERVAL = 10, 60
-- When "later" begins. All in seconds.
outage.FIRST_TIME = 300

-- The longest pause that the client keeps, whatever the service asks for.
local LONGEST_PAUSE = 3600

-- These say nothing of an id.
local SILENT = {
  connection = true, tls = true, timeout = true, protocol = true, server = true, rate_limited = true,
}

-- These end a run, and waiting does not help.
local LASTING = {
  unauthorized = true, quota_exceeded = true, retired = true, redirect = true, invalid_argument = true, misuse = true,
  resources = true, cancelled = true, interrupted = true,
}
local LASTING_CODES = { insufficient_api_key_scope = true, plan_upgrade_required = true }

--- Whether a result is the service's own answer about its id.
---@param result heygen.Meta|heygen.Error
---@return boolean
function outage.is_answer(result)
  local kind, status = result.kind, result.status
  if not kind or kind == "not_found" then return true end
  if SILENT[kind] then return false end
  -- A refusal that is not in the service's own form may be a gateway's.
  local is_foreign = status and status >= 400 and status < 500 and result.body ~= nil
  return not is_foreign
end

--- Whether what stopped a run is one: the service gave no answers any more, or asked for a long pause.
---@param err heygen.Error
---@return boolean
function outage.is_one(err)
  if LASTING[err.kind] or LASTING_CODES[err.code] then return false end
  -- A proxy that wants a password, or a certificate that is refused, stays as it is; only their hints tell them from
  -- other failures to connect.
  local hint = err.hint or ""
  local certificate = err.kind == "tls" and (hint:find "ca_file" or hint:find "^the certificate")
  return not (err.status == 407 or hint:find "^the proxy asks" or certificate)
end

---@class heygen.command.Outage
---@field held heygen.command.Record[] the last results of ids that failed without an answer since the last one
---@field answers integer how many answers there were
---@field private patience number?
---@field private now fun(): number
---@field private answered_at number
---@field private began_at number? when the first of those failed
local Outage = {}
Outage.__index = Outage

---@param patience number? how long one may last, in seconds; nil: nothing is waited for
---@param now fun(): number
---@return heygen.command.Outage
function outage.new(patience, now)
  return setmetatable({
    patience = patience, now = now, held = {}, answers = 0, answered_at = -math.huge, began_at = nil,
  }, Outage)
end

--- Takes in a result.
---@param record heygen.command.Record
---@param result heygen.Meta|heygen.Error
---@return heygen.command.Record[] final what can be told of now
function Outage:hear(record, result)
  if not self.patience then return { record } end
  if outage.is_answer(result) then
    self.answers = self.answers + 1
    self.answered_at, self.began_at = self.now(), nil
    local final = self:release()
    final[#final + 1] = record
    return final
  end
  self.began_at = self.began_at or self.now()
  self.is_suspected = self.is_suspected or self.now() - (result.elapsed or 0) > self.answered_at
  self.held[#self.held + 1] = record
  return {}
end

--- Gives out what is held.
---@return heygen.command.Record[]
function Outage:release()
  local held = self.held
  self.held, self.is_suspected = {}, false
  return held
end

--- Whether a run that came to the end of its ids did so within an outage. An id that failed while others were answered
--- is no sign of one.
---@return boolean
function Outage:is_under_way()
  return self.patience ~= nil and self.is_suspected == true and #self.held > 0
end

--- How long it has lasted.
---@return number seconds
function Outage:age()
  self.began_at = self.began_at or self.now()
  return self.now() - self.began_at
end

--- How long to wait before the service is asked again.
---@param err heygen.Error? what stopped the run
---@return number? seconds nil when there is no patience left for that
function Outage:interval(err)
  local age = self:age()
  local pause = err and err.retry_after or 0
  local usual = age < outage.FIRST_TIME and outage.FIRST_INTERVAL or outage.LATER_INTERVAL
  if not self.patience or age >= self.patience or age + pause > self.patience then return nil end
  return math.max(math.min(usual, self.patience - age), math.min(pause, LONGEST_PAUSE))
end

return outage
