--- What is known of each id: one word for each, so that every id is in exactly one count.

---@alias heygen.command.State
---| "waiting" # to be sent
---| "in_doubt" # to be sent with maybe_sent: an earlier run may have sent it
---| "started" # this run may have sent it
---| heygen.Outcome

---@class heygen.command.Ledger
---@field ids string[]
---@field private states table<string, heygen.command.State>
local Ledger = {}
Ledger.__index = Ledger

local ledger = {}

-- What a run has to do with an id of which an earlier one said this. What is gone is left alone.
local AFTER_AN_EARLIER_RUN = {
  started = "in_doubt",
  unknown = "in_doubt",
  not_deleted = "waiting",
  not_attempted = "waiting",
}

local GONE = { deleted = true, presumed_deleted = true }

--- How the counts are named, in the order in which they are told.
ledger.COUNTS = { "deleted", "presumed_deleted", "absent", "not_deleted", "unknown", "not_attempted" }

-- Of two words on an id, the one that nothing true is lost by: what is gone stays gone, a doubt outweighs the rest.
local function weightier(one, other)
  if GONE[one] or not other then return one end
  if GONE[other] or not one then return other end
  return AFTER_AN_EARLIER_RUN[other] == "in_doubt" and other or one
end

---@param ids string[]
---@param known table<string, string>? a journal's last words on ids
---@param told table<string, string>? what the list of ids itself says of them
---@return heygen.command.Ledger
function ledger.new(ids, known, told)
  local states = {}
  for _, id in ipairs(ids) do
    local word = weightier(known and known[id], told and told[id]) or "not_attempted"
    states[id] = AFTER_AN_EARLIER_RUN[word] or word
  end
  return setmetatable({ ids = ids, states = states }, Ledger)
end

--- What both of two words on an id say of it.
ledger.weightier = weightier

--- Whether an outcome means that all is well.
---@param outcome string
---@param missing_ok boolean?
---@return boolean
function ledger.is_gone(outcome, missing_ok)
  return GONE[outcome] or (outcome == "absent" and missing_ok) or false
end

---@param id string
---@param state heygen.command.State
function Ledger:set(id, state)
  self.states[id] = state
end

--- Iterates over the ids that are in a state when their turn comes.
---@param state heygen.command.State
---@return fun(): string?
function Ledger:each(state)
  local position = 0
  return function()
    repeat
      position = position + 1
      local id = self.ids[position]
      if id == nil or self.states[id] == state then return id end
    until false
  end
end

---@param state heygen.command.State
---@return integer
function Ledger:count(state)
  local count = 0
  for _ in self:each(state) do count = count + 1 end
  return count
end

--- How many are to be sent.
---@return integer
function Ledger:left()
  return self:count "waiting" + self:count "in_doubt"
end

-- What a state means once nothing more is sent.
local IN_THE_END = { waiting = "not_attempted", in_doubt = "unknown", started = "unknown" }

--- An id's outcome, or "not_attempted", as things are now.
---@param id string
---@return string
function Ledger:outcome(id)
  local state = self.states[id]
  return IN_THE_END[state] or state
end

--- What an earlier run or this one has settled for good; nil while it is to be sent or may have been.
---@param id string
---@return heygen.Outcome?
function Ledger:settled(id)
  local state = self.states[id]
  return not IN_THE_END[state] and state or nil
end

--- How many ids have each outcome, or were not attempted.
---@return table<string, integer>
function Ledger:counts()
  local counts = {}
  for _, name in ipairs(ledger.COUNTS) do counts[name] = 0 end
  for _, id in ipairs(self.ids) do
    local outcome = self:outcome(id)
    counts[outcome] = counts[outcome] + 1
  end
  return counts
end

return ledger
