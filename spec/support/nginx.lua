--- nginx on loopback ports, with TLS, in a folder of its own.

local certificates = require "spec.support.certificates"
local process = require "spec.support.process"
local socket = require "socket"

local nginx = {}

-- How long a start may take, in seconds.
local PATIENCE = 20

-- What every configuration has: it stays in the foreground, as one process, and writes below its folder alone.
local CONFIGURATION = [[
daemon off;
master_process off;
pid FOLDER/pid;
error_log FOLDER/error.log;
%s
http {
  client_body_temp_path FOLDER/temporary;
  proxy_temp_path FOLDER/temporary;
  fastcgi_temp_path FOLDER/temporary;
  uwsgi_temp_path FOLDER/temporary;
  scgi_temp_path FOLDER/temporary;
  ssl_certificate CERTIFICATE;
  ssl_certificate_key KEY;
%s
}
]]

---@class spec.NginxOptions
---@field main string the directives outside of http, events included
---@field http string and those of http; in both, FOLDER stands for the folder
---@field values table<string, string>? what other words in capitals stand for
---@field ports string[] words that stand for free ports; the first one is waited for
---@field lifetime integer seconds, for a driver that is killed: nobody would stop nginx

---@class spec.Nginx
---@field folder string what it writes is here; removed in the end
---@field ports table<string, integer>
---@field ca_file string
---@field private certificates spec.Certificates
---@field private process spec.Process
local Nginx = {}
Nginx.__index = Nginx

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return math.tointeger(tonumber(port))
end

local function accepts_in_time(port)
  local limit = socket.gettime() + PATIENCE
  repeat
    local connection = socket.connect("127.0.0.1", port)
    if connection then
      connection:close()
      return true
    end
    socket.sleep(0.01)
  until socket.gettime() > limit
  return false
end

--- True when there is an nginx to start.
---@return boolean
function nginx.is_present()
  return process.run({ "sh", "-c", "PATH=$PATH:/usr/sbin; command -v nginx" }).status == 0
end

--- Starts one, and waits until it accepts connections.
---@param options spec.NginxOptions
---@return spec.Nginx
function nginx.start(options)
  local issued = certificates.new()
  local valid = issued:issue "valid"
  local folder = process.run({ "mktemp", "-d" }).stdout:match "[^\n]+"
  local ports = {}
  for _, name in ipairs(options.ports) do ports[name] = free_port() end
  local values = { FOLDER = folder, CERTIFICATE = valid.certificate, KEY = valid.key }
  for _, more in ipairs { ports, options.values or {} } do
    for name, value in pairs(more) do values[name] = value end
  end
  local configuration = CONFIGURATION:format(options.main, options.http):gsub("%u[%u_]+", values)
  process.write_file(folder .. "/nginx.conf", configuration)
  local script = "PATH=$PATH:/usr/sbin; exec timeout $1 nginx -e $0/error.log -p $0 -c $0/nginx.conf"
  local command = { "sh", "-c", script, folder, tostring(options.lifetime) }
  local self = setmetatable({
    folder = folder,
    ports = ports,
    ca_file = issued.ca_file,
    certificates = issued,
    -- The preloaded libraries of a sanitizer or a fault test are meant for the module alone.
    process = process.start(command, { environment = { LD_PRELOAD = false } }),
  }, Nginx)
  if not accepts_in_time(ports[options.ports[1]]) then
    local words = self.process:output "stderr"
    self:stop()
    error("nginx does not start: " .. words, 2)
  end
  return self
end

--- Stops it and removes its folder.
function Nginx:stop()
  self.process:signal "TERM"
  self.process:wait()
  self.certificates:remove()
  process.run { "rm", "-r", self.folder }
end

return nginx
