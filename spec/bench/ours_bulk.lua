-- A bulk run of this module, its ids from an iterator.

local ours = require "spec.bench.ours"
local task = require "spec.bench.task"

local given = task.read()
local client <close> = ours.client(given)

task.time(ours.delete(client, given.prefix .. 0), function()
  return client:delete_photo_avatars(task.ids(given)).deleted
end)
