--- The service of the benchmark: nginx on loopback ports, which answers every deletion and logs it.
---
--- Below /delayed an answer takes 50 ms longer, and below /held three seconds.

local certificates = require "spec.support.certificates"
local process = require "spec.support.process"
local socket = require "socket"

local nginx = {}

--- What is added below /delayed, in seconds.
nginx.DELAY = 0.05

--- How long the log may lag behind, in seconds.
nginx.PATIENCE = 10

-- A location that finds nobody's password in an empty file takes its time to refuse, and the refusal is then answered
-- like anything else: so nginx itself can wait. One kept connection lasts for the whole of a program.
local CONFIGURATION = [[
daemon off;
master_process off;
worker_rlimit_nofile 8192;
pid FOLDER/pid;
error_log FOLDER/error.log;
events { worker_connections 4096; }
http {
  log_format deletions "$status $request_method $request_uri";
  access_log FOLDER/access.log deletions;
  client_body_temp_path FOLDER/temporary;
  proxy_temp_path FOLDER/temporary;
  fastcgi_temp_path FOLDER/temporary;
  uwsgi_temp_path FOLDER/temporary;
  scgi_temp_path FOLDER/temporary;
  keepalive_requests 100000000;
  keepalive_timeout 60s;
  reset_timedout_connection on;
  default_type application/json;
  server {
    listen 127.0.0.1:PORT backlog=4096;
    listen 127.0.0.1:TLS_PORT ssl backlog=4096;
    ssl_certificate CERTIFICATE;
    ssl_certificate_key KEY;
    if ($http_x_api_key != "bench-key") { return 401 '{"code":400112,"message":"Unauthorized"}'; }
    if ($request_method != DELETE) { return 405; }
    auth_basic_user_file FOLDER/nobody;
    error_page 401 =200 @deleted;
    location /v2/photo_avatar/ { return 200 '{"code":100,"data":null,"msg":null,"message":null}'; }
    location /delayed/ { auth_basic delayed; auth_delay 50ms; }
    location /held/ { auth_basic held; auth_delay 3s; }
    location @deleted { return 200 '{"code":100,"data":null,"msg":null,"message":null}'; }
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

local function wait_for(port, server)
  local limit = socket.gettime() + 20
  while true do
    local connection = socket.connect("127.0.0.1", port)
    if connection then return connection:close() end
    assert(socket.gettime() < limit, server:output "stderr")
    socket.sleep(0.01)
  end
end

---@class bench.Nginx
---@field folder string everything of this run; removed in the end
---@field url string of the service without TLS
---@field tls_url string and with it
---@field ca_file string
---@field private certificates spec.Certificates
---@field private server spec.Process
---@field private log file*
local Nginx = {}
Nginx.__index = Nginx

--- True when there is an nginx to start.
---@return boolean
function nginx.is_present()
  return process.run({ "sh", "-c", "PATH=$PATH:/usr/sbin; command -v nginx" }).status == 0
end

--- Starts one on free ports.
---@return bench.Nginx
function nginx.start()
  local issued = certificates.new()
  local valid = issued:issue "valid"
  local folder = process.run({ "mktemp", "-d" }).stdout:match "[^\n]+"
  local port, tls_port = free_port(), free_port()
  local values = {
    FOLDER = folder, PORT = port, TLS_PORT = tls_port, CERTIFICATE = valid.certificate, KEY = valid.key,
  }
  write_file(folder .. "/nobody", "")
  write_file(folder .. "/nginx.conf", (CONFIGURATION:gsub("%u[%u_]+", values)))
  -- The time limit is for a driver that is killed: nobody would stop nginx.
  local script = "PATH=$PATH:/usr/sbin; exec timeout 7200 nginx -e $0/error.log -p $0 -c $0/nginx.conf"
  local server = process.start { "sh", "-c", script, folder }
  wait_for(port, server)
  return setmetatable({
    folder = folder,
    url = "http://127.0.0.1:" .. port,
    tls_url = "https://127.0.0.1:" .. tls_port,
    ca_file = issued.ca_file,
    certificates = issued,
    server = server,
    log = assert(io.open(folder .. "/access.log")),
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
  self.server:signal "TERM"
  self.server:wait(10)
  self.certificates:remove()
  process.run { "rm", "-r", self.folder }
end

Nginx.__close = Nginx.stop

return nginx
