-- Whom a transfer trusts: certificates and versions of TLS.

local attempt = require "spec.support.attempt"
local calls = require "spec.support.calls"
local certificates = require "spec.support.certificates"
local process = require "spec.support.process"
local server = require "spec.support.server"
local socket = require "socket"

local function assert_unsent(service, made, kind)
  assert.same({ kind or "tls", "not_deleted", 0 }, attempt.summary(made, service, "avatar"), tostring(made.err))
  assert.equal("the request was not sent", made.err.message)
  assert.equal(1, made.err.attempts)
  assert.is_nil(made.err.status)
  assert.not_equal("", made.err.cause)
  assert.is_true(service:knows("avatar"))
end

describe("a certificate", function()
  local function call(options, client_options)
    options.tls, options.ids = true, { "avatar" }
    local service = server.start(options)
    return service, attempt.once(service, "avatar", client_options)
  end

  it("of a known authority for the host is accepted", function()
    local service <close>, made = call {}
    assert.same({ "none", "deleted", 1 }, attempt.summary(made, service, "avatar"), tostring(made.err))
  end)

  for flaw, hint in pairs { wrong_host = "check base_url", expired = "clock", self_signed = "ca_file" } do
    it("that is " .. flaw .. " is refused", function()
      local service <close>, made = call { certificate = flaw }
      assert_unsent(service, made)
      assert.truthy(made.err.hint:find(hint, 1, true), made.err.hint)
    end)
  end

  it("of an unknown authority is refused", function()
    local service <close> = server.start { tls = true, ids = { "avatar" } }
    local made = attempt.by(calls.client({ url = service.url }), "avatar")
    assert_unsent(service, made)
  end)

  it("is refused for another name of the same machine", function()
    local service <close> = server.start { tls = true, ids = { "avatar" }, certificate = "wrong_host" }
    local base_url = "https://127.0.0.1:" .. service.port
    assert_unsent(service, attempt.once(service, "avatar", { base_url = base_url }))
  end)

  it("is refused again by the same client, which goes on", function()
    local service <close> = server.start { tls = true, ids = { "avatar" }, certificate = "expired" }
    local client <close> = calls.client(service)
    for _ = 1, 3 do assert_unsent(service, attempt.by(client, "avatar")) end
  end)
end)

describe("authorities", function()
  local service, strangers

  setup(function()
    service = server.start { tls = true }
    strangers = certificates.new()
  end)
  teardown(function()
    service:stop()
    strangers:remove()
  end)
  before_each(function()
    service:add("avatar")
    service:reset_record()
  end)

  local function call(options)
    return attempt.by(calls.client({ url = service.url }, options), "avatar")
  end

  it("come from ca_file", function()
    assert.equal("deleted", call({ ca_file = service.ca_file }).outcome)
  end)

  it("are read again when they did not vouch for the peer", function()
    local path = os.tmpname()
    local client <close> = calls.client(service, { ca_file = path })
    process.run { "cp", strangers.ca_file, path }
    assert_unsent(service, attempt.by(client, "avatar"))
    process.run { "cp", service.ca_file, path }
    local made = attempt.by(client, "avatar")
    os.remove(path)
    assert.equal("deleted", made.outcome, tostring(made.err))
  end)

  it("come from ca_path, a folder of hashed certificates", function()
    local made = process.run { "sh", "-c", [[
      folder=$(mktemp -d) && cp "$0" "$folder/$(openssl x509 -hash -noout -in "$0").0" && echo "$folder"
    ]], service.ca_file }
    local folder = made.stdout:match("[^\n]+")
    local result = call { ca_path = folder }
    process.run { "sh", "-c", 'rm "$0"/*.0 && rmdir "$0"', folder }
    assert.equal("deleted", result.outcome, tostring(result.err))
  end)

  it("can't come from a file or a folder that is not there, nor from a file without certificates", function()
    local empty = os.tmpname()
    for _, options in ipairs { { ca_file = "/nonexistent" }, { ca_path = "/nonexistent" }, { ca_file = empty } } do
      assert_unsent(service, call(options))
    end
    os.remove(empty)
  end)

  -- SSL_CERT_FILE and SSL_CERT_DIR are for libcurl's command-line program and for OpenSSL's own default.
  it("are not changed by the environment", function()
    local script = [[
      local heygen = require "heygen"
      local url, ca_file = ...
      heygen.delete_photo_avatar("test-key", "avatar", { base_url = url, ca_file = ca_file })
      local succeeded, err = pcall(heygen.delete_photo_avatar, "test-key", "avatar", { base_url = url })
      print(succeeded, err.kind, err.outcome)
    ]]
    for _, file in ipairs { "/nonexistent", service.ca_file } do
      service:add("avatar")
      service:reset_record()
      local result = calls.run_script(script, { service.url, service.ca_file }, {
        environment = { SSL_CERT_FILE = file, SSL_CERT_DIR = "/nonexistent" },
      })
      assert.equal("false\ttls\tnot_deleted\n", result.stdout, result.stderr)
      assert.equal(1, service:deletes())
    end
  end)
end)

