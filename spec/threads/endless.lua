-- Asynchronous calls over new TLS connections without end: host.c exits in the midst of them.

local _, url, ca_file = ...
local heygen = require "heygen"

while true do
  local client = heygen.new { api_key = "test-key", base_url = url, ca_file = ca_file }
  for number = 1, 4 do pcall(client.delete_photo_avatar_async, client, "id-" .. number) end
  client:poll(0.002)
  client:close()
end
