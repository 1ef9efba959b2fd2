--- The service of the benchmark: nginx on loopback ports, which answers every deletion and logs it.
---
--- Below /delayed an answer takes 50 ms longer, and below /held three seconds.

local program = require "spec.support.nginx"
local socket = require "socket"

local nginx = {}

--- True when there is an nginx to start.
nginx.is_present = program.is_present

--- What is added below /delayed, in seconds.
nginx.DELAY = 0.05

--- How long the log may lag behind, in seconds.
nginx.PATIENCE = 10

-- For a driver that is killed, in seconds.
local LIFETIME = 7200

local MAIN = [[
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
]]

-- A location that finds nobody's password in an empty file takes its time to refuse, and the refusal is then answered
-- like anything else: so nginx itself can wait. One kept connection lasts for the whole of a program.
local HTTP = [[
  log_format deletions "$status $request_method $request_uri";
  access_log FOLDER/access.log deletions;
  keepalive_requests 100000000;
  keepalive_timeout 60s;
  reset_timedout_connection on;
  default_type application/json;
  server {
    listen 127.0.0.1:PORT backlog=4096;
    listen 127.0.0.1:TLS_PORT ssl backlog=4096;
    if ($http_x_api_key != "bench-key") { return 401 '{"code":400112,"message":"Unauthorized"}'; }
    if ($request_method != DELETE) { return 405; }
    auth_basic_user_file /dev/null;
    error_page 401 =200 @deleted;
    location /v2/photo_avatar/ { return 200 '{"code":100,"data":null,"msg":null,"message":null}'; }
    location /delayed/ { auth_basic delayed; auth_delay 50ms; }
    location /held/ { auth_basic held; auth_delay 3s; }
    location @deleted { return 200 '{"code":100,"data":null,"msg":null,"message":null}'; }
  }
]]

---@class bench.Nginx
---@field folder string for whatever else belongs to this run; removed in the end
---@field url string of the service without TLS
---@field tls_url string and with it
---@field ca_file string
---@field private server spec.Nginx
---@field private log file*
local Nginx = {}
Nginx.__index = Nginx

--- Starts one on free ports.
---@return bench.Nginx
function nginx.start()
  local server = program.start { main = MAIN, http = HTTP, ports = { "PORT", "TLS_PORT" }, lifetime = LIFETIME }
  return setmetatable({
    folder = server.folder,
    url = "http://127.0.0.1:" .. server.ports.PORT,
    tls_url = "https://127.0.0.1:" .. server.ports.TLS_PORT,
    ca_file = server.ca_file,
    server = server,
    log = assert(io.open(server.folder .. "/access.log")),
  }, Nginx)
end

-- The lines that the log has grown by, once there are enough: an answer is sent before its line is written.
function Nginx:new_lines(expected)
  local lines, limit = {}, socket.gettime() + nginx.PATIENCE
  repeat
    for line in self.log:lines() do lines[#lines + 1] = line end
    socket.sleep(0.001)
  until #lines >= expected or socket.gettime() > limit
  return lines
end

--- Fails unless, since the last time, that many ids with this prefix were deleted, each once, and nothing else was
--- asked for.
---@param prefix string
---@param expected integer
function Nginx:check(prefix, expected)
  local seen = {}
  local lines = self:new_lines(expected)
  assert(#lines == expected, ("%s: %d requests, expected %d"):format(prefix, #lines, expected))
  for _, line in ipairs(lines) do
    local id = line:match "^200 DELETE .*/v2/photo_avatar/([^/]+)$"
    assert(id, "the service was asked for something else: " .. line)
    assert(id:sub(1, #prefix) == prefix and not seen[id], "deleted twice, or for somebody else: " .. line)
    seen[id] = true
  end
end

--- Stops it and removes its folder.
function Nginx:stop()
  self.log:close()
  self.server:stop()
end

Nginx.__close = Nginx.stop

return nginx
