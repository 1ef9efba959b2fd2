-- Memory runs out at every allocation in turn: in Lua, and in C under libcurl and cJSON. `make sweep` does it under TLS
-- too, which takes minutes.

local process = require "spec.support.process"
local scenarios = require "spec.memory.scenarios"

local FAULTS = assert(package.searchpath("heygen_faults", package.cpath))
local preloaded = os.getenv "LD_PRELOAD" or ""
local under_sanitizer = preloaded ~= "" and not os.getenv "UNDER_VALGRIND"

-- A sweep under TLS is a matter of minutes, and under valgrind of half an hour.
local SECONDS = 7200

-- A sanitizer can't start a thread without memory; valgrind can.
local function is_possible(scenario)
  return not (under_sanitizer and scenario.threaded)
end

-- The sweep itself looks for leaks; a sanitizer would take the dynamic loader's blocks for some.
local ENVIRONMENT = {
  LD_PRELOAD = FAULTS .. " " .. preloaded,
  ASAN_OPTIONS = "verify_asan_link_order=0:detect_leaks=0",
}

local function sweep(name, tls)
  local command = { process.INTERPRETER, "spec/memory/sweep.lua", name, tls }
  local result = process.run(command, { environment = ENVIRONMENT, seconds = SECONDS })
  assert.is_nil(result.signal)
  assert.equal(0, result.status, result.stderr)
  -- The library is at work: there were allocations to fail.
  assert.is_true(tonumber(result.stdout) > 0)
end

describe("without memory, while", function()
  for _, scenario in ipairs(scenarios {}) do
    local run = is_possible(scenario) and it or pending
    run(scenario.name .. ", nothing wrong is said, nothing leaks, and the next call works", function()
      sweep(scenario.name)
    end)
    if scenario.tls and os.getenv "SWEEP_TLS" then
      run(scenario.name .. ", the same under TLS", function() sweep(scenario.name, "tls") end)
    end
  end
end)
