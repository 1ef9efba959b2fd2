--- CONNECT, as a forward proxy does it: bytes both ways until one side ends.

local socket = require "socket"
local stream = require "spec.support.stream"

local tunnel = {}

local function copy(from, to)
  while true do
    local data = from:read()
    if not data or not to:write(data) then break end
  end
  from:close()
  to:close()
end

--- Answers a CONNECT request and carries the bytes. Whatever name the client asks for, the other end is 127.0.0.1.
---@param loop spec.Loop
---@param client spec.Stream
---@param request spec.Request
function tunnel.run(loop, client, request)
  local port = request.path:match(":(%d+)$")
  local target = socket.tcp()
  if request.method ~= "CONNECT" or not port or not target:connect("127.0.0.1", tonumber(port)) then
    target:close()
    client:write("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
    return client:close()
  end
  local upstream <close> = stream.new(loop, target)
  client:write("HTTP/1.1 200 Connection established\r\n\r\n")
  -- A closed stream ends both directions, so the second task needs no owner of its own.
  loop:spawn(upstream, copy, upstream, client)
  copy(client, upstream)
end

return tunnel
