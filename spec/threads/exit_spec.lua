-- The process ends while other threads of the host's start, use and close clients that make asynchronous calls.

local build = require "spec.threads.build"
local process = require "spec.support.process"
local server = require "spec.support.server"

local ROUNDS = 40

-- What is left behind at such an end is no leak, and no race of ours.
local in_time = (os.getenv "SANITIZE" or os.getenv "UNDER_VALGRIND" or os.getenv "HELGRIND") and function() end or it

describe("the end of the process", function()
  in_time("finds no thread of a client within TLS, and none begins", function()
    local service <close> = server.start { tls = true, record = false }
    local host = build()
    local command = { host, "3", "1", "spec/threads/endless.lua", service.url, service.ca_file }
    local ends = {}
    for round = 1, ROUNDS do
      local environment = { EXIT_AFTER = tostring(50 + round * 3) }
      local result = process.run(command, { environment = environment, seconds = 60 })
      ends[round] = result.signal or result.status
    end
    os.remove(host)
    for round = 1, ROUNDS do assert.equal(0, ends[round], "round " .. round) end
  end)
end)
