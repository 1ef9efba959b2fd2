--- The fault matrix: every way in which a call can go wrong, and what it comes to.
---
--- A case is a line: { name, result, attempts, … }. The result is kind and outcome, the number of attempts, and how
--- many DELETEs for its id the service saw; the attempts are what the service does, as Service:plan takes them, or a
--- function that makes that. Other members, all optional:
---
---   protocol = "HTTP"     over this one alone; else over HTTP and TLS
---   options = {…}         of the call
---   client = {…}          further options of the client
---   waits = {…}           seconds between the attempts
---   warm = true           the connection has been used before
---   flowing = true        time passes by itself, for a deadline that passes during an attempt
---   stops = true          a bulk run ends with it, where its kind alone doesn't say so
---   ends_service = true   afterwards nobody listens
---
--- and of those that can't reach the service, so that every id fares alike:
---
---   unreachable = true
---   service = {…}         options of server.start
---   connections = {…}     what is done with each connection instead of a handshake
---   base_url = function   that gives one, or nil where the system can't do it
---   proxy = {…}           options of server.proxy: the proxy that the call goes through
---
---@class spec.FaultCase
---@field [1] string
---@field [2] string
---@field [3] table|fun(): table

local cases = {}

--- The groups, in the order of a call's way.
cases.GROUPS = { "unsent", "lost", "reused", "doubtful", "answered", "limited", "echoed" }

for _, group in ipairs(cases.GROUPS) do cases[group] = require("spec.faults.cases_" .. group) end

return cases
