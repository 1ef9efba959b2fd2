--- The command heygen-delete as the specs run it: a process of its own, with a folder for its files.

local process = require "spec.support.process"

local command = {}

local function current_directory()
  local pipe <close> = assert(io.popen "pwd")
  return (pipe:read "l")
end

--- The script, by its full path.
command.PATH = current_directory() .. "/src/command/heygen-delete"

--- The key that a service knows by default.
command.KEY = "test-key"

local function environment(service, more)
  local variables = process.lua_environment()
  variables.HEYGEN_API_KEY = command.KEY
  variables.HEYGEN_API_BASE = service and service.url or false
  variables.HEYGEN_API_VERSION = false
  for name, value in pairs(more or {}) do variables[name] = value end
  return variables
end

-- The words that start it, after others that prepare something.
local function words(arguments, options, before)
  local list = { table.unpack(before) }
  table.move({ process.INTERPRETER, command.PATH }, 1, 2, #list + 1, list)
  if options.shell then list = { "sh", "-c", options.shell, "sh", table.unpack(list) } end
  return table.move(arguments, 1, #arguments, #list + 1, list)
end

---@class spec.CommandOptions
---@field stdin string?
---@field environment table<string, string|false>?
---@field shell string? a script that prepares something and then runs "$@"

--- Runs it to its end.
---@param service spec.Service?
---@param arguments string[]
---@param options spec.CommandOptions?
---@return spec.RunResult
function command.run(service, arguments, options)
  options = options or {}
  -- In a session of its own it has no terminal to ask on, whoever runs the specs.
  return process.run(words(arguments, options, { "setsid", "-w" }), {
    stdin = options.stdin,
    environment = environment(service, options.environment),
  })
end

--- Starts it in the background; signals go to itself.
---@param service spec.Service
---@param arguments string[]
---@param options spec.CommandOptions?
---@return spec.Process
function command.start(service, arguments, options)
  options = options or {}
  return process.start(words(arguments, options, {}), {
    stdin = options.stdin,
    environment = environment(service, options.environment),
  })
end

--- The environment that it runs in.
command.environment = environment

--- Makes a folder, which `remove` takes away.
---@return string path
function command.folder()
  local pipe <close> = assert(io.popen "mktemp -d")
  return (pipe:read "l")
end

---@param folder string
function command.remove(folder)
  os.execute("rm -rf " .. process.quote(folder))
end

---@param path string
---@param text string
---@return string path
function command.write(path, text)
  process.write_file(path, text)
  return path
end

---@param path string
---@return string text empty where there is no such file
function command.read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a" or ""
end

--- Ids that differ.
---@param count integer
---@return string[]
function command.ids(count)
  local ids = {}
  for number = 1, count do ids[number] = ("look-%05d"):format(number) end
  return ids
end

-- The salt of every mark in the journals that specs write.
local SALT = "5a175a17"

--- The first lines of a journal.
---@param url string the service's
---@param key string?
---@return string
function command.journal_head(url, key)
  local fingerprint = require("heygen.core").system.fingerprint(SALT, key or command.KEY)
  return ("heygen-delete journal 2 looks %s\nkey %s-%s 2026-11-27T00:00:00Z\n"):format(url, SALT, fingerprint)
end

--- A journal without what differs from run to run: times, and marks of keys.
---@param text string
---@return string
function command.timeless(text)
  return (text:gsub(" %d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ\n", "\n"):gsub("key %x+%-%x+\n", "key\n"))
end

--- The last word of a journal on each id, read without the command's own reader: "start" or an outcome.
---@param text string
---@return table<string, string>
function command.last_words(text)
  local last = {}
  for line in text:gmatch "([^\n]*)\n" do
    local verb, id, word = line:match "^(%a+) (%S+) ?(%S*)"
    if verb == "start" then last[id] = "start" elseif verb == "done" then last[id] = word end
  end
  return last
end

return command
