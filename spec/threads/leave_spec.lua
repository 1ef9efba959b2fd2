-- Lua states that close, and processes that end, with everything in use and calls in flight: leave.lua has the places.
-- The sanitizers of addresses, leaks and threads and memcheck look on where `make sanitize`, `make races` and
-- `make valgrind` run this.

local build = require "spec.threads.build"
local process = require "spec.support.process"
local server = require "spec.support.server"

local SCRIPT = "spec/threads/leave.lua"

-- A checker is slow: each place once is enough for it, and memcheck sees processes end in these places alone.
local in_memcheck = os.getenv "UNDER_VALGRIND"
local STATES = (os.getenv "SANITIZE" or in_memcheck) and 15 or 100
local FOR_MEMCHECK = { ["a finalizer"] = true, ["a callback"] = true, ["on_result"] = true }

-- Helgrind is for threads_spec.lua.
local in_time = os.getenv "HELGRIND" and function() end or it

local service, host

setup(function()
  service = server.start { tls = true, record = false }
  service:plan("slow", { always = { { sleep = 0.1 }, { answer = true } } })
  for _, id in ipairs { "hanging", "hanging-too", "hanging-1", "hanging-2", "hanging-3" } do
    service:plan(id, { always = { { hang = true } } })
  end
  host = build()
end)
teardown(function()
  os.remove(host)
  service:stop()
end)

local ENVIRONMENT = {
  LD_PRELOAD = false, -- a sanitizer that is linked in needs no preloading
  ASAN_OPTIONS = "detect_leaks=1",
  LSAN_OPTIONS = (os.getenv "LSAN_OPTIONS" or "") .. ":print_suppressions=0",
}

local function run(threads, states, place, ending)
  local command = { host, threads, states, SCRIPT, service.url, service.ca_file, place, ending }
  for position, word in ipairs(command) do command[position] = tostring(word) end
  local result = process.run(command, { environment = ENVIRONMENT, seconds = 600 })
  assert.equal("", result.stderr)
  assert.is_nil(result.signal)
  assert.equal(0, result.status)
  return result.stdout
end

local function places()
  local pipe = assert(io.popen(("%s %s 0 '' '' list"):format(process.INTERPRETER, SCRIPT)))
  local names = {}
  for name in pipe:lines() do names[#names + 1] = name end
  assert(pipe:close())
  return names
end

describe("with everything in use and calls in flight", function()
  in_time("a host closes one Lua state after another, and nothing is left", function()
    assert.equal("+0 descriptors, +0 threads\n", run(1, STATES, "each", "return"))
  end)

  if not in_memcheck then
    in_time("it does so in several threads at once", function()
      assert.equal("+0 descriptors, +0 threads\n", run(4, STATES // 4, "each", "return"))
    end)
  end

  for _, place in ipairs(places()) do
    if not in_memcheck or FOR_MEMCHECK[place] then
      in_time("a process ends in " .. place, function() assert.equal("", run(1, 1, place, "exit")) end)
    end
  end
end)
