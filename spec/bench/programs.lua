--- What is measured: this module, the limit, and the peers. Each program is run in a process of its own, and counts
--- only if the service has seen every deletion that was asked of it, once.

local process = require "spec.support.process"

local programs = {}

local FOLDER = assert(package.searchpath("spec.bench.programs", package.path)):match "^(.*)programs%.lua$"

-- Enough for a million ids on a slow machine, in seconds.
local RUN_LIMIT = 1800

-- Where Debian has the authorities, as a bundle and as hashed files.
local SYSTEM_AUTHORITIES = "/etc/ssl/certs"
local BUNDLE = "ca-certificates.crt"

-- What an experiment may need, and how to see that it is here.
local NEEDS = {
  valgrind = { "valgrind", "--version" },
  ["ca-certificates"] = { "test", "-f", SYSTEM_AUTHORITIES .. "/" .. BUNDLE },
  ["unshare --mount"] = {
    "unshare", "--mount", "--map-root-user", "mount", "--bind", SYSTEM_AUTHORITIES, SYSTEM_AUTHORITIES,
  },
}

local function succeeds(...)
  return process.run({ ... }).status == 0
end

--- The first of these needs that this machine does not meet, or nil.
---@param ... "valgrind"|"ca-certificates"|"unshare --mount"
---@return string?
function programs.missing(...)
  for _, need in ipairs { ... } do
    if not succeeds(table.unpack(NEEDS[need])) then return need end
  end
end

-- A folder of Python's packages may belong to another interpreter than the first that is found.
local function python_with(package)
  for _, interpreter in ipairs { "python3", "/usr/bin/python3" } do
    if succeeds(interpreter, "-c", "import " .. package) then return interpreter end
  end
end

local function lua_script(name)
  return { process.INTERPRETER, FOLDER .. name .. ".lua" }
end

local function compiled(name)
  return { assert(os.getenv "BUILD", "BUILD is not set: use `make bench`") .. "/bench/" .. name }
end

---@class bench.Program
---@field name string as the table has it
---@field command string[]? nil when something that it needs is missing
---@field environment table<string, string>?
---@field most integer? deletions of a run; more would only take longer
---@field is_whole boolean? it is measured with its start, which no deletion is to be charged with

--- This module's and the limit's programs.
---@param kind "blocking"|"bulk"|"frames"
---@return bench.Program ours
---@return bench.Program limit
function programs.pair(kind)
  return { name = "ours", command = lua_script("ours_" .. kind) },
    { name = "the limit", command = compiled("limit_" .. kind) }
end

--- The program that states the memory of this module.
---@return bench.Program
function programs.memory()
  return { name = "ours", command = lua_script "ours_memory" }
end

-- Peers: the calls that they are measured with, and what finds their command, or nothing. The curl command is measured
-- from outside. What a process for each call costs shows after a few; the one process of many calls is to be charged
-- for these alone.
local PEERS = {
  { name = "LuaSocket, LuaSec", one = true, find = function() return lua_script "peer_luasocket" end },
  { name = "requests", one = true, find = function()
    local python = python_with "requests"
    return python and { python, FOLDER .. "peer_requests.py" }
  end },
  { name = "aiohttp", many = true, find = function()
    local python = python_with "aiohttp"
    return python and { python, FOLDER .. "peer_aiohttp.py" }
  end },
  { name = "fetch", one = true, many = true, find = function()
    return succeeds("node", "-e", "fetch") and { "node", FOLDER .. "peer_fetch.mjs" }
  end },
  { name = "curl", one = true, many = true, most = 100, is_whole = true, find = function()
    return succeeds("curl", "--version") and { "sh", FOLDER .. "peer_curl.sh", compiled("measure")[1] }
  end },
}

--- The peers for calls one after another, or for many at once.
---@param service bench.Nginx
---@param how "one"|"many"
---@return bench.Program[]
function programs.peers(service, how)
  local found = {}
  for _, peer in ipairs(PEERS) do
    if peer[how] then
      -- Node takes an authority from the environment alone.
      local environment = { NODE_EXTRA_CA_CERTS = service.ca_file }
      found[#found + 1] = {
        name = peer.name,
        command = peer.find() or nil,
        environment = environment,
        most = how == "one" and peer.most or nil,
        is_whole = how == "many" and peer.is_whole,
      }
    end
  end
  return found
end

---@class bench.Bench
---@field service bench.Nginx
---@field private runs integer
local Bench = {}
Bench.__index = Bench

---@param service bench.Nginx
---@return bench.Bench
function programs.bench(service)
  return setmetatable({ service = service, runs = 0 }, Bench)
end

local function checked(program, result)
  assert(result.status == 0, ("%s: %s%s"):format(program.name, result.stdout, result.stderr))
  return result
end

-- No two runs delete the same ids.
function Bench:next_prefix()
  self.runs = self.runs + 1
  return ("run%d-"):format(self.runs)
end

---@class bench.Workload
---@field url string
---@field count integer
---@field concurrency integer
---@field ca_file string?

