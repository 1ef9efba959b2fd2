-- Which way a transfer goes: proxies of the options and of the environment.

local attempt = require "spec.support.attempt"
local calls = require "spec.support.calls"
local certificates = require "spec.support.certificates"
local heygen = require "heygen"
local message = require "spec.support.message"
local process = require "spec.support.process"
local server = require "spec.support.server"

local KEY = "canary-0123456789-key"
local VARIABLES = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }

local service, proxy

setup(function() service = server.start { tls = true, keys = { KEY } } end)
teardown(function() service:stop() end)

before_each(function()
  proxy = server.proxy { tunnel = true }
  service:add("avatar")
  service:reset_record()
end)
after_each(function() proxy:stop() end)

-- Only a proxy can reach this name of the service.
local function remote_url()
  return ("https://%s:%d"):format(server.PROXIED_HOST, service.port)
end

local function call(options)
  options.api_key = KEY
  return attempt.once(service, "avatar", options)
end

-- A call in an interpreter whose environment has only these proxies; returns its outcome, kind and cause.
local function call_with_environment(target, options, proxies)
  local environment = { CA_FILE = target.ca_file or false, no_proxy = false, NO_PROXY = false }
  for _, name in ipairs(VARIABLES) do environment[name] = false end
  for name, value in pairs(proxies) do environment[name] = value end
  local result = calls.run_script([[
    local url, key, proxy = ...
    local succeeded, first, second = pcall(require "heygen".delete_photo_avatar, key, "avatar", {
      base_url = url, proxy = proxy, ca_file = os.getenv "CA_FILE",
    })
    print((succeeded and second or first).outcome, first.kind, first.cause)
  ]], { options.base_url, KEY, options.proxy }, { environment = environment })
  assert.equal("", result.stderr)
  return result.stdout:match("^(%S+)\t(%S+)\t(.*)\n$")
end

local function environment_of_all(url)
  local environment = {}
  for _, name in ipairs(VARIABLES) do environment[name] = url end
  return environment
end

