--- Certificates made on the spot with the openssl command, in a temporary folder.
---
--- Their names cover the loopback, and one host that only a proxy can reach.

local certificates = {}

--- A name that the valid certificate covers and no resolver knows.
certificates.PROXIED_HOST = "api.heygen.test"

local LOOPBACK_NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1,DNS:" .. certificates.PROXIED_HOST

-- The kinds of certificates; those without the authority sign themselves.
local KINDS = {
  valid = { names = LOOPBACK_NAMES, days = 2, from_authority = true },
  expired = { names = LOOPBACK_NAMES, days = -1, from_authority = true },
  wrong_host = { names = "DNS:elsewhere.test", days = 2, from_authority = true },
  self_signed = { names = LOOPBACK_NAMES, days = 2, from_authority = false },
}

local CONFIGURATION = [[
[req]
prompt = no
distinguished_name = name
[name]
CN = %s
[extensions]
%s
]]

---@class spec.Certificates
---@field ca_file string the authority's certificate, PEM
---@field private folder string
---@field private key string the private key of all certificates but the authority's
---@field private ca_key string
---@field private files table<string, true>
---@field private issued table<string, { certificate: string, key: string }>
local Certificates = {}
Certificates.__index = Certificates

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read("a")
  assert(pipe:close(), command .. "\n" .. output)
  return output
end

function Certificates:file(name)
  local path = self.folder .. "/" .. name
  self.files[path] = true
  return path
end

function Certificates:configure(name, common_name, extensions)
  local path = self:file(name .. ".cnf")
  local file <close> = assert(io.open(path, "w"))
  file:write(CONFIGURATION:format(common_name, extensions))
  return path
end

-- One key does for all certificates but the authority's.
function Certificates:make_key(name)
  local path = self:file(name .. ".key")
  run(("openssl ecparam -name prime256v1 -genkey -noout -out '%s'"):format(path))
  return path
end

function Certificates:sign_itself(name, key, configuration, days)
  local path = self:file(name .. ".pem")
  run(("openssl req -new -x509 -config '%s' -extensions extensions -key '%s' -days %d -out '%s'")
    :format(configuration, key, days, path))
  return path
end

function Certificates:sign(name, key, configuration, days)
  local path, request = self:file(name .. ".pem"), self:file(name .. ".csr")
  run(("openssl req -new -config '%s' -key '%s' -out '%s'"):format(configuration, key, request))
  local authority = ("-CA '%s' -CAkey '%s' -set_serial %d"):format(self.ca_file, self.ca_key, math.random(1, 1 << 31))
  local form = "openssl x509 -req -in '%s' %s %s -extfile '%s' -extensions extensions -out '%s'"
  local function command(validity) return form:format(request, authority, validity, configuration, path) end
  if days > 0 then
    run(command("-days " .. days))
  else
    -- Newer versions of OpenSSL refuse a certificate that ends before it begins; older ones know no -not_before.
    local dates = "-not_before 20200101000000Z -not_after 20200102000000Z"
    run(command(dates) .. " 2>/dev/null || " .. command("-days " .. days))
  end
  return path
end

--- Makes the temporary folder and the authority.
---@return spec.Certificates
function certificates.new()
  local folder = run('mktemp -d "${TMPDIR:-/tmp}/heygen-spec.XXXXXX"'):match("^[^\n]+")
  local self = setmetatable({ folder = folder, files = {}, issued = {} }, Certificates)
  self.ca_key = self:make_key("authority")
  local configuration = self:configure("authority", "Loopback authority", "basicConstraints = critical,CA:TRUE")
  self.ca_file = self:sign_itself("authority", self.ca_key, configuration, 2)
  self.key = self:make_key("service")
  return self
end

--- The files of a kind of certificate, made when it is first asked for.
---@param kind "valid"|"expired"|"wrong_host"|"self_signed"
---@return { certificate: string, key: string }
function Certificates:issue(kind)
  local properties = assert(KINDS[kind], "unknown kind of certificate")
  if not self.issued[kind] then
    local configuration = self:configure(kind, kind, "subjectAltName = " .. properties.names)
    local sign = properties.from_authority and self.sign or self.sign_itself
    self.issued[kind] = { certificate = sign(self, kind, self.key, configuration, properties.days), key = self.key }
  end
  return self.issued[kind]
end

--- Removes the folder.
function Certificates:remove()
  for path in pairs(self.files) do os.remove(path) end
  os.remove(self.folder)
end

return certificates
