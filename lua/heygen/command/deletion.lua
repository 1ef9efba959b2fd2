--- Deletes what a ledger holds, and keeps the ledger, the journal, the output and the progress line in step.

local announcements = require "heygen.command.announcements"
local heartbeat = require "heygen.command.heartbeat"
local ledger = require "heygen.command.ledger"
local outage = require "heygen.command.outage"
local output = require "heygen.command.output"
local progress = require "heygen.command.progress"
local system = require("heygen.core").system
local terminal = require "heygen.command.terminal"

local deletion = {}

-- As the client's default.
local DEFAULT_CONCURRENCY = 8

-- While it waits, the progress line is drawn so often, in seconds.
local TICK = 1

---@class heygen.command.Deletion
---@field options heygen.command.Options
---@field client heygen.Client
---@field base_url string
---@field journal heygen.command.Journal?
---@field ledger heygen.command.Ledger
---@field output heygen.command.Output
---@field outage heygen.command.Outage
---@field now fun(): number a clock that never jumps back, in seconds
---@field sleep fun(seconds: number)
---@field progress (heygen.command.Progress|heygen.command.Heartbeat)?
---@field ending string? what ended it before its end
---@field gave_up boolean? whether that was an outage
---@field interrupted boolean?
---@field may_pass boolean? whether some failure was of a kind that another run may not meet
---@field deprecation heygen.Deprecation?
---@field private last table<string, heygen.command.Record> the last results of ids that are to be tried again
local Deletion = {}
Deletion.__index = Deletion

---@param members table
---@return heygen.command.Deletion
function deletion.new(members)
  members.now = members.now or system.now
  members.sleep = members.sleep or system.sleep
  members.last = {}
  members.outage = outage.new(members.options.patience, members.now)
  return setmetatable(members, Deletion)
end

-- Prints a line, above the progress line where there is one.
function Deletion:print(print_line, line)
  if self.progress then return self.progress:above(print_line, line) end
  return print_line(line)
end

--- Tells of an id. A problem ends the run: results that nobody hears of are no use.
---@param record heygen.command.Record
function Deletion:tell(record)
  local line = self.output:line(record)
  if not line then return end
  local fine, problem = self:print(function(text) return self.output:print(text) end, line)
  if not fine then self:stop(problem) end
end

-- Tells of the run itself, on standard error.
function Deletion:say(text)
  if self.options.quiet then return end
  self:print(function(line) return io.stderr:write(line, "\n") ~= nil end, text)
end

-- Nothing more is begun.
function Deletion:stop(reason)
  self.ending = self.ending or "Stopped early: " .. reason
end

-- The last results of ids are told, and counted as done.
function Deletion:conclude(records)
  for _, record in ipairs(records) do
    self.last[record.id] = nil
    self:tell(record)
    if self.progress then self.progress:advance(not ledger.is_gone(record.outcome, self.options.missing_ok)) end
  end
end

-- Notes a result: in the journal, then in the ledger; then it is told, unless it may be the work of an outage.
function Deletion:note(id, result)
  if self.journal then
    local fine, problem = self.journal:done(id, result.outcome, result.kind)
    if not fine then self:stop(problem) end
  end
  self.ledger:set(id, result.outcome)
  local record = output.record(id, result.outcome, result)
  record.time = os.date "!%Y-%m-%dT%H:%M:%SZ"
  self.may_pass = self.may_pass or (result.kind ~= nil and not outage.is_answer(result)) or result.kind == "conflict"
  self.deprecation = self.deprecation or result.deprecation
  self:conclude(self.outage:hear(record, result))
end

-- Deletes ids that are in a state. Returns what stopped the run, if anything has.
function Deletion:delete_each(state, limit, max_retries)
  local concurrency = self.options.client and self.options.client.max_concurrency or DEFAULT_CONCURRENCY
  local announced = announcements.new(self.ledger, self.journal, state, concurrency, limit)
  local report = {}
  local function next_id()
    local id = not self.ending and announced:next() or nil
    if announced.problem then self:stop(announced.problem) end
    return id
  end
  local fine, err = pcall(self.client.delete_photo_avatars, self.client, next_id, {
    missing_ok = self.options.missing_ok,
    maybe_sent = state == "in_doubt",
    max_retries = max_retries,
    report = report,
    on_result = function(id, _, result) self:note(id, result) end,
  })
  -- An error in a function here leaves results that were not heard: then nothing is known of the others.
  announced:take_back(self.ledger:count "started" == report.not_attempted)
  if not fine then error(err, 0) end
  return report.stopped
