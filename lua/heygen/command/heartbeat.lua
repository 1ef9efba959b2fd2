--- A line a minute that tells how far a run has come, where there is no terminal to show it on.

local system = require("heygen.core").system
local progress = require "heygen.command.progress"

local heartbeat = {}

local INTERVAL = 60

---@class heygen.command.Heartbeat: heygen.command.Progress
local Heartbeat = {}
Heartbeat.__index = Heartbeat

--- Begins to tell of a run.
---@param total integer
---@param surroundings { clock: function?, write: function? }? in place of the real ones
---@return heygen.command.Heartbeat
function heartbeat.new(total, surroundings)
  local self = setmetatable({
    standing = { total = total, done = 0, failed = 0, elapsed = 0 },
    clock = system.now,
    write = function(text) io.stderr:write(text) end,
  }, Heartbeat)
  for name, replacement in pairs(surroundings or {}) do self[name] = replacement end
  self.began_at = self.clock()
  self.due = self.began_at + INTERVAL
  return self
end

--- One more is done.
---@param failed boolean
function Heartbeat:advance(failed)
  self.standing.done = self.standing.done + 1
  if failed then self.standing.failed = self.standing.failed + 1 end
  self:tick()
end

--- Time has passed.
function Heartbeat:tick()
  local now = self.clock()
  if now < self.due then return end
  self.due = now + INTERVAL
  self.standing.elapsed = now - self.began_at
  self.write(("heygen-delete: %s\n"):format(progress.text(self.standing)))
end

--- Nothing stands in the way of other lines.
---@param print_line fun(line: string): boolean?, string?
---@param line string
---@return boolean? fine
---@return string? problem
function Heartbeat.above(_, print_line, line)
  return print_line(line)
end

function Heartbeat.clear() end

return heartbeat
