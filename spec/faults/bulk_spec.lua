-- The fault matrix through bulk runs: one id meets the fault, healthy ones come before it and after it, and every one
-- of them is in exactly one count.

local heygen = require "heygen"
local matrix = require "spec.faults.matrix"

-- Kinds after which the rest of a run would fare no better.
local STOPPING = { unauthorized = true, quota_exceeded = true, retired = true, redirect = true }

local IDS = { "first", "avatar", "last" }

-- What the ids come to, in their order.
local function fates_of(case)
  local kind, outcome = case[2]:match "^(%S+) (%S+)"
  local stops = STOPPING[kind] or case.stops or false
  local fates = { "deleted", outcome, "deleted" }
  if case.unreachable then fates = { outcome, outcome, outcome } end
  if case.ends_service then fates[3] = "not_deleted" end
  if stops then
    for position = case.unreachable and 2 or 3, 3 do fates[position] = "not_attempted" end
  end
  return fates, stops
end

local COUNTS = { "not_attempted", "duplicates", table.unpack(heygen.outcomes) }

local function check_report(fault, report)
  local fates, stops = fates_of(fault.case)
  local expected, actual = { total = #IDS }, { total = report.total }
  for _, name in ipairs(COUNTS) do expected[name], actual[name] = 0, report[name] end
  for _, fate in ipairs(fates) do expected[fate] = expected[fate] + 1 end
  assert.same(expected, actual)
  assert.equal(stops, report.stopped ~= nil)
end

describe("a bulk run with", function()
  matrix.each(describe, it, pending, function(fault)
    local options = { max_concurrency = 1 }
    for name, value in pairs(fault.options) do options[name] = value end
    local report = fault.client:delete_photo_avatars(IDS, options)
    check_report(fault, report)
    -- One that nobody can reach stands for all.
    if fault.case.unreachable then fault.id = IDS[1] end
    local result = report.results[fault.id]
    matrix.check(fault, result.body, result.err or result.meta)
  end)
end)
