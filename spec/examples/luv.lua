-- Deletes photo avatars in a luv loop (libuv), beside whatever else that loop does:
--
--   HEYGEN_API_KEY=... lua5.4 spec/examples/luv.lua ID ...
--
-- The client's descriptor is readable while poll has work. So nothing polls in vain.

local heygen = require "heygen"
local uv = require "luv"

local client <close> = heygen.new()

for _, id in ipairs(arg) do
  client:delete_photo_avatar_async(id, function(body, result)
    print(id, result.outcome, body and body.code or result.kind)
  end)
end

local ticks = 0
local timer = assert(uv.new_timer())
timer:start(0, 10, function() ticks = ticks + 1 end)

local watcher = assert(uv.new_poll(client:pollfd()))

-- With nothing left to wait for, the loop ends. Before the client is closed the watcher has to go.
local function deliver()
  if client:poll() == 0 then
    watcher:close()
    timer:close()
  end
end

watcher:start(client:events(), deliver)
deliver() -- with no ids there is nothing to wait for from the start

uv.run()
print(("the loop's timer ticked %d times meanwhile"):format(ticks))
