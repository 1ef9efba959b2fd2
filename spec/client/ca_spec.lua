-- Whom a client trusts that names no authorities: those of the system, of which it asks the hashed directory first.
-- The scripts run in a mount namespace of their own, where the system's authorities are others.

local certificates = require "spec.support.certificates"
local process = require "spec.support.process"
local server = require "spec.support.server"

local SYSTEM = "/etc/ssl/certs"

-- Makes the system's folder from the authorities' files: those with the hashed name, those in the bundle.
local NAMESPACE = [[
  folder=$1 hashed=$2 bundled=$3 && shift 3
  : >"$folder/ca-certificates.crt"
  for file in $hashed; do cp "$file" "$folder/$(openssl x509 -hash -noout -in "$file").0"; done
  for file in $bundled; do cat "$file" >>"$folder/ca-certificates.crt"; done
  mount --bind "$folder" "$SYSTEM" && exec "$@"
]]

local SCRIPT = [[
  local heygen = require "heygen"
  local url, ca_file = ...
  local options = { api_key = "test-key", base_url = url, ca_file = ca_file, max_retries = 0 }
  local client <close> = heygen.new(options)
  for _ = 1, 2 do
    local succeeded, first, meta = pcall(client.delete_photo_avatar, client, "avatar", { missing_ok = true })
    local result = succeeded and meta or first
    print(result.kind or "none", result.outcome, result.attempts)
  end
]]

local can_replace = process.run({
  "sh", "-c", "test -f $0/ca-certificates.crt && unshare --mount --map-root-user mount --bind $0 $0", SYSTEM,
}).status == 0
local describe_system = can_replace and describe or pending

describe_system("the system's authorities", function()
  local other

  setup(function() other = server.start { tls = true } end)
  teardown(function() other:stop() end)

  -- Two calls of one client: what they came to, and how many connections they took.
  local function call(system, options)
    options = options or {}
    local service <close> = server.start { tls = true, ids = { "avatar" }, certificate = options.certificate }
    local function files(which)
      return (which:gsub("%a+", { ours = service.ca_file, none = "" }))
    end
    local environment = process.lua_environment()
    environment.SYSTEM = SYSTEM
    for name, value in pairs(options.environment or {}) do
      environment[name] = value == "ours" and service.ca_file or value
    end
    local folder = process.run({ "mktemp", "-d" }).stdout:match "[^\n]+"
    local result = process.run({
      "unshare", "--mount", "--map-root-user", "sh", "-ec", NAMESPACE, "sh", folder, files(system.hashed),
      files(system.bundled), process.INTERPRETER, "-", service.url, options.ca_file,
    }, { stdin = SCRIPT, environment = environment })
    process.run { "rm", "-r", folder }
    return result.stdout .. result.stderr, service:connections(), service:deletes()
  end

  local DELETED = "none\tdeleted\t1\nnone\tabsent\t1\n"
  local REFUSED = ("tls\tnot_deleted\t1\n"):rep(2)

  it("are asked in the directory", function()
    assert.same({ DELETED, 1, 2 }, { call { hashed = "ours", bundled = "ours" } })
    assert.same({ DELETED, 1, 2 }, { call { hashed = "ours", bundled = "none" } })
  end)

  it("are asked in the bundle too, within the same attempt, when those of the directory don't do", function()
    local strangers = certificates.new()
    local unrelated = strangers.ca_file
    assert.same({ DELETED, 2, 2 }, { call { hashed = unrelated, bundled = "ours" } })
    assert.same({ REFUSED, 3, 0 }, { call { hashed = unrelated, bundled = unrelated } })
    strangers:remove()
  end)

  it("are asked in the bundle at once where no file is named by a hash", function()
    assert.same({ DELETED, 1, 2 }, { call { hashed = "none", bundled = "ours" } })
    assert.same({ REFUSED, 2, 0 }, { call { hashed = "none", bundled = "none" } })
  end)

  it("vouch for no certificate that is expired, or for another host, or that signed itself", function()
    for _, flaw in ipairs { "expired", "wrong_host", "self_signed" } do
      assert.same({ REFUSED, 3, 0 }, { call({ hashed = "ours", bundled = "ours" }, { certificate = flaw }) })
    end
  end)

  it("don't count beside a ca_file", function()
    local elsewhere = os.tmpname()
    assert.same({ REFUSED, 3, 0 }, { call({ hashed = "ours", bundled = "ours" }, { ca_file = elsewhere }) })
    os.remove(elsewhere)
  end)

  it("are not changed by the environment", function()
    local environment = { SSL_CERT_FILE = "ours", SSL_CERT_DIR = "/nonexistent" }
    assert.same({ REFUSED, 2, 0 }, { call({ hashed = "none", bundled = "none" }, { environment = environment }) })
    environment.SSL_CERT_FILE = "/nonexistent"
    assert.same({ DELETED, 1, 2 }, { call({ hashed = "ours", bundled = "ours" }, { environment = environment }) })
  end)
end)
