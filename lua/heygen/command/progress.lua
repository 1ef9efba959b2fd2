--- A line at the bottom of the terminal that shows how far a run has come.

local system = require("heygen.core").system
local terminal = require "heygen.command.terminal"

local progress = {}

-- The time between two drawings, and between two looks at the terminal's width, in seconds.
local INTERVAL = 0.1
local WIDTH_INTERVAL = 1

-- How many drawings may follow each other at once, when other lines take this one's place: enough for all ids in
-- flight to fail together.
local BURST = 10

local SHORTEST_BAR, LONGEST_BAR = 10, 40

-- Erases from the cursor on. It comes after the text: tmux moves the whole screen into its history when it is erased
-- from its first cell on. The cursor is left at the line's beginning: if a narrower window wraps the line, its rest is
-- below the cursor, and goes too.
local ERASE = "\27[J"
-- So that a line that is too long for a window that has just shrunk stays on one row.
local WRAP_OFF, WRAP_ON = "\27[?7l", "\27[?7h"

--- A time in hours, minutes and seconds.
---@param seconds number
---@return string
function progress.time_text(seconds)
  local whole = math.ceil(seconds)
  local hours, minutes = whole // 3600, whole // 60 % 60
  if hours > 0 then return ("%d:%02d:%02d"):format(hours, minutes, whole % 60) end
  return ("%d:%02d"):format(minutes, whole % 60)
end

---@class heygen.command.Standing
---@field total integer
---@field done integer failed ones included
---@field failed integer
---@field elapsed number seconds

-- What is said, from the most to the least.
local function wordings(standing)
  local rate = standing.elapsed > 0 and standing.done / standing.elapsed or 0
  local left = rate > 0 and progress.time_text((standing.total - standing.done) / rate) .. " left" or "-:-- left"
  local percent = ("%3d%%"):format(standing.total > 0 and standing.done * 100 // standing.total or 100)
  local count = ("%d of %d done"):format(standing.done, standing.total)
  local failed = ("%d failed"):format(standing.failed)
  local speed = (rate < 10 and "%.1f/s" or "%.0f/s"):format(rate)
  return {
    ("%s  %s, %s, %s, %s"):format(percent, count, failed, speed, left),
    ("%s  %s, %s, %s"):format(percent, count, failed, left),
    ("%s  %s, %s"):format(percent, failed, left),
    ("%s  %s"):format(percent, failed),
    percent,
    "",
  }
end

--- How far a run has come, without a bar.
---@param standing heygen.command.Standing
---@return string
function progress.text(standing)
  return (wordings(standing)[1]:match "^%s*(.*)")
end

--- The line for a width: as much as there is room for.
---@param standing heygen.command.Standing
---@param width integer
---@return string
function progress.line(standing, width)
  local texts = wordings(standing)
  local room = math.min(LONGEST_BAR, width - #texts[1] - 3)
  if room >= SHORTEST_BAR then
    local full = standing.total > 0 and room * standing.done // standing.total or room
    return ("[%s%s] %s"):format(("#"):rep(full), ("."):rep(room - full), texts[1])
  end
  for _, text in ipairs(texts) do
    if #text <= width then return text end
  end
  return ""
end

---@class heygen.command.Progress
---@field standing heygen.command.Standing
---@field private clock fun(): number
---@field private columns fun(): integer
---@field private write fun(text: string)
local Progress = {}
Progress.__index = Progress

local function write_to_stderr(text)
  io.stderr:write(text)
  io.stderr:flush()
end

--- Begins to show a run.
---@param total integer
---@param surroundings { clock: function?, columns: function?, write: function? }? in place of the real ones
---@return heygen.command.Progress
function progress.new(total, surroundings)
  local self = setmetatable({
    standing = { total = total, done = 0, failed = 0, elapsed = 0 },
    clock = system.now,
    columns = terminal.columns,
    write = write_to_stderr,
    allowance = BURST,
    drawn_at = -math.huge,
    measured_at = -math.huge,
  }, Progress)
  for name, replacement in pairs(surroundings or {}) do self[name] = replacement end
  self.began_at = self.clock()
  self:draw()
  return self
end

-- Shows a text in the line's place; never an empty one, so that what is erased begins beyond the first cell.
---@private
function Progress:show(text)
  self.write(WRAP_OFF .. (text ~= "" and text or " ") .. ERASE .. "\r" .. WRAP_ON)
end

--- Draws the line now.
---@private
function Progress:draw()
  local now = self.clock()
  if now - self.measured_at >= WIDTH_INTERVAL then
    self.width, self.measured_at = self.columns(), now
  end
  self.allowance = math.min(BURST, self.allowance + (now - self.drawn_at) / INTERVAL) - 1
  self.drawn_at = now
  self.standing.elapsed = now - self.began_at
  -- The last column stays free, since some terminals go to the next row after it.
  self:show(progress.line(self.standing, self.width - 1))
end

--- One more is done. Draws the line if that is due.
---@param failed boolean
function Progress:advance(failed)
  self.standing.done = self.standing.done + 1
  if failed then self.standing.failed = self.standing.failed + 1 end
  self:tick()
end

--- Lets another line be printed in the place of this one, which then goes below.
---@param print_line fun(line: string): boolean?, string?
---@param line string
---@return boolean? fine
---@return string? problem
function Progress:above(print_line, line)
  self:clear()
  local fine, problem = print_line(line)
  if self.allowance + (self.clock() - self.drawn_at) / INTERVAL >= 1 then self:draw() end
  return fine, problem
end

--- Time has passed, and nothing else. Draws the line if that is due.
function Progress:tick()
  if self.clock() - self.drawn_at >= INTERVAL then self:draw() end
end

--- Takes the line away.
function Progress:clear()
  self:show ""
end

return progress
