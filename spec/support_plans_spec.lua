-- What the loopback service does by plan, tried with plain sockets.

local raw_client = require "spec.support.raw_client"
local server = require "spec.support.server"
local socket = require "socket"

local ask, connect, ending = raw_client.ask, raw_client.connect, raw_client.ending
local receive_response, request_text = raw_client.receive_response, raw_client.request_text

local V2, V3 = "/v2/photo_avatar/", "/v3/avatars/looks/"

describe("plans", function()
  local service, client
  setup(function() service = server.start() end)
  teardown(function() service:stop() end)
  before_each(function() client = connect(service) end)
  after_each(function() client:close() end)

  it("go attempt by attempt, and then to the normal service", function()
    service:add("planned")
    service:plan("planned", {
      { { status = 503, body = "busy", headers = { ["Retry-After"] = "1", ["content-type"] = "text/plain" } } },
      { { delete = true }, "HTTP/1.1 204 No Content\r\n", "\r\n" },
    })
    local status, body, headers = ask(client, V2 .. "planned")
    assert.same({ 503, "busy", "1", "text/plain", "req-1" },
      { status, body, headers["retry-after"], headers["content-type"], headers["x-request-id"] })
    assert.equal(404, (ask(client, V2 .. "another")))
    assert.equal(204, (ask(client, V2 .. "planned")))
    assert.is_false(service:knows("planned"))
    assert.equal(404, (ask(client, V2 .. "planned")))
  end)

  it("may say what is done always", function()
    service:plan("always", { { { status = 500 } }, always = { { status = 502 } } })
    local seen = {}
    for attempt = 1, 4 do seen[attempt] = ask(client, V2 .. "always") end
    assert.same({ 500, 502, 502, 502 }, seen)
  end)

  it("do not disturb requests sent together", function()
    client:send(request_text(V2 .. "together") .. request_text(V3 .. "together"))
    assert.equal(404, (receive_response(client)))
    assert.equal(404, (receive_response(client)))
  end)

  it("send the normal answer when they say so", function()
    service:add("answered")
    service:plan("answered", { { "HTTP/1.1 103 Early Hints\r\n\r\n", { answer = true } } })
    assert.equal(103, (ask(client, V2 .. "answered")))
    assert.equal(200, (receive_response(client)))
  end)

  it("take their time", function()
    service:plan("slow", { { { sleep = 0.05 }, { drip = "HTTP/1.1 204 No Content\r\n\r\n", every = 0.004 } } })
    local started_at = socket.gettime()
    assert.equal(204, (ask(client, V2 .. "slow")))
    assert.is_true(socket.gettime() - started_at >= 0.05 + 20 * 0.004)
  end)

  it("repeat a text exactly, leave headers out, and repeat headers", function()
    service:plan("exact", { { { send = "abc", times = 50000 }, { close = true } } })
    client:send(request_text(V2 .. "exact"))
    assert.equal(("abc"):rep(50000), (client:receive("*a")))
    local other = connect(service)
    local headers = { ["content-length"] = false, ["set-cookie"] = { "a", "b" } }
    service:plan("headers", { { { status = 200, body = "{}", headers = headers }, { cut = true } } })
    other:send(request_text(V2 .. "headers"))
    local received = other:receive("*a")
    assert.equal("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: a\r\nset-cookie: b\r\n"
      .. "x-request-id: " .. service:requests("headers")[1].request_id .. "\r\n\r\n{}", received)
    other:close()
  end)

  it("refuse later connections until the service listens again", function()
    service:plan("refusing", { { { refuse = true }, { answer = true } } })
    assert.equal(404, (ask(client, V2 .. "refusing")))
    assert.same({ nil, "connection refused" }, { socket.tcp():connect("127.0.0.1", service.port) })
    assert.equal(404, (ask(client, V2 .. "kept-connections-go-on")))
    service:listen()
    connect(service):close()
  end)

  it("act on connections before any request", function()
    service:plan_connection { { "220 smtp.example\r\n", { close = true } }, { { read = true }, { reset = true } } }
    local greeted, reset, normal = connect(service), connect(service), connect(service)
    assert.equal("220 smtp.example\r\n", (greeted:receive("*a")))
    reset:send("hello")
    assert.equal("reset", ending(reset))
    assert.equal(404, (ask(normal, V2 .. "nobody")))
    greeted:close()
    reset:close()
    normal:close()
  end)

  it("spare the connections that were there before", function()
    service:reset_record()
    for round = 1, 20 do
      local before = connect(service)
      service:plan_connection { { "planned", { close = true } } }
      local after = connect(service)
      assert.equal(2 * round, service:connections())
      assert.equal("planned", (after:receive("*a")))
      assert.equal(404, (ask(before, V2 .. "nobody")))
      before:close()
      after:close()
    end
  end)

  it("are refused when they make no sense", function()
    local nonsense = {
      ["names none of the known kinds"] = { { { explode = true } } },
      ["has no member 'evry'"] = { { { drip = "x", every = 1, evry = 1 } } },
      ["has no member 'sometimes'"] = { sometimes = {} },
      ["a drip needs every"] = { { { drip = "x" } } },
      ["a string or a table"] = { { 5 } },
    }
    for words, attempts in pairs(nonsense) do
      assert.error_matches(function() service:plan("nonsense", attempts) end, words)
    end
    assert.error_matches(function() service:plan_connection { { { answer = true } } } end, "needs a request")
    assert.error_matches(function() server.start { port = 80 } end, "no option 'port'")
    assert.equal(404, (ask(client, V2 .. "nonsense")))
  end)
end)
