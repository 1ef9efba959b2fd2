--- A program on a terminal: what it shows, keys, and another size. tmux is the terminal.

local process = require "spec.support.process"
local server = require "spec.support.server"

---@class spec.Screen
---@field private folder string
local Screen = {}
Screen.__index = Screen

local screen = {}

-- How long a screen may take to show what is waited for, in seconds.
local PATIENCE = 30

-- A preloaded library is meant for the program alone, and a user's settings for nobody here.
local TMUX = "env -u LD_PRELOAD -u TMUX tmux -S %s/socket -f /dev/null "

local function output_of(line)
  local pipe <close> = assert(io.popen(line .. " 2>&1"))
  return pipe:read "a"
end

local function write_script(path, command_line, environment)
  local file <close> = assert(io.open(path, "w"))
  for name, value in pairs(environment) do
    file:write(value and ("export %s=%s\n"):format(name, process.quote(value)) or ("unset %s\n"):format(name))
  end
  -- The shell is still there when Ctrl-C has ended the program.
  file:write("trap : INT\n", command_line, '\necho "status $?"\ntrap - INT\nexec cat\n')
end

--- Starts a program on a terminal of its own. When it has ended, the screen shows "status" and its exit status.
---@param command_line string for the shell
---@param options { columns: integer?, rows: integer?, environment: table<string, string|false> }
---@return spec.Screen
function screen.start(command_line, options)
  local folder = output_of "mktemp -d":match "[^\n]+"
  local environment = { LD_PRELOAD = os.getenv "LD_PRELOAD" or false }
  for name, value in pairs(options.environment) do environment[name] = value end
  write_script(folder .. "/script", command_line, environment)
  local self = setmetatable({ folder = folder, tmux = TMUX:format(folder) }, Screen)
  local words = self:order(("new-session -d -x %d -y %d sh %s/script"):format(
    options.columns or 100, options.rows or 24, folder))
  assert(words == "", words)
  return self
end

---@private
function Screen:order(order)
  return output_of(self.tmux .. order)
end

--- What it shows.
---@param with_colours boolean? with their escape sequences
---@return string
function Screen:text(with_colours)
  return self:order("capture-pane -p" .. (with_colours and " -e" or ""))
end

--- How many rows have gone beyond its upper edge.
---@return integer
function Screen:history()
  return math.tointeger(tonumber(self:order "display-message -p '#{history_size}'")) --[[@as integer]]
end

--- The rows that are not empty.
---@return string[]
function Screen:rows()
  local rows = {}
  for row in self:text():gmatch "[^\n]+" do rows[#rows + 1] = row end
  return rows
end

--- Presses keys, as tmux names them.
---@param ... string such as "y", "Enter", "C-c"
function Screen:press(...)
  self:order("send-keys " .. table.concat({ ... }, " "))
end

---@param columns integer
function Screen:resize(columns)
  self:order(("resize-window -x %d"):format(columns))
end

--- Waits until the screen shows a pattern.
---@param pattern string
---@return string text what it shows then
function Screen:await(pattern)
  local text
  local fine = pcall(server.eventually, function()
    text = self:text()
    return text:find(pattern)
  end, PATIENCE)
  if not fine then error(("no '%s' on the screen:\n%s"):format(pattern, text), 2) end
  return text
end

function Screen:close()
  self:order "kill-server"
  os.execute("rm -rf " .. process.quote(self.folder))
end

Screen.__close = Screen.close

return screen
