--- Hands ids to a run once the journal has them on the disk. Reads ahead by a few, so that one wait for the disk does
--- for all of them.

local announcements = {}

---@class heygen.command.Announcements
---@field private ledger heygen.command.Ledger
---@field private journal heygen.command.Journal?
---@field private state heygen.command.State what the ids are in
---@field private most integer how many are announced at once
---@field private limit integer how many are handed out in all
---@field private batch string[]
---@field private position integer of the id in the batch that was handed out last
---@field problem string? what keeps the journal from being written
local Announcements = {}
Announcements.__index = Announcements

---@param ledger heygen.command.Ledger
---@param journal heygen.command.Journal?
---@param state heygen.command.State
---@param most integer
---@param limit integer?
---@return heygen.command.Announcements
function announcements.new(ledger, journal, state, most, limit)
  return setmetatable({
    ledger = ledger,
    journal = journal,
    state = state,
    most = journal and most or 1,
    limit = limit or math.huge,
    following = ledger:each(state),
    batch = {},
    position = 0,
  }, Announcements)
end

-- Announces the next few. False at the end, and when the journal can't be written.
function Announcements:refill()
  local batch = {}
  while #batch < math.min(self.most, self.limit) do
    local id = self.following()
    if not id then break end
    batch[#batch + 1] = id
  end
  self.batch, self.position, self.limit = {}, 0, self.limit - #batch
  if #batch == 0 then return false end
  if self.journal then
    local fine, problem = self.journal:announce(batch)
    if not fine then
      self.problem = problem
      return false
    end
  end
  self.batch = batch
  return true
end

--- The next id, which may be sent from now on.
---@return string? id nil at the end
function Announcements:next()
  if self.position == #self.batch and not self:refill() then return nil end
  self.position = self.position + 1
  local id = self.batch[self.position]
  self.ledger:set(id, "started")
  return id
end

-- What was in doubt before stays so: only the others are as if they had never been announced.
function Announcements:return_id(id)
  self.ledger:set(id, self.state)
  if self.state == "waiting" and self.journal and not self.journal.problem then
    self.journal:done(id, "not_attempted")
  end
end

--- Takes back what was announced and not handed out; and what was handed out, where none of it was sent.
---@param are_unsent boolean whether all that is still started was not sent
function Announcements:take_back(are_unsent)
  if are_unsent then
    for id in self.ledger:each "started" do self:return_id(id) end
  end
  for position = self.position + 1, #self.batch do self:return_id(self.batch[position]) end
  self.position = #self.batch
end

return announcements