end

-- Sleeps, with the progress line alive.
function Deletion:wait(seconds)
  local finish = self.now() + seconds
  local left = seconds
  while left > 0 do
    self.sleep(math.min(TICK, left))
    if self.progress then self.progress:tick() end
    left = finish - self.now()
  end
end

-- What failed within the outage is to be sent again, in doubt if it may have been sent.
function Deletion:requeue()
  for _, record in ipairs(self.outage:release()) do
    self.last[record.id] = record
    self.ledger:set(record.id, record.outcome == "unknown" and "in_doubt" or "waiting")
  end
end

-- Tries one id; what stopped it, if anything has.
function Deletion:probe()
  local state = self.ledger:count "in_doubt" > 0 and "in_doubt" or "waiting"
  local stopped = self:delete_each(state, 1, 0)
  self:requeue()
  return stopped
end

-- Waits until the service answers again, as long as there is patience. `err`: what stopped the run, if anything has.
-- True when it does.
function Deletion:outlast(err)
  local answers, reason = self.outage.answers, err or self.outage.held[#self.outage.held]
  local text = output.reason_text(reason)
  self:requeue()
  local interval = self.outage:interval(err)
  if interval then self:say(("The service fails: %s. Waiting for it."):format(text)) end
  while interval do
    self:wait(interval)
    err = self:probe()
    if err and not outage.is_one(err) then self:stop(output.reason_text(err)) end
    if self.ending then return false end
    if self.outage.answers > answers then
      self:say "The service answers again."
      return true
    end
    interval = self.outage:interval(err)
  end
  self.gave_up = true
  self:stop(text)
  return false
end

-- Deletes what is to be sent, until something stops it. True when an outage has interrupted it and is over.
function Deletion:delete_left()
  for _, state in ipairs { "in_doubt", "waiting" } do
    if not self.ending and self.ledger:count(state) > 0 then
      local stopped = self:delete_each(state)
      if stopped and outage.is_one(stopped) then return self:outlast(stopped) end
      if stopped then self:stop(output.reason_text(stopped)) end
    end
  end
  return not self.ending and self.outage:is_under_way() and self:outlast()
end

function Deletion:show_progress()
  local left = self.ledger:left()
  if left == 0 or self.options.quiet then return end
  if not terminal.is_terminal(2) then
    self.progress = heartbeat.new(left)
  elseif terminal.is_capable() then
    self.progress = progress.new(left)
  end
end

--- Deletes everything, first what an earlier run may have sent. Raises what ends it by force.
function Deletion:delete_all()
  self:show_progress()
  repeat
    local goes_on = self:delete_left()
  until not goes_on
end

-- What is told of an id whose answer was not waited for.
local UNHEARD = { outcome = "unknown", kind = "interrupted", message = "the run ended before its answer came" }

-- Every id that is in a state is told of: by its last result, or else by a record that is made for it.
function Deletion:tell_rest(state, outcome, members)
  for id in self.ledger:each(state) do
    local record = self.last[id]
    if record then self.ledger:set(id, record.outcome) end
    self:tell(record or output.record(id, outcome, members))
  end
end

--- Brings everything to its end, after an error too.
---@param err any what was raised; nil: nothing
---@param interrupted boolean whether it was Ctrl-C or a signal like it
function Deletion:settle(err, interrupted)
  -- A second signal ends it at once; a first one has nothing left to end.
  system.disarm_signals()
  if self.progress then
    self.progress:clear()
    self.progress = nil
  end
  self.interrupted = interrupted
  if interrupted then
    self.ending = "Interrupted."
  elseif err ~= nil then
    self:stop(output.error_text(err))
  end
  self:conclude(self.outage:release())
  for id in self.ledger:each "started" do
    if self.journal then self.journal:done(id, "unknown", UNHEARD.kind) end
    self.ledger:set(id, "unknown")
    self:tell(output.record(id, "unknown", UNHEARD))
  end
  self:tell_rest("in_doubt", "unknown", { earlier = true })
  self:tell_rest("waiting", "not_attempted")
end

return deletion