describe("a handshake", function()
  it("is made with TLS 1.2 and 1.3", function()
    for _, protocol in ipairs { "tlsv1_2", "tlsv1_3" } do
      local service <close> = server.start { tls = true, ids = { "avatar" }, protocol = protocol }
      assert.equal("deleted", attempt.once(service, "avatar").outcome)
    end
  end)

  it("is not made with older versions, even where the system would", function()
    local path = os.tmpname()
    process.write_file(path, server.PERMISSIVE)
    local script = [[
      local succeeded, err = pcall(require "heygen".delete_photo_avatar, "test-key", "avatar", {
        base_url = (...), ca_file = select(2, ...),
      })
      print(succeeded, err.kind, err.outcome)
    ]]
    for _, protocol in ipairs { "tlsv1", "tlsv1_1" } do
      local service <close> = server.start { tls = true, ids = { "avatar" }, protocol = protocol }
      assert_unsent(service, attempt.once(service, "avatar"))
      local arguments = { service.url, service.ca_file }
      local result = calls.run_script(script, arguments, { environment = { OPENSSL_CONF = path } })
      assert.equal("false\ttls\tnot_deleted\n", result.stdout, result.stderr)
      assert.equal(0, service:deletes())
    end
    os.remove(path)
  end)

  -- What a service does instead, and the kind that it makes.
  local failures = {
    { "plain text on the port", "tls", { "HTTP/1.1 400 Bad Request\r\n\r\n", { close = true } } },
    { "another protocol's greeting", "tls", { "220 smtp.example ESMTP\r\n", { close = true } } },
    { "a reset in the middle", "tls", { { read = true }, { reset = true } } },
    { "the end in the middle", "tls", { { read = true }, { close = true } } },
    { "silence", "timeout", { { hang = true } } },
  }
  for _, failure in ipairs(failures) do
    local name, kind, actions = table.unpack(failure)
    it("fails by " .. name, function()
      local service <close> = server.start { tls = true, ids = { "avatar" } }
      local client <close> = calls.client(service, { connect_timeout = kind == "timeout" and 1 or nil })
      service:plan_connection { actions }
      assert_unsent(service, attempt.by(client, "avatar"), kind)
      assert.equal("deleted", attempt.by(client, "avatar").outcome)
    end)
  end

  -- The numbers of the extensions in a client's first message.
  local function offers(hello)
    local offered = {}
    local _, after_id = string.unpack(">s1", hello, 44)
    local _, after_suites = string.unpack(">s2", hello, after_id)
    local _, after_compressions = string.unpack(">s1", hello, after_suites)
    local extensions = string.unpack(">s2", hello, after_compressions)
    local at = 1
    while at <= #extensions do
      local number
      number, _, at = string.unpack(">I2s2", extensions, at)
      offered[number] = true
    end
    return offered
  end

  it("begins anew each time: libcurl is not trusted to keep sessions", function()
    local PRE_SHARED_KEY, SUPPORTED_VERSIONS = 41, 43
    local service <close> = server.start { tls = true, ids = { "avatar" } }
    local client <close> = calls.client(service)
    service:plan_connection { { after = 1, actions = { { close = true } } } }
    local request = client:delete_photo_avatar_async "avatar"
    repeat until client:poll(30) == 0
    assert.equal("deleted", select(2, request:result()).outcome)
    service:refuse()
    local listener = assert(socket.bind("127.0.0.1", service.port))
    listener:settimeout(30)
    client:delete_photo_avatar_async "avatar"
    local peer = assert(listener:accept())
    peer:settimeout(30)
    local record = assert(peer:receive(5))
    local offered = offers(record .. assert(peer:receive((string.unpack(">I2", record, 4)))))
    peer:close()
    listener:close()
    assert.is_true(offered[SUPPORTED_VERSIONS])
    assert.is_nil(offered[PRE_SHARED_KEY])
  end)

  it("fails with a service that speaks clear text", function()
    local service <close> = server.start { ids = { "avatar" } }
    service:plan_connection { { { read = true }, "HTTP/1.1 400 Bad Request\r\n\r\n", { close = true } } }
    assert_unsent(service, attempt.once(service, "avatar", { base_url = "https://127.0.0.1:" .. service.port }))
  end)
end)
