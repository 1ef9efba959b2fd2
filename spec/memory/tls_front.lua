--- TLS before the loopback service, by nginx. The service speaks TLS itself, but LuaSec's sending can go round forever
--- once a client has gone away in the midst of a handshake's last messages, as a client without memory does.

local nginx = require "spec.support.nginx"

local tls_front = {}

-- An orphan's longest life, in seconds.
local LIFETIME = 3600

local MAIN = "events { worker_connections 256; }"

local HTTP = [[
  access_log off;
  proxy_next_upstream off;
  server {
    listen 127.0.0.1:PORT ssl;
    location / { proxy_pass SERVICE; }
  }
]]

---@class spec.memory.TlsFront
---@field url string
---@field ca_file string

--- Starts it; it ends with this Lua state.
---@param service_url string
---@return spec.memory.TlsFront
function tls_front.start(service_url)
  local front = nginx.start {
    main = MAIN, http = HTTP, values = { SERVICE = service_url }, ports = { "PORT" }, lifetime = LIFETIME,
  }
  local function finish() front:stop() end
  return setmetatable({ url = "https://127.0.0.1:" .. front.ports.PORT, ca_file = front.ca_file }, { __gc = finish })
end

return tls_front
