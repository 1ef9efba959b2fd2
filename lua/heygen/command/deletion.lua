--- Deletes what a ledger holds, and keeps the ledger, the journal, the output and the progress line in step.

local output = require "heygen.command.output"
local ledger = require "heygen.command.ledger"
local progress = require "heygen.command.progress"
local terminal = require "heygen.command.terminal"

local deletion = {}

---@class heygen.command.Deletion
---@field options heygen.command.Options
---@field client heygen.Client
---@field base_url string
---@field journal heygen.command.Journal?
---@field ledger heygen.command.Ledger
---@field output heygen.command.Output
---@field progress heygen.command.Progress?
---@field ending string? what ended it before its end
---@field interrupted boolean?
---@field deprecation heygen.Deprecation?
local Deletion = {}
Deletion.__index = Deletion

---@param members table
---@return heygen.command.Deletion
function deletion.new(members)
  return setmetatable(members, Deletion)
end

--- Tells of an id on standard output. A problem ends the run: results that nobody hears of are no use.
---@param record heygen.command.Record
function Deletion:tell(record)
  local line = self.output:line(record)
  if not line then return end
  local fine, problem
  if self.progress and self.shares_terminal then
    fine, problem = self.progress:above(output.print, line)
  else
    fine, problem = output.print(line)
  end
  if not fine then self:stop(problem) end
end

-- Nothing more is begun.
function Deletion:stop(reason)
  self.ending = self.ending or "Stopped early: " .. reason
end

-- The next id in a state, once the journal has it; nil at the end.
function Deletion:begin_next(next_id)
  local id = not self.ending and next_id() or nil
  if not id then return nil end
  if self.journal then
    local fine, problem = self.journal:start(id)
    if not fine then
      self:stop(problem)
      return nil
    end
  end
  self.ledger:set(id, "started")
  return id
end

-- Notes a result: in the journal, then in the ledger, then it is told.
function Deletion:note(id, outcome, source)
  if self.journal then
    local fine, problem = self.journal:done(id, outcome, source and source.kind)
    if not fine then self:stop(problem) end
  end
  self.ledger:set(id, outcome)
  self:tell(output.record(id, outcome, source))
end

-- What was begun but never sent has no result, and is as it was before.
function Deletion:take_back(state)
  for id in self.ledger:each "started" do
    if state == "waiting" and self.journal and not self.journal.problem then self.journal:done(id, "not_attempted") end
    self.ledger:set(id, state)
  end
end

-- Deletes the ids that are in a state.
function Deletion:delete_each(state)
  local next_id = self.ledger:each(state)
  local missing_ok = self.options.missing_ok
  local report = {}
  local function ids() return self:begin_next(next_id) end
  local fine, err = pcall(self.client.delete_photo_avatars, self.client, ids, {
    missing_ok = missing_ok,
    maybe_sent = state == "in_doubt",
    report = report,
    on_result = function(id, _, meta_or_error)
      self:note(id, meta_or_error.outcome, meta_or_error)
      self.deprecation = self.deprecation or meta_or_error.deprecation
      if self.progress then self.progress:advance(not ledger.is_gone(meta_or_error.outcome, missing_ok)) end
    end,
  })
  -- An error in the midst of a function here leaves results that were not heard: then nothing is known of the others.
  if self.ledger:count "started" == report.not_attempted then self:take_back(state) end
  if not fine then error(err, 0) end
  if report.stopped then self:stop(output.reason_text(report.stopped)) end
end

--- Deletes everything, first what an earlier run may have sent. Raises what ends it by force.
function Deletion:delete_all()
  local left = self.ledger:left()
  if left > 0 and terminal.is_terminal(2) and terminal.is_capable() then
    self.shares_terminal = terminal.is_terminal(1)
    self.progress = progress.new(left)
  end
  if self.ledger:count "in_doubt" > 0 then self:delete_each "in_doubt" end
  if not self.ending then self:delete_each "waiting" end
end

-- What is told of an id whose answer was not waited for.
local UNHEARD = { kind = "interrupted", message = "the run ended before its answer came" }

--- Brings everything to its end, after an error too.
---@param err any what was raised; nil: nothing
---@param interrupted boolean whether it was Ctrl-C
function Deletion:settle(err, interrupted)
  if self.progress then
    self.progress:clear()
    self.progress = nil
  end
  self.interrupted = interrupted
  if interrupted then
    self.ending = "Interrupted."
  elseif err ~= nil then
    self:stop(tostring(err))
  end
  for id in self.ledger:each "started" do self:note(id, "unknown", UNHEARD) end
  for id in self.ledger:each "in_doubt" do self:tell(output.record(id, "unknown", { earlier = true })) end
  for id in self.ledger:each "waiting" do self:tell(output.record(id, "not_attempted")) end
end

return deletion