describe("the option proxy", function()
  it("tunnels to other hosts", function()
    local made = call { base_url = remote_url(), proxy = proxy.url }
    assert.same({ "none", "deleted", 1 }, attempt.summary(made, service, "avatar"), tostring(made.err))
    local request = proxy:requests()[1]
    assert.same({ 1, "CONNECT", server.PROXIED_HOST .. ":" .. service.port },
      { #proxy:requests(), request.method, request.path })
    assert.equal(server.PROXIED_HOST .. ":" .. service.port, service:requests()[1].headers.host)
  end)

  it("without a scheme is an http proxy", function()
    assert.equal("deleted", call({ base_url = remote_url(), proxy = "127.0.0.1:" .. proxy.port }).outcome)
    assert.equal(1, #proxy:requests())
  end)

  it("keeps the tunnel from call to call", function()
    local client <close> = calls.client(service, { api_key = KEY, base_url = remote_url(), proxy = proxy.url })
    assert.equal("deleted", attempt.by(client, "avatar").outcome)
    assert.equal("absent", attempt.by(client, "avatar").outcome)
    assert.same({ 1, 1 }, { proxy:connections(), service:connections() })
  end)

  it("is told nothing of the key, nor of the id", function()
    call { base_url = remote_url(), proxy = proxy.url }
    local seen = message.encode(proxy:requests())
    assert.truthy(seen:find("CONNECT", 1, true))
    assert.is_nil(seen:find(KEY, 1, true))
    assert.is_nil(seen:find("x-api-key", 1, true))
    assert.is_nil(seen:find("avatar/", 1, true))
    assert.equal(KEY, service:requests()[1].headers["x-api-key"])
  end)

  it("is not used for this machine", function()
    local plain <close> = server.start { keys = { KEY } }
    for _, host in ipairs { "http://127.0.0.1:" .. plain.port, "http://localhost:" .. plain.port } do
      plain:add("avatar")
      assert.equal("deleted", call({ base_url = host, proxy = proxy.url }).outcome)
    end
    for _, host in ipairs { "localhost", "127.0.0.1" } do
      service:add("avatar")
      local made = call { base_url = ("https://%s:%d"):format(host, service.port), proxy = proxy.url }
      assert.equal("deleted", made.outcome, tostring(made.err))
    end
    assert.equal(0, proxy:connections())
  end)

  -- What a proxy does instead, and the kind that it makes.
  local failures = {
    { "asks for a password", "connection", { status = 407 } },
    { "refuses", "connection", { refuse = true } },
    { "fails", "connection", { status = 502 } },
    { "resets", "connection", { actions = { { reset = true } } } },
    { "ends", "connection", { actions = { { close = true } } } },
    { "talks nonsense", "connection", { actions = { "garbage\r\n\r\n", { close = true } } } },
    { "redirects", "connection", { actions = { { status = 302, headers = { location = "https://localhost:1" } } } } },
    { "stays silent", "timeout", { actions = { { hang = true } } } },
  }
  for _, failure in ipairs(failures) do
    local name, kind, options = table.unpack(failure)
    it("names a proxy that " .. name, function()
      local bad <close> = server.proxy(options)
      local made = call { base_url = remote_url(), proxy = bad.url, timeout = kind == "timeout" and 1 or nil }
      assert.same({ kind, "not_deleted", 0 }, attempt.summary(made, service, "avatar"), tostring(made.err))
      assert.is_nil(made.err.status)
      assert.equal("CONNECT", bad:requests()[1].method)
      assert.is_nil(message.encode(bad:requests()):find(KEY, 1, true))
    end)
  end

  -- What a proxy that refuses the log-in says, and the scheme of its URL.
  local refusals = {
    { "by 407", "http", { { status = 407, headers = { ["proxy-authenticate"] = 'Basic realm="x"' } } } },
    { "by 407, and closes", "http", { { status = 407 }, { close = true } } },
    { "as SOCKS does", "socks5h",
      { { read = true }, { send = "\5\2" }, { read = true }, { send = "\1\1" }, { close = true } } },
    { "for want of another way, as SOCKS does", "socks5h", { { read = true }, { send = "\5\255" }, { close = true } } },
  }
  for _, refusal in ipairs(refusals) do
    local name, scheme, actions = table.unpack(refusal)
    it("is not asked again where it refuses the log-in " .. name .. ", and stops a run", function()
      local bad <close> = server.proxy { actions = actions }
      if scheme ~= "http" then bad:plan_connection { actions, actions, actions } end
      local client <close> = calls.client(service, {
        base_url = remote_url(), max_retries = 2,
        proxy = bad.url:gsub("^http://", scheme .. "://user:wrong@"),
      })
      local made = attempt.by(client, "avatar")
      assert.same({ "connection", "not_deleted", 1 }, { made.kind, made.outcome, made.err.attempts })
      assert.matches("proxy", made.err.hint)
      assert.equal(1, bad:connections())
      local report = client:delete_photo_avatars({ "a", "b", "c" }, { max_concurrency = 1 })
      assert.same({ "connection", 1, 2 }, { report.stopped.kind, report.not_deleted, report.not_attempted })
      assert.equal(2, bad:connections())
    end)
  end

  it("names a proxy that is not there", function()
    local made = call { base_url = remote_url(), proxy = "http://127.0.0.1:" .. server.refused_port() }
    assert.same({ "connection", "not_deleted" }, { made.kind, made.outcome })
  end)

  it("does not make a wrong certificate right", function()
    local wrong <close> = server.start { tls = true, ids = { "avatar" }, certificate = "wrong_host" }
    local base_url = ("https://%s:%d"):format(server.PROXIED_HOST, wrong.port)
    local made = attempt.once(wrong, "avatar", { base_url = base_url, proxy = proxy.url })
    assert.same({ "tls", "not_deleted", 0 }, attempt.summary(made, wrong, "avatar"), tostring(made.err))
    assert.equal("CONNECT", proxy:requests()[1].method)
  end)

  it("has no part in the service's answer", function()
    service:plan("lost", { { { close = true } } })
    local made = attempt.once(service, "lost", { api_key = KEY, base_url = remote_url(), proxy = proxy.url })
    assert.same({ "connection", "unknown", 1 }, attempt.summary(made, service, "lost"))
    assert.equal("the request may have been sent, but no answer came", made.err.message)
    assert.is_nil(made.err.status)
  end)

  it("never makes two DELETEs of one", function()
    local client <close> = calls.client(service, { api_key = KEY, base_url = remote_url(), proxy = proxy.url })
    service:plan("kept", { { { status = 204 } }, { { close = true } } })
    assert.equal("deleted", attempt.by(client, "kept").outcome)
    assert.same({ "connection", "unknown", 2 }, attempt.summary(attempt.by(client, "kept"), service, "kept"))
  end)
end)

describe("a proxy that speaks TLS", function()
  -- Fails unless a call by such a proxy ends in its handshake, with nothing asked of it or of the service.
  local function assert_refused(options, client_options)
    options.tls, options.tunnel = true, true
    local secure <close> = server.proxy(options)
    client_options.base_url, client_options.proxy = remote_url(), secure.url
    local made = call(client_options)
    assert.same({ "tls", "not_deleted", 0 }, attempt.summary(made, service, "avatar"), tostring(made.err))
    assert.same({ 0, 0 }, { #secure:requests(), service:connections() })
    assert.is_true(secure:connections() > 0)
    assert.is_true(service:knows("avatar"))
  end

  it("is trusted by the authorities of ca_file, with TLS 1.2 and 1.3", function()
    for _, protocol in ipairs { "tlsv1_2", "tlsv1_3" } do
      local secure <close> = server.proxy { tls = true, tunnel = true, protocol = protocol }
      service:add("avatar")
      local made = call { base_url = remote_url(), proxy = secure.url }
      assert.equal("deleted", made.outcome, tostring(made.err))
      assert.equal("CONNECT", secure:requests()[1].method)
    end
  end)

  it("is trusted by the authorities of ca_path", function()
    local secure <close> = server.proxy { tls = true, tunnel = true }
    local made = process.run { "sh", "-c", [[
      folder=$(mktemp -d) && cp "$0" "$folder/$(openssl x509 -hash -noout -in "$0").0" && echo "$folder"
    ]], service.ca_file }
    local folder = made.stdout:match("[^\n]+")
    local client <close> = heygen.new { api_key = KEY, base_url = remote_url(), proxy = secure.url, ca_path = folder }
    local result = attempt.by(client, "avatar")
    process.run { "sh", "-c", 'rm "$0"/*.0 && rmdir "$0"', folder }
    assert.equal("deleted", result.outcome, tostring(result.err))
  end)

  it("is refused when its certificate is of an unknown authority", function()
    local strangers = certificates.new()
    assert_refused({}, { ca_file = strangers.ca_file })
    strangers:remove()
  end)

  for _, flaw in ipairs { "wrong_host", "expired", "self_signed" } do
    it("is refused when its certificate is " .. flaw, function()
      assert_refused({ certificate = flaw }, {})
    end)
  end

  it("is refused when it speaks older versions, even where the system would", function()
    local path = os.tmpname()
    process.write_file(path, server.PERMISSIVE)
    for _, protocol in ipairs { "tlsv1", "tlsv1_1" } do
      local old <close> = server.proxy { tls = true, tunnel = true, protocol = protocol }
      local options = { base_url = remote_url(), proxy = old.url }
      local outcome, kind = call_with_environment(service, options, { OPENSSL_CONF = path })
      assert.same({ "not_deleted", "tls" }, { outcome, kind })
      assert.same({ 0, 0 }, { #old:requests(), service:connections() })
    end
    os.remove(path)
  end)
end)

describe("the environment's proxy", function()
  it("is used for other hosts", function()
    for _, name in ipairs { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
      service:add("avatar")
      proxy:reset_record()
      assert.equal("deleted", (call_with_environment(service, { base_url = remote_url() }, { [name] = proxy.url })))
      assert.equal(1, #proxy:requests(), name)
    end
  end)

  it("is never used for this machine", function()
    local plain <close> = server.start { keys = { KEY } }
    for _, target in ipairs { plain, service } do
      target:add("avatar")
      assert.equal("deleted",
        (call_with_environment(target, { base_url = target.url }, environment_of_all(proxy.url))))
    end
    assert.equal(0, proxy:connections())
  end)

  it("that libcurl can't make out is named without its user info", function()
    for url, cause in pairs {
      ["http://me:secret@h:99999"] = "Unsupported proxy syntax in '***@h:99999'",
      ["me:secret@h:99999"] = "Unsupported proxy syntax in '***@h:99999'",
      ["ftp://me:secret@h:1"] = "Unsupported proxy scheme for '***@h:1'",
      ["http://me:p@secret@[zz"] = "Unsupported proxy syntax in '***@[zz'",
      ["http://me:pass'word/ secret@h"] = "Unsupported proxy syntax in '***@h'",
      ["http://me:secret"] = "Unsupported proxy syntax in '***",
      ["http://me:" .. ("secret"):rep(50) .. "@h:99999"] = "Unsupported proxy syntax in '***",
      ["http://me@" .. ("secret"):rep(50) .. "@h:99999"] = "Unsupported proxy syntax in '***",
      ["a@"] = "Unsupported proxy syntax in '*@'",
    } do
      local outcome, kind, words = call_with_environment(service, { base_url = remote_url() }, { all_proxy = url })
      assert.same({ "not_deleted", "connection" }, { outcome, kind }, url)
      assert.is_nil(words:find("secret", 1, true), words)
      assert.equal(cause, words:sub(1, #cause), url)
    end
  end)

  it("gives way to the option", function()
    local other <close> = server.proxy { tunnel = true }
    local options = { base_url = remote_url(), proxy = other.url }
    assert.equal("deleted", (call_with_environment(service, options, environment_of_all(proxy.url))))
    assert.same({ 0, 1 }, { proxy:connections(), other:connections() })
  end)

  it("is switched off by an empty option", function()
    local options = { base_url = remote_url(), proxy = "" }
    local outcome, kind = call_with_environment(service, options, environment_of_all(proxy.url))
    assert.same({ "not_deleted", "connection" }, { outcome, kind })
    assert.same({ 0, 0 }, { proxy:connections(), service:deletes() })
  end)

  it("is not used for what no_proxy names", function()
    local environment = environment_of_all(proxy.url)
    environment.no_proxy = server.PROXIED_HOST
    local outcome, kind = call_with_environment(service, { base_url = remote_url() }, environment)
    assert.same({ "not_deleted", "connection" }, { outcome, kind })
    assert.equal(0, proxy:connections())
  end)
end)
