-- The driver of calls: connections that are kept, DELETEs that are never repeated, time that is never overrun.

local attempt = require "spec.support.attempt"
local bare_host = require "spec.support.bare_host"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local server = require "spec.support.server"
local socket = require "socket"

-- A limit that no call is expected to reach, in seconds.
local PATIENCE = 60

local host

setup(function() host = bare_host.new() end)
teardown(function() host:remove() end)

-- The connections, by their numbers, that a service's requests came on.
local function connections_of(service)
  local numbers = {}
  for position, request in ipairs(service:requests()) do numbers[position] = request.connection end
  return numbers
end

local function wait_for_open_connections(service, count)
  server.eventually(function() return service:open_connections() == count end)
end

for _, protocol in ipairs { "HTTP", "TLS" } do
  describe("over " .. protocol .. ", a client's connection", function()
    local service, client

    setup(function() service = server.start { tls = protocol == "TLS" } end)
    teardown(function() service:stop() end)

    before_each(function()
      wait_for_open_connections(service, 0)
      service:reset_record()
      service:add { "a", "b", "c", "d" }
      client = calls.client(service)
    end)
    after_each(function() client:close() end)

    local function delete(id)
      return attempt.by(client, id).outcome
    end

    it("is kept open from call to call, whatever the answer", function()
      service:plan("refused", { { { status = 403, body = "{}" } }, { { status = 500, body = "<html>" } } })
      assert.equal("deleted", delete "a")
      assert.equal("absent", delete "a")
      assert.equal("not_deleted", delete "refused")
      assert.equal("unknown", delete "refused")
      assert.equal("deleted", delete "b")
      assert.same({ 1, 1, 1, 1, 1 }, connections_of(service))
    end)

    it("is kept while options of a call change", function()
      delete "a"
      attempt.by(client, "b", { api_version = "v3", timeout = 5, connect_timeout = 5, max_response_bytes = 1000 })
      delete "c"
      assert.same({ 1, 1, 1 }, connections_of(service))
    end)

    it("is its own", function()
      local other <close> = calls.client(service)
      delete "a"
      attempt.by(other, "b")
      delete "c"
      attempt.by(other, "d")
      assert.same({ 1, 2, 1, 2 }, connections_of(service))
    end)

    it("ends with the client", function()
      delete "a"
      assert.equal(1, service:open_connections())
      client:close()
      wait_for_open_connections(service, 0)
    end)

    it("is given up when the service says so", function()
      service:plan("a", { { { status = 204, headers = { connection = "close" } } } })
      delete "a"
      delete "b"
      assert.same({ 1, 2 }, connections_of(service))
    end)

    it("is given up after an answer that was not read to its end", function()
      service:plan("a", { { { status = 200, body = ("x"):rep(2000) } } })
      assert.equal("unknown", attempt.by(client, "a", { max_response_bytes = 1000 }).outcome)
      assert.equal("deleted", delete "b")
      assert.same({ 1, 2 }, connections_of(service))
    end)

    it("is given up after an answer with something behind it", function()
      local answer = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"code":100}'
      service:plan("a", { { answer:rep(2) } })
      assert.equal("deleted", delete "a")
      assert.equal("absent", delete "nobody")
      assert.same({ 1, 2 }, connections_of(service))
    end)

    for name, ending in pairs { ["in order"] = { close = true }, ["by a reset"] = { reset = true } } do
      it("is replaced when it ended " .. name .. " between two calls", function()
        service:plan_connection { { after = 1, actions = { ending } } }
        assert.equal("deleted", delete "a")
        wait_for_open_connections(service, 0)
        local made = attempt.by(client, "b")
        assert.same({ "none", "deleted", 1 }, attempt.summary(made, service, "b"), tostring(made.err))
        assert.same({ 1, 2 }, connections_of(service))
      end)
    end

    -- It would be taken for the answer to the next request.
    it("is replaced when an answer came that nobody asked for", function()
      local answer = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"code":100}'
      service:plan("a", { { answer, { sleep = 0.05 }, answer, { delete = true } } })
      assert.equal("deleted", delete "a")
      server.eventually(function() return not service:knows("a") end)
      assert.same({ "not_found", "absent", 1 }, attempt.summary(attempt.by(client, "nobody"), service, "nobody"))
      assert.same({ 1, 2 }, connections_of(service))
    end)

    -- Here libcurl by itself would send the DELETE again, on a new connection.
    local endings = {
      ["a reset"] = { { reset = true } },
      ["the end"] = { { close = true } },
      ["a rough end"] = { { cut = true } },
      ["a part of a status line and the end"] = { "HTTP/1.1 2", { close = true } },
      ["a part of a status line and a reset"] = { "HTTP/1.1 2", { sleep = 0.05 }, { reset = true } },
    }
    for name, actions in pairs(endings) do
      it("is not replaced in the middle of a call, after " .. name, function()
        assert.equal("deleted", delete "a")
        service:plan("b", { actions })
        local made = attempt.by(client, "b")
        assert.same({ "connection", "unknown", 1 }, attempt.summary(made, service, "b"), tostring(made.err))
        assert.equal(1, made.err.attempts)
        assert.equal("deleted", delete "c")
        assert.equal(3, service:deletes())
      end)
    end

    it("is not replaced where nobody listens any more", function()
      assert.equal("deleted", delete "a")
      service:plan("b", { { { refuse = true }, { close = true } } })
      assert.same({ "connection", "unknown", 1 }, attempt.summary(attempt.by(client, "b"), service, "b"))
      assert.same({ "connection", "not_deleted", 0 }, attempt.summary(attempt.by(client, "c"), service, "c"))
      service:listen()
      assert.equal("deleted", delete "c")
    end)

    it("goes after a call that failed, and the next call works", function()
      service:plan("a", { { { hang = true } } })
      assert.same({ "timeout", "unknown", 1 }, attempt.summary(attempt.by(client, "a", { timeout = 1 }), service, "a"))
      wait_for_open_connections(service, 0)
      assert.equal("deleted", delete "b")
    end)

    it("leaves nothing of its end to the next call", function()
      service:plan("a", { { { reset = true } } })
      service:plan("b", { { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", { close = true } } })
      assert.same({ "connection", "unknown", 1 }, attempt.summary(attempt.by(client, "a"), service, "a"))
      assert.same({ "protocol", "unknown", 1 }, attempt.summary(attempt.by(client, "b"), service, "b"))
    end)

    it("is used again after 29 seconds of idling, not after 31", function()
      local result = host:run({ [[
        local heygen = require "heygen"
        local client <close> = heygen.new {
          api_key = "test-key", base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE",
        }
        for _, pause in ipairs { 0, 29, 29, 31 } do
          host.advance(pause)
          client:delete_photo_avatar("nobody", { missing_ok = true })
        end
      ]] }, { URL = service.url, CA_FILE = service.ca_file or false })
      assert.equal(0, result.status, result.stderr)
      assert.same({ 1, 1, 1, 2 }, connections_of(service))
    end)
  end)
end

describe("a call's time", function()
  local service

  setup(function() service = server.start { tls = true } end)
  teardown(function() service:stop() end)

  local function timed_out(made, outcome)
    assert.same({ "timeout", outcome }, { made.kind, made.outcome }, tostring(made.err))
    assert.is_true(made.err.elapsed < PATIENCE / 2)
  end

  it("ends a TLS handshake that hangs, by connect_timeout", function()
    service:plan_connection { { { hang = true } } }
    timed_out(attempt.once(service, "avatar", { connect_timeout = 0.5, timeout = PATIENCE }), "not_deleted")
    assert.equal(0, service:deletes())
  end)

  it("ends a TLS handshake that hangs, by timeout", function()
    service:plan_connection { { { hang = true } } }
    timed_out(attempt.once(service, "avatar", { connect_timeout = PATIENCE, timeout = 0.5 }), "not_deleted")
    assert.equal(0, service:deletes())
  end)

  it("does not end an answer by connect_timeout", function()
    service:add("slow")
    service:plan("slow", { { { sleep = 1.5 }, { answer = true } } })
    local made = attempt.once(service, "slow", { connect_timeout = 1 })
    assert.equal("deleted", made.outcome, tostring(made.err))
    assert.is_true(made.meta.elapsed > 1)
  end)

  it("is each call's own, and the client's without one", function()
    local client <close> = calls.client(service, { timeout = PATIENCE })
    service:plan("hanging", { always = { { hang = true } } })
    timed_out(attempt.by(client, "hanging", { timeout = 0.5 }), "unknown")
    service:add("slow")
    service:plan("slow", { { { sleep = 1 }, { answer = true } } })
    assert.equal("deleted", attempt.by(client, "slow").outcome)
  end)

  it("is told", function()
    local started_at = socket.gettime()
    service:plan("hanging", { always = { { hang = true } } })
    local made = attempt.once(service, "hanging", { timeout = 1 })
    -- libcurl counts whole milliseconds.
    assert.is_true(made.err.elapsed > 0.99)
    assert.is_true(made.err.elapsed < socket.gettime() - started_at + 0.1)
  end)
end)

describe("calls that wait for their turn", function()
  local service, client

  before_each(function() service = server.start { ids = { "a", "b", "c", "d" } } end)
  after_each(function()
    client:close()
    service:stop()
    fake_time.uninstall()
  end)

  local function finish()
    repeat until client:poll(1) == 0
  end

  local function ids_seen()
    local ids = {}
    for position, request in ipairs(service:requests()) do ids[position] = request.id end
    return table.concat(ids, " ")
  end

  it("are never more at once than max_concurrency", function()
    client = calls.client(service, { max_concurrency = 3 })
    for number = 1, 12 do
      local id = "slow-" .. number
      service:plan(id, { { { sleep = 0.05 }, { status = 204 } } })
      client:delete_photo_avatar_async(id)
    end
    finish()
    assert.same({ 12, 3 }, { service:deletes(), service:connections() })
  end)

  it("are sent in the order in which they came", function()
    client = calls.client(service, { max_concurrency = 1 })
    for _, id in ipairs { "d", "b", "a", "c" } do client:delete_photo_avatar_async(id) end
    finish()
    assert.equal("d b a c", ids_seen())
  end)

  it("don't wait for one that waits for its next attempt", function()
    fake_time.install()
    client = calls.client(service, { max_concurrency = 1, max_retries = 1 })
    service:plan("a", { { { sleep = 0.2 }, { status = 500 } } })
    for _, id in ipairs { "a", "b", "c" } do client:delete_photo_avatar_async(id) end
    finish()
    assert.equal("a b c a", ids_seen())
  end)

  it("have not begun the time of their attempt", function()
    client = calls.client(service, { max_concurrency = 1 })
    service:plan("a", { { { sleep = 1.5 }, { status = 204 } } })
    client:delete_photo_avatar_async "a"
    local waiting = client:delete_photo_avatar_async("b", nil, { timeout = 1 })
    finish()
    local body, meta = waiting:result()
    assert.truthy(body, tostring(meta))
    assert.is_true(meta.elapsed >= 1)
  end)

  it("end by their deadline, unsent", function()
    client = calls.client(service, { max_concurrency = 1 })
    service:plan("a", { always = { { hang = true } } })
    local running = client:delete_photo_avatar_async("a", nil, { timeout = PATIENCE })
    local waiting = client:delete_photo_avatar_async("b", nil, { deadline = 0.3 })
    server.eventually(function()
      client:poll()
      return waiting:done()
    end, PATIENCE / 2)
    local _, err = waiting:result()
    assert.same({ "timeout", "not_deleted", 0, 0 }, { err.kind, err.outcome, err.attempts, service:deletes "b" })
    assert.is_false(running:done())
  end)

  it("cost no time of the processor", function()
    client = calls.client(service, { max_rate = 0.5 })
    client:delete_photo_avatar "a"
    local before = os.clock()
    local _, meta = client:delete_photo_avatar "b"
    assert.is_true(meta.elapsed > 1.5)
    assert.is_true(os.clock() - before < 1)
  end)
end)

describe("a slow look-up of a name", function()
  -- Far longer than anything here takes otherwise.
  local LOOKUP = 300

  local script = [[
    host.slow_lookups(tonumber(os.getenv "LOOKUP"))
    local heygen = require "heygen"
    local client = heygen.new {
      api_key = "test-key", base_url = "https://slow.test", proxy = "", timeout = 0.5, max_retries = 0,
    }
    local succeeded, err = pcall(client.delete_photo_avatar, client, "avatar")
    local begun, ended = host.lookups()
    -- One look-up for each family of addresses, or one for both.
    print(succeeded, err.kind, err.outcome, begun > 0, ended)
    client:close()
    begun, ended = host.lookups()
    print(begun > 0, ended)
  ]]

  it("holds up neither the call, nor closing, nor the end of the process", function()
    local result = host:run({ script }, { LOOKUP = tostring(LOOKUP) })
    assert.is_false(result.timed_out)
    assert.equal(0, result.status, result.stderr)
    assert.equal("false\ttimeout\tnot_deleted\ttrue\t0\ntrue\t0\n", result.stdout)
  end)

  it("does not keep another call from being made meanwhile", function()
    local service <close> = server.start { ids = { "avatar" } }
    local result = host:run({ script .. [[
      client = heygen.new { api_key = "test-key", base_url = os.getenv "URL" }
      local _, meta = client:delete_photo_avatar("avatar")
      print(meta.outcome)
    ]] }, { LOOKUP = tostring(LOOKUP), URL = service.url })
    assert.equal(0, result.status, result.stderr)
    assert.equal("deleted\n", result.stdout:match("[^\n]*\n$"))
  end)
end)

describe("without descriptors", function()
  local script = [[
    local heygen = require "heygen"
    local client = heygen.new { api_key = "test-key", base_url = os.getenv "URL", max_retries = 0 }
    local hoard = {}
    repeat
      local file = io.open "/dev/null"
      hoard[#hoard + 1] = file
    until not file
    local succeeded, err = pcall(client.delete_photo_avatar, client, "avatar")
    -- No attempt begins where libcurl needs a descriptor to start with.
    print(succeeded, err.kind, err.outcome, err.attempts <= 1)
    for _, file in ipairs(hoard) do file:close() end
    local _, meta = client:delete_photo_avatar "avatar"
    print(meta.outcome)
  ]]

  it("nothing is sent, and the client works once there are some", function()
    local service <close> = server.start { ids = { "avatar" } }
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(script)
    file:close()
    local pipe = assert(io.popen(("ulimit -n 64; URL=%s exec lua5.4 %s 2>&1"):format(service.url, path)))
    local printed = pipe:read("a")
    assert.is_true(pipe:close(), printed)
    os.remove(path)
    assert.equal("false\tresources\tnot_deleted\ttrue\ndeleted\n", printed)
    assert.equal(1, service:deletes())
  end)
end)
