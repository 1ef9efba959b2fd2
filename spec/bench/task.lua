--- What every program of the benchmark in Lua is told, and how it answers.

local socket = require "socket"

local task = {}

---@class bench.Task
---@field base_url string
---@field prefix string ids are PREFIX0, which is not timed, to PREFIX<count>
---@field count integer
---@field concurrency integer
---@field ca_file string? nil for the system's

--- Reads the arguments of this program.
---@return bench.Task
function task.read()
  local base_url, prefix, count, concurrency, ca_file = table.unpack(arg)
  return {
    base_url = base_url,
    prefix = prefix,
    count = math.tointeger(count),
    concurrency = math.tointeger(concurrency),
    ca_file = ca_file ~= "" and ca_file or nil,
  }
end

--- Seconds by a clock.
task.now = socket.gettime

--- Times a function that returns how many it has deleted, and prints that, the seconds of the processor and of time.
---@param before integer how many were deleted before the clocks were started
---@param run fun(): integer
function task.time(before, run)
  local cpu, start = os.clock(), task.now()
  local deleted = run()
  print(("%d %.9f %.9f"):format(before + deleted, os.clock() - cpu, task.now() - start))
end

--- Ids by number: an iterator.
---@param given bench.Task
---@return fun(): string?
function task.ids(given)
  local number = 0
  return function()
    number = number + 1
    if number <= given.count then return given.prefix .. number end
  end
end

return task
