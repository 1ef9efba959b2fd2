--- Other programs: run to the end with a time limit, or started in the background and sent signals.

local socket = require "socket"

local process = {}

--- The interpreter that runs scripts.
process.INTERPRETER = "lua5.4"

-- `make valgrind` runs the specs' own children under it, too: interpreters and hosts, not the system's programs.
local CHECKER = os.getenv "UNDER_VALGRIND"

-- How often a background process is looked at, and how long a run may take by default, in seconds.
local GLANCE = 0.005
local RUN_LIMIT = CHECKER and 600 or 60

---@class spec.RunOptions
---@field environment table<string, string|false>? added to the inherited one; false takes a variable away
---@field stdin string?
---@field directory string?
---@field seconds number? the time limit, by default 60, under valgrind 600 (of run alone)

---@class spec.RunResult
---@field stdout string
---@field stderr string
---@field status integer? the exit status
---@field signal integer? the signal that ended it
---@field timed_out boolean
---@field elapsed number seconds

--- Quotes a text for the shell.
---@param text string
---@return string
function process.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Makes a file, or writes it anew.
---@param path string
---@param text string
function process.write_file(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

local function take_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  os.remove(path)
  return text
end

local function temporary_files(input)
  local base = os.tmpname()
  local files = { stdin = base, stdout = base .. ".out", stderr = base .. ".err" }
  process.write_file(files.stdin, input or "")
  process.write_file(files.stdout, "")
  process.write_file(files.stderr, "")
  return files
end

-- The shell's part: everything up to the command itself, which then takes the shell's place.
local function preparation(options, files)
  local lines = {
    ("exec <%s >%s 2>%s"):format(process.quote(files.stdin), process.quote(files.stdout), process.quote(files.stderr)),
  }
  if options.directory then lines[#lines + 1] = "cd " .. process.quote(options.directory) end
  for name, value in pairs(options.environment or {}) do
    lines[#lines + 1] = value and ("export %s=%s"):format(name, process.quote(value)) or "unset " .. name
  end
  return table.concat(lines, "\n")
end

local function quoted(command)
  local words = {}
  for position, word in ipairs(command) do words[position] = process.quote(word) end
  local is_own = command[1] == process.INTERPRETER or command[1]:find("^/")
  if CHECKER and is_own then table.insert(words, 1, CHECKER) end
  return table.concat(words, " ")
end

local function result_of(files, how, code, started_at)
  local stdout, stderr = take_file(files.stdout), take_file(files.stderr)
  os.remove(files.stdin)
  return {
    stdout = stdout,
    stderr = stderr,
    status = how == "exit" and code or nil,
    signal = how == "signal" and code or nil,
    elapsed = socket.gettime() - started_at,
  }
end

--- Runs a command to its end.
---@param command string[] the program and its arguments
---@param options spec.RunOptions?
---@return spec.RunResult
function process.run(command, options)
  options = options or {}
  local limit = options.seconds or RUN_LIMIT
  local files = temporary_files(options.stdin)
  local script = ("%s\nexec timeout -s KILL %g %s"):format(preparation(options, files), limit, quoted(command))
  local started_at = socket.gettime()
  local _, how, code = os.execute(script)
  local result = result_of(files, how, code, started_at)
  result.timed_out = result.elapsed >= limit
  return result
end

---@class spec.Process
---@field pid integer
---@field private pipe file*
---@field private files table<string, string>
---@field private started_at number
local Process = {}
Process.__index = Process

--- Starts a command in the background. It must be waited for.
---@param command string[]
---@param options spec.RunOptions?
---@return spec.Process
function process.start(command, options)
  options = options or {}
  local files = temporary_files(options.stdin)
  -- The pipe carries the process id; the command itself writes to files.
  local script = ("echo $$\n%s\nexec %s"):format(preparation(options, files), quoted(command))
  local started_at = socket.gettime()
  local pipe = assert(io.popen(script))
  local pid = assert(math.tointeger(tonumber(pipe:read("l"))))
  return setmetatable({ pid = pid, pipe = pipe, files = files, started_at = started_at }, Process)
end

--- Sends a signal.
---@param name string such as "INT" or "KILL"
function Process:signal(name)
  assert(os.execute(("kill -%s %d"):format(name, self.pid)))
end

--- What the process has written so far.
---@param which "stdout"|"stderr"
---@return string
function Process:output(which)
  local file <close> = assert(io.open(self.files[which], "rb"))
  return file:read("a")
end

-- Not reaped before it is waited for, a process that has ended shows as a zombie.
local function has_ended(pid)
  local file = io.open(("/proc/%d/stat"):format(pid))
  if not file then return true end
  local state = file:read("a"):match("%) (%a)")
  file:close()
  return state == "Z" or state == nil
end

--- Whether it has ended; it must still be waited for.
---@return boolean
function Process:has_ended()
  return has_ended(self.pid)
end

--- Waits until a child has ended, and kills it when the time is over.
---@param pid integer
---@param seconds number
---@return boolean in_time
function process.outlast(pid, seconds)
  local limit = socket.gettime() + seconds
  local in_time = true
  while not has_ended(pid) do
    if in_time and socket.gettime() > limit then
      in_time = false
      os.execute(("kill -KILL %d"):format(pid))
    end
    socket.sleep(GLANCE)
  end
  return in_time
end

--- Waits for the end, and kills the process when the time is over.
---@param seconds number?
---@return spec.RunResult
function Process:wait(seconds)
  local timed_out = not process.outlast(self.pid, seconds or RUN_LIMIT)
  local _, how, code = self.pipe:close()
  local result = result_of(self.files, how, code, self.started_at)
  result.timed_out = timed_out
  return result
end

local function current_directory()
  local pipe <close> = assert(io.popen("pwd"))
  return (pipe:read("l"))
end

--- LUA_PATH and LUA_CPATH of this process with absolute folders, so that a child finds the same modules from anywhere.
---@return table<string, string>
function process.lua_environment()
  local here = current_directory()
  local environment = {}
  for _, name in ipairs { "LUA_PATH", "LUA_CPATH" } do
    local path = os.getenv(name .. "_5_4") or os.getenv(name)
    if path then
      local absolute = {}
      for template in (path .. ";"):gmatch("([^;]*);") do
        local is_relative = template ~= "" and not template:find("^/")
        absolute[#absolute + 1] = is_relative and here .. "/" .. template:gsub("^%./", "") or template
      end
      environment[name .. "_5_4"] = table.concat(absolute, ";")
    end
  end
  return environment
end

return process
