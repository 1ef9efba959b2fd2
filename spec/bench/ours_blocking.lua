-- Blocking calls of this module, on one kept connection.

local ours = require "spec.bench.ours"
local task = require "spec.bench.task"

local given = task.read()
local client <close> = ours.client(given)

task.time(ours.delete(client, given.prefix .. 0), function()
  local deleted = 0
  for number = 1, given.count do deleted = deleted + ours.delete(client, given.prefix .. number) end
  return deleted
end)