local function joined(...)
  local all = {}
  for _, words in ipairs { ... } do table.move(words, 1, #words, #all + 1, all) end
  return all
end

-- Runs a program to its end, `under` another or none: the numbers of its last line, and its result.
function Bench:run(program, workload, expected, under)
  local prefix = self:next_prefix()
  local command = joined(under or {}, program.command, {
    workload.url, prefix, tostring(workload.count), tostring(workload.concurrency), workload.ca_file or "",
  })
  local result = checked(program, process.run(command, { environment = program.environment, seconds = RUN_LIMIT }))
  self.service:check(prefix, expected)
  local numbers = {}
  for number in result.stdout:match("([^\n]*)\n*$"):gmatch "[%d.e+-]+" do numbers[#numbers + 1] = tonumber(number) end
  assert(numbers[1] == expected, ("%s says that it deleted %s of %d"):format(program.name, numbers[1], expected))
  return numbers, result
end

local function altered(workload, changes)
  return setmetatable(changes, { __index = workload })
end

--- The seconds of the processor and of time that a deletion takes.
---@param program bench.Program
---@param workload bench.Workload
---@return { cpu: number, wall: number }
function Bench:cost(program, workload)
  local count = math.min(workload.count, program.most or workload.count)
  -- A run of none but the warm-up.
  local start = program.is_whole and self:run(program, altered(workload, { count = 0 }), 1) or { 1, 0, 0 }
  local numbers = self:run(program, altered(workload, { count = count }), count + 1)
  return { cpu = (numbers[2] - start[2]) / count, wall = (numbers[3] - start[3]) / count }
end

--- The time that frames took, in seconds: the 99th percentile, the 99.9th, and the longest; and how many there were.
--- The authorities are the system's, with the service's behind them.
---@param program bench.Program
---@param workload bench.Workload
---@return { permille_990: number, permille_999: number, longest: number, count: integer }
function Bench:frames(program, workload)
  local heavy = altered(workload, { ca_file = self:authorities() .. "/" .. BUNDLE })
  local numbers = self:run(program, heavy, heavy.count + 1)
  return { permille_990 = numbers[2], permille_999 = numbers[3], longest = numbers[4], count = numbers[5] }
end

--- What the memory program states, in KiB.
---@param program bench.Program
---@param workload bench.Workload
---@return { loaded: number, first: number, client: number, request: number, growth: number }
function Bench:memory(program, workload)
  local clients = 21 -- the first, and those that the program makes to divide by
  local numbers = self:run(program, workload, workload.count + clients + workload.concurrency)
  return { loaded = numbers[2], first = numbers[3], client = numbers[4], request = numbers[5], growth = numbers[6] }
end

--- Instructions of a deletion by callgrind: those of so many more, so that what comes once falls out.
---@param program bench.Program
---@param workload bench.Workload
---@return { instructions: number }
function Bench:instructions(program, workload)
  local counted = {}
  for times = 1, 2 do
    local more = altered(workload, { count = workload.count * times })
    local valgrind = { "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null" }
    local _, result = self:run(program, more, more.count + 1, valgrind)
    counted[times] = tonumber(result.stderr:match "Collected : (%d+)")
  end
  return { instructions = (counted[2] - counted[1]) / workload.count }
end

--- The folder of a copy of the system's authorities that knows the service's too, in the way that Debian keeps them.
---@return string
function Bench:authorities()
  local folder = self.service.folder .. "/authorities"
  if not self.has_authorities then
    checked({ name = "openssl" }, process.run { "sh", "-ec", [[
      cp -a "$1" "$2" && cp "$3" "$2/bench.pem" && cat "$3" >>"$2/$4"
      ln -s bench.pem "$2/$(openssl x509 -hash -noout -in "$3").0"
    ]], "sh", SYSTEM_AUTHORITIES, folder, self.service.ca_file, BUNDLE })
    self.has_authorities = true
  end
  return folder
end

--- The seconds of the processor that a whole process takes which deletes one avatar over TLS, the system trusting the
--- service's authority. `command` makes the command from the service's URL and an id.
---@param command fun(url: string, id: string): string[]
---@return { cpu: number }
function Bench:first_call(command)
  local prefix = self:next_prefix()
  local under = {
    "unshare", "--mount", "--map-root-user", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"',
    self:authorities(), SYSTEM_AUTHORITIES, compiled("measure")[1],
  }
  local words = command(self.service.tls_url, prefix .. "0")
  local result = checked({ name = words[1] }, process.run(joined(under, words)))
  self.service:check(prefix, 1)
  return { cpu = tonumber(result.stdout:match "measured ([%d.]+)") }
end

--- The two commands of `first_call`.
programs.first_calls = {
  ours = function(url, id)
    return joined(lua_script "ours_first", { url, id })
  end,
  curl = function(url, id)
    return { "curl", "-sS", "-X", "DELETE", "-H", "x-api-key: bench-key", url .. "/v2/photo_avatar/" .. id }
  end,
}

return programs
