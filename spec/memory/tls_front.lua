--- TLS before the loopback service, by nginx. The service speaks TLS itself, but LuaSec's sending can go round forever
--- once a client has gone away in the midst of a handshake's last messages, as a client without memory does.

local certificates = require "spec.support.certificates"
local process = require "spec.support.process"
local socket = require "socket"

local tls_front = {}

-- An orphan's longest life, and how long a start may take, in seconds.
local LIFETIME, PATIENCE = 3600, 20

local CONFIGURATION = [[
daemon off;
master_process off;
pid FOLDER/pid;
error_log FOLDER/error.log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path FOLDER/temporary;
  proxy_temp_path FOLDER/temporary;
  fastcgi_temp_path FOLDER/temporary;
  uwsgi_temp_path FOLDER/temporary;
  scgi_temp_path FOLDER/temporary;
  proxy_next_upstream off;
  server {
    listen 127.0.0.1:PORT ssl;
    ssl_certificate CERTIFICATE;
    ssl_certificate_key KEY;
    location / { proxy_pass SERVICE; }
  }
}
]]

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return math.tointeger(tonumber(port))
end

local function write_file(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

local function wait_for(port)
  local limit = socket.gettime() + PATIENCE
  repeat
    local connection = socket.connect("127.0.0.1", port)
    if connection then return connection:close() end
    socket.sleep(0.01)
  until socket.gettime() > limit
  error "nginx does not start"
end

---@class spec.memory.TlsFront
---@field url string
---@field ca_file string

--- Starts it; it ends with this Lua state.
---@param service_url string
---@return spec.memory.TlsFront
function tls_front.start(service_url)
  local issued = certificates.new()
  local valid = issued:issue "valid"
  local folder = process.run({ "mktemp", "-d" }).stdout:match "[^\n]+"
  local port = free_port()
  local values = {
    FOLDER = folder, PORT = port, SERVICE = service_url, CERTIFICATE = valid.certificate, KEY = valid.key,
  }
  write_file(folder .. "/nginx.conf", (CONFIGURATION:gsub("%u[%u_]+", values)))
  local script = "PATH=$PATH:/usr/sbin; exec timeout $1 nginx -e $0/error.log -p $0 -c $0/nginx.conf"
  local command = { "sh", "-c", script, folder, tostring(LIFETIME) }
  local nginx = process.start(command, { environment = { LD_PRELOAD = false } })
  local function finish()
    nginx:signal "TERM"
    nginx:wait()
    issued:remove()
    process.run { "rm", "-r", folder }
  end
  wait_for(port)
  return setmetatable({ url = "https://127.0.0.1:" .. port, ca_file = issued.ca_file }, { __gc = finish })
end

return tls_front
