-- The loopback service itself, tried with plain sockets; but for its plans, which have a spec of their own.

local cjson = require "cjson"
local socket = require "socket"
local raw_client = require "spec.support.raw_client"
local server = require "spec.support.server"

local ask, connect, ending = raw_client.ask, raw_client.connect, raw_client.ending
local receive_response, request_text = raw_client.receive_response, raw_client.request_text

local V2, V3 = "/v2/photo_avatar/", "/v3/avatars/looks/"

describe("the loopback service", function()
  for _, tls in ipairs { false, true } do
    describe(tls and "over TLS" or "over HTTP", function()
      local service, client

      setup(function() service = server.start { tls = tls, ids = { "avatar" } } end)
      teardown(function() service:stop() end)
      before_each(function()
        service:reset_record()
        client = connect(service)
      end)
      after_each(function() client:close() end)

      it("deletes a known id once", function()
        service:add { "one", "two" }
        local status, body, headers = ask(client, V2 .. "one")
        assert.same({ 200, '{"code":100,"data":null,"msg":null,"message":null}' }, { status, body })
        assert.equal("application/json", headers["content-type"])
        assert.equal("req-1", headers["x-request-id"])
        assert.is_false(service:knows("one"))
        assert.is_true(service:knows("two"))

        status, body, headers = ask(client, V2 .. "one")
        assert.same({ 404, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}' },
          { status, body })
        assert.equal("req-2", headers["x-request-id"])
      end)

      it("ends a connection in order, by a bare FIN, or by a reset", function()
        local expected = {
          close = "closed",
          cut = tls and "unexpected eof while reading" or "closed",
          reset = "reset",
        }
        for kind, result in pairs(expected) do
          service:plan("ending", { { "HTTP/1.1 2", { [kind] = true } } })
          local other = connect(service)
          other:send(request_text(V2 .. "ending"))
          assert.equal("HTTP/1.1 2", other:receive(10))
          assert.equal(result, ending(other), kind)
          other:close()
        end
      end)

      it("sends without end until the client goes away", function()
        service:plan("endless", { { { send = "0123456789", times = math.huge } } })
        client:send(request_text(V2 .. "endless"))
        assert.equal(("0123456789"):rep(200000), client:receive(2000000))
        assert.equal(1, service:open_connections())
        client:close()
        server.eventually(function() return service:open_connections() == 0 end)
      end)

      it("ends in order although the client has not read everything", function()
        service:plan("much", { { { send = "x", times = 5000000 }, { close = true } } })
        client:send(request_text(V2 .. "much"))
        assert.equal(5000000, #client:receive(5000000))
        assert.equal("closed", ending(client))
      end)

      it("hangs until the client goes away, and serves others meanwhile", function()
        service:plan("hanging", { { { hang = true } } })
        client:send(request_text(V2 .. "hanging"))
        server.eventually(function() return service:deletes("hanging") == 1 end)
        local other = connect(service)
        assert.equal(404, (ask(other, V2 .. "nobody")))
        assert.equal(2, service:open_connections())
        client:close()
        server.eventually(function() return service:open_connections() == 1 end)
        other:close()
      end)

      it("acts on a kept connection after a response", function()
        service:plan_connection { {}, { after = 2, actions = { { reset = true } } } }
        local untouched, reset = connect(service), connect(service)
        for _ = 1, 3 do assert.equal(404, (ask(untouched, V2 .. "nobody"))) end
        for _ = 1, 2 do assert.equal(404, (ask(reset, V2 .. "nobody"))) end
        assert.equal("reset", ending(reset))
        untouched:close()
        reset:close()
      end)
    end)
  end

  describe("answers", function()
    local service, client

    setup(function() service = server.start { ids = { "avatar" }, keys = { "first", "second" } } end)
    teardown(function() service:stop() end)
    before_each(function() client = connect(service) end)
    after_each(function() client:close() end)

    it("a wrong key, in the shape of each version", function()
      local status, body = ask(client, V2 .. "avatar")
      assert.equal(401, status)
      assert.equal(cjson.null, cjson.decode(body).data)
      assert.equal("internal_error", cjson.decode(body).error.code)
      status, body = ask(client, V3 .. "avatar")
      assert.equal(401, status)
      assert.is_nil(cjson.decode(body).data)
      assert.equal(cjson.null, cjson.decode(body).error.doc_url)
      assert.is_true(service:knows("avatar"))
    end)

    it("v3 with its own shapes", function()
      service:add("look")
      local status, body = ask(client, V3 .. "look", { key = "second" })
      assert.same({ 200, '{"data":{"id":"look"}}' }, { status, body })
      status, body = ask(client, V3 .. "look", { key = "first" })
      assert.same({ 404, "avatar_not_found" }, { status, cjson.decode(body).error.code })
    end)

    it("a wrong method with 405", function()
      for _, route in ipairs { V2, V3 } do
        local status, _, headers = ask(client, route .. "avatar", { method = "GET", key = "first" })
        assert.same({ 405, "DELETE" }, { status, headers.allow })
      end
      assert.is_true(service:knows("avatar"))
    end)

    it("an unknown route as a gateway does", function()
      local paths = { "/", "/v2/", V2, V2 .. "avatar/more", "/v4/photo_avatar/avatar", "/v2/photo_avatars/avatar" }
      for _, path in ipairs(paths) do
        local status, body, headers = ask(client, path, { key = "first" })
        assert.same({ 404, "text/html" }, { status, headers["content-type"] })
        assert.truthy(body:find("<h1>", 1, true))
      end
    end)

    it("below a prefix alone, if it has one", function()
      local prefixed <close> = server.start { ids = { "avatar" }, prefix = "/proxy" }
      assert.truthy(prefixed.url:find(":%d+/proxy$"))
      local other = connect(prefixed)
      assert.equal(404, (ask(other, V2 .. "avatar")))
      assert.equal(200, (ask(other, "/proxy" .. V2 .. "avatar")))
      other:close()
    end)

    it("v2 with the announcement of its end, if it is deprecated", function()
      local deprecated <close> = server.start { ids = { "avatar", "look" }, deprecated = true }
      local other = connect(deprecated)
      local _, body, headers = ask(other, V2 .. "avatar")
      assert.equal("true", headers.deprecation)
      assert.equal("Sat, 31 Oct 2026 00:00:00 GMT", headers.sunset)
      local names = {}
      for name in pairs(cjson.decode(body).warning) do names[#names + 1] = name end
      table.sort(names)
      assert.same({ "docs_url", "message", "sunset_date", "v3_endpoint" }, names)
      assert.equal(100, cjson.decode(body).code)
      _, body, headers = ask(other, V3 .. "look")
      assert.is_nil(headers.deprecation)
      assert.equal('{"data":{"id":"look"}}', body)
      other:close()
    end)

    it("and closes when the client asks for it", function()
      local status, _, headers = ask(client, V2 .. "avatar", { more = "Connection: close\r\n" })
      assert.same({ 401, "close" }, { status, headers.connection })
      assert.equal("closed", ending(client))
    end)
  end)
end)

describe("the record", function()
  local service
  before_each(function() service = server.start { ids = { "one" } } end)
  after_each(function() service:stop() end)

  it("holds every request, in order", function()
    local first, second = connect(service), connect(service)
    ask(first, V2 .. "one", { more = "X-Twice: a\r\nx-twice:  b \r\nContent-Length: 4\r\n", body = "body" })
    ask(second, V3 .. "two?x=1", { method = "GET" })
    ask(first, V3 .. "two")
    local seen = service:requests()
    assert.equal(3, #seen)
    assert.same({ "DELETE", V2 .. "one", "HTTP/1.1", 1, 1, "one", "req-1" }, {
      seen[1].method, seen[1].path, seen[1].version, seen[1].connection, seen[1].number, seen[1].id, seen[1].request_id,
    })
    assert.same({ "test-key", "a, b" }, { seen[1].headers["x-api-key"], seen[1].headers["x-twice"] })
    assert.same({ "GET", V3 .. "two?x=1", 2, 1 }, { seen[2].method, seen[2].path, seen[2].connection, seen[2].number })
    assert.same({ V3 .. "two", 1, 2 }, { seen[3].path, seen[3].connection, seen[3].number })
    assert.same({ 1, 1, 2 }, { #service:requests("two"), service:deletes("one"), service:deletes() })
    assert.equal(2, service:connections())

    service:reset_record()
    assert.same({ 0, 0, 0, 0 },
      { #service:requests(), service:deletes(), service:deletes("one"), service:connections() })
    first:close()
    second:close()
  end)

  it("can be left out for long runs", function()
    local counting <close> = server.start { record = false }
    local client = connect(counting)
    ask(client, V2 .. "one")
    assert.same({ 0, 1 }, { #counting:requests(), counting:deletes("one") })
    client:close()
  end)
end)

describe("TLS", function()
  local function handshake(options)
    local service <close> = server.start(options)
    local client, done, problem = raw_client.secure(raw_client.connect_plain(service.port), service.ca_file)
    local certificate = done and client:getpeercertificate()
    client:close()
    return problem, certificate
  end

  it("has certificates of each kind", function()
    local problem, certificate = handshake { tls = true }
    assert.is_nil(problem)
    assert.same({ "localhost", server.PROXIED_HOST }, certificate:extensions()["2.5.29.17"].dNSName)
    problem, certificate = handshake { tls = true, certificate = "wrong_host" }
    assert.is_nil(problem)
    assert.same({ "elsewhere.test" }, certificate:extensions()["2.5.29.17"].dNSName)
    assert.equal("certificate verify failed", (handshake { tls = true, certificate = "expired" }))
    assert.equal("certificate verify failed", (handshake { tls = true, certificate = "self_signed" }))
  end)

  it("survives a client that breaks it", function()
    local service <close> = server.start { tls = true }
    local plain, other = raw_client.connect_plain(service.port), connect(service)
    local breaking = raw_client.secure(plain, service.ca_file)
    -- Under TLS's feet: a record that was never encrypted.
    plain:setfd(breaking:getfd())
    plain:send("\23\3\3\0\40" .. ("x"):rep(100))
    plain:setfd(-1)
    assert.is_nil((breaking:receive(1)))
    assert.equal(404, (ask(other, V2 .. "nobody")))
    server.eventually(function() return service:open_connections() == 1 end)
    breaking:close()
    other:close()
  end)

  it("can be hindered before, in and instead of the handshake", function()
    local service <close> = server.start { tls = true }
    local plain_text = "HTTP/1.1 400 Bad Request\r\n\r\n"
    service:plan_connection { { { read = true }, { reset = true } }, { plain_text, { close = true } }, {} }
    for _ = 1, 2 do
      local client, done = raw_client.secure(raw_client.connect_plain(service.port), service.ca_file)
      assert.is_falsy(done)
      client:close()
    end
    local client = connect(service)
    assert.equal(404, (ask(client, V2 .. "nobody")))
    assert.same({ 3, 1 }, { service:connections(), #service:requests() })
    client:close()
  end)
end)

describe("the control connection", function()
  -- As in server.lua.
  local REGISTRY_KEY = "heygen.spec.service"

  it("does not take the reply to an earlier order for that to a later one", function()
    local service <close> = server.start { ids = { "avatar" } }
    local program = debug.getregistry()[REGISTRY_KEY]
    local control = program.control
    -- An order whose time is up when this much of its reply has arrived.
    for _, arrived in ipairs { 0, 1, 7 } do
      program.control = {
        send = function(_, ...) return control:send(...) end,
        receive = function() return nil, "timeout", arrived > 0 and control:receive(arrived) or "" end,
      }
      local succeeded, problem = pcall(service.requests, service)
      program.control = control
      assert.is_false(succeeded)
      assert.matches("the loopback service does not answer 'requests': timeout", problem, 1, true)
      assert.is_true(service:knows "avatar")
      assert.equal(0, service:deletes())
    end
  end)
end)

describe("a proxy", function()
  local function open_tunnel(proxy, target)
    local plain = raw_client.connect_plain(proxy.port)
    plain:send(("CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n"):format(target, target))
    return plain, (receive_response(plain))
  end

  it("carries TLS through a tunnel, ends included", function()
    local service <close> = server.start { tls = true, ids = { "avatar" } }
    local proxy <close> = server.proxy { tunnel = true }
    local target = server.PROXIED_HOST .. ":" .. service.port
    local plain, status = open_tunnel(proxy, target)
    assert.equal(200, status)
    local client, done, problem = raw_client.secure(plain, service.ca_file)
    assert(done, problem)
    assert.equal(200, (ask(client, V2 .. "avatar")))
    service:plan("avatar", { { { close = true } } })
    client:send(request_text(V2 .. "avatar"))
    assert.equal("closed", ending(client))
    client:close()
    assert.same({ 1, "CONNECT", target }, { #proxy:requests(), proxy:requests()[1].method, proxy:requests()[1].path })
    server.eventually(function() return proxy:open_connections() + service:open_connections() == 0 end)
  end)

  it("answers with a status, refuses, or does as it is told", function()
    local answers = { [407] = { status = 407 }, [403] = { refuse = true }, [500] = { actions = { { status = 500 } } } }
    for status, options in pairs(answers) do
      local proxy <close> = server.proxy(options)
      local plain, seen = open_tunnel(proxy, "localhost:1")
      assert.equal(status, seen)
      plain:close()
    end
  end)

  it("answers 502 where nobody listens", function()
    local proxy <close> = server.proxy { tunnel = true }
    local plain, status = open_tunnel(proxy, "localhost:" .. server.refused_port())
    assert.equal(502, status)
    plain:close()
  end)
end)

describe("ports without a service", function()
  it("refuse", function()
    assert.same({ nil, "connection refused" }, { socket.tcp():connect("127.0.0.1", server.refused_port()) })
  end)

  it("stay silent", function()
    local client = assert(socket.connect("127.0.0.1", server.silent()))
    client:send("hello")
    assert.is_nil(socket.select({ client }, nil, 0.05)[1])
    client:close()
  end)

  it("let nobody connect", function()
    local port = server.unconnectable()
    if not port then return pending("this system has no way to make a connect hang on the loopback") end
    local client = socket.tcp()
    client:settimeout(0.1)
    assert.same({ nil, "timeout" }, { client:connect("127.0.0.1", port) })
    client:close()
  end)
end)
