--- The terminal, where there is one: how wide it is, its colours, and questions.

local system = require("heygen.core").system

local terminal = {}

local COLOURS = { red = 31, green = 32, yellow = 33 }
local DEFAULT_COLUMNS = 80

--- Whether a file descriptor is a terminal's.
---@param descriptor integer 0, 1 or 2
---@return boolean
function terminal.is_terminal(descriptor)
  return system.is_terminal(descriptor)
end

--- Whether a terminal knows what to do with escape sequences.
---@return boolean
function terminal.is_capable()
  local name = os.getenv "TERM" or ""
  return name ~= "" and name ~= "dumb"
end

--- The width of a terminal, at this moment.
---@param descriptor integer? by default standard error's
---@return integer columns 80 where it can't be known
function terminal.columns(descriptor)
  return system.columns(descriptor or 2) or DEFAULT_COLUMNS
end

--- Whether colours are wanted on a file descriptor.
---@param descriptor integer 1 or 2
---@return boolean
function terminal.is_colourful(descriptor)
  return (os.getenv "NO_COLOR" or "") == "" and terminal.is_capable() and terminal.is_terminal(descriptor)
end

---@param text string
---@param colour "red"|"green"|"yellow"
---@return string
function terminal.paint(text, colour)
  return ("\27[%dm%s\27[0m"):format(COLOURS[colour], text)
end

--- Takes out of a text what a terminal would obey: the service's words, and a file's, are not to move its cursor.
---@param text string
---@return string
function terminal.printable(text)
  return system.printable(text)
end

--- Asks on the terminal, wherever standard input and output go.
---@param question string
---@return boolean? yes nil without a terminal
function terminal.ask(question)
  local answers <close> = io.open("/dev/tty", "r")
  local questions <close> = io.open("/dev/tty", "w")
  if not (answers and questions) then return nil end
  questions:write(question, " [y/N] ")
  questions:flush()
  local answer = (answers:read "l" or ""):lower()
  return answer == "y" or answer == "yes"
end

--- Asks on the terminal for what nobody may read over a shoulder.
---@param question string
---@return string? answer nil without a terminal
function terminal.ask_secret(question)
  return system.ask_secret(question)
end

return terminal
