-- Many Lua states in several threads at once. `make races` runs this with the thread sanitizer, and under helgrind.

local build = require "spec.threads.build"
local process = require "spec.support.process"
local server = require "spec.support.server"

local THREADS, STATES = 8, 25

-- How many helgrind is to watch, such as "4 2"; it takes some three seconds for each state.
local helgrind_threads, helgrind_states = (os.getenv "HELGRIND" or ""):match "^(%d+) (%d+)$"

-- The longest that a run may take, in seconds.
local PATIENCE = 3600

local service, host

setup(function()
  service = server.start { tls = true }
  service:plan("hanging", { always = { { hang = true } } })
  host = build()
end)
teardown(function()
  os.remove(host)
  service:stop()
end)

before_each(function() service:reset_record() end)

local function run(tool, threads, states)
  local command = { table.unpack(tool) }
  for _, word in ipairs { host, threads, states, "spec/threads/work.lua", service.url, service.ca_file } do
    command[#command + 1] = tostring(word)
  end
  -- A sanitizer that is linked in needs no preloading.
  local result = process.run(command, { environment = { LD_PRELOAD = false }, seconds = PATIENCE })
  assert.equal("", result.stderr)
  assert.is_nil(result.signal)
  assert.equal(0, result.status)
  -- 7 and a bulk run of 10 for each state, and some of those that hang.
  local healthy = service:deletes() - service:deletes "hanging"
  assert.equal(17 * threads * states, healthy)
end

describe("in several threads at once", function()
  it("many Lua states work, each with clients of its own", function()
    run({}, THREADS, STATES)
  end)

  if helgrind_threads then
    it("they do so without a race that helgrind knows of", function()
      run({
        "valgrind", "--quiet", "--tool=helgrind", "--error-exitcode=99",
        "--suppressions=spec/threads/helgrind.supp",
      }, helgrind_threads, helgrind_states)
    end)
  end
end)
