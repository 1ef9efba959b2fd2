-- Deletes photo avatars in plain coroutines, several at once:
--
--   HEYGEN_API_KEY=... lua5.4 spec/examples/coroutines.lua ID ...
--
-- In a coroutine an asynchronous call reads like a blocking one: await lets the others go on.

local heygen = require "heygen"

local client <close> = heygen.new()

local function delete(id)
  local request = client:delete_photo_avatar_async(id)
  local ok, body, meta = pcall(request.await, request)
  if ok then
    print(id, meta.outcome, body.code)
  else
    local err = body
    print(id, err.outcome, err.kind)
  end
end

for _, id in ipairs(arg) do coroutine.wrap(delete)(id) end

-- Poll resumes the coroutines; their errors would leave it, and the next poll goes on with the others.
while client:poll(1) > 0 do end
