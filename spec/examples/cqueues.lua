-- Deletes photo avatars in a cqueues loop, beside whatever else that loop does:
--
--   HEYGEN_API_KEY=... lua5.4 spec/examples/cqueues.lua ID ...
--
-- cqueues can poll the client itself. Its coroutines are resumed by cqueues alone: they wait for a condition that the
-- callback signals, in the place of await.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local heygen = require "heygen"

local client <close> = heygen.new()

local loop = cqueues.new()
local left, ticks = #arg, 0

local function delete(id)
  local finished = condition.new()
  local request = client:delete_photo_avatar_async(id, function()
    left = left - 1
    finished:signal()
  end)
  finished:wait()
  return request:result()
end

for _, id in ipairs(arg) do
  loop:wrap(function()
    local body, result = delete(id)
    print(id, result.outcome, body and body.code or result.kind)
  end)
end

loop:wrap(function()
  while left > 0 do
    cqueues.poll(client)
    client:poll()
  end
end)

loop:wrap(function()
  while left > 0 do
    ticks = ticks + 1
    cqueues.sleep(0.01)
  end
end)

assert(loop:loop())
print(("the loop's timer ticked %d times meanwhile"):format(ticks))
