-- The worker's thread: what it does by itself while the host does something else, and what it leaves alone.

local bare_host = require "spec.support.bare_host"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local service

before_each(function()
  service = server.start { ids = { "avatar" } }
  service:plan("hanging", { always = { { hang = true } } })
end)
after_each(function() service:stop() end)

local function count(command)
  local pipe <close> = assert(io.popen(command))
  return math.tointeger(tonumber(pipe:read "a"))
end

-- The shell's parent is this process.
local function threads()
  return count "ls /proc/$PPID/task | wc -l"
end

local function descriptors()
  return count "ls /proc/$PPID/fd | wc -l"
end

-- A finalizer keeps what it knows for one collection more.
local function collect()
  collectgarbage()
  collectgarbage()
end

describe("a client's thread", function()
  it("begins with its first asynchronous call, and ends with close", function()
    collect()
    local before = threads()
    local client = calls.client(service)
    client:pollfd()
    client:delete_photo_avatar("unknown", { missing_ok = true })
    assert.equal(before, threads())
    for _ = 1, 10 do client:delete_photo_avatar_async "hanging" end
    assert.equal(before + 1, threads())
    client:close()
    assert.equal(before, threads())
  end)

  it("ends with its client's collection, requests in flight or not", function()
    collect()
    local before, open = threads(), descriptors()
    for number = 1, 20 do
      local client = calls.client(service)
      client:delete_photo_avatar_async(number % 2 == 0 and "hanging" or "unknown")
    end
    collect()
    assert.equal(before, threads())
    assert.equal(open, descriptors())
    server.eventually(function() return service:open_connections() == 0 end)
  end)

  it("drops the callbacks of a collected client", function()
    local seen, note = polling.notebook()
    calls.client(service):delete_photo_avatar_async("hanging", note "dropped")
    collectgarbage()
    assert.equal(0, #seen)
  end)
end)

describe("while the host does not poll", function()
  after_each(fake_time.uninstall)

  it("requests are sent and finish", function()
    local client <close> = calls.client(service)
    local seen, note = polling.notebook()
    for number = 1, 20 do client:delete_photo_avatar_async("id-" .. number, note(number)) end
    server.eventually(function() return service:deletes() == 20 end)
    assert.equal(0, #seen)
    polling.finish(client)
    assert.equal(20, #seen)
  end)

  it("attempts are retried, through waits of minutes", function()
    fake_time.install { random = { 0.999 } }
    local client <close> = calls.client(service)
    service:plan("unlucky", {
      { { delete = true }, { reset = true } },
      { { status = 503, headers = { ["retry-after"] = "40" } } },
      { { status = 503, headers = { ["retry-after"] = "30" } } },
    })
    local seen, note = polling.notebook()
    client:delete_photo_avatar_async("unlucky", note "unlucky", { max_retries = 3 })
    server.eventually(function() return service:deletes "unlucky" == 4 end)
    assert.equal(0, #seen)
    polling.finish(client)
    assert.same({ "presumed_deleted", 4 }, { seen[1].outcome, seen[1].meta.attempts })
    assert.is_true(fake_time.idled() >= 70)
  end)

  it("deadlines pass, of a request under way and of one that waits for its turn", function()
    local client <close> = calls.client(service, { max_concurrency = 1, timeout = 60 })
    local seen, note = polling.notebook()
    local began = fake_time.now()
    client:delete_photo_avatar_async("hanging", note "sent", { deadline = 0.4 })
    client:delete_photo_avatar_async("avatar", note "waiting", { deadline = 0.2 })
    polling.await_readable(client)
    polling.finish(client)
    assert.equal(began, fake_time.now())
    local kinds = {}
    for _, delivery in ipairs(seen) do
      kinds[delivery.name] = { delivery.err.kind, delivery.outcome, delivery.err.attempts }
    end
    assert.same({ sent = { "timeout", "unknown", 1 }, waiting = { "timeout", "not_deleted", 0 } }, kinds)
    assert.equal(0, service:deletes "avatar")
  end)
end)

describe("max_concurrency", function()
  it("is kept, and used: so many requests are open, and no more", function()
    local client <close> = calls.client(service, { max_concurrency = 3 })
    local requests = {}
    for number = 1, 10 do requests[number] = client:delete_photo_avatar_async "hanging" end
    server.eventually(function() return service:deletes "hanging" == 3 end)
    for position = 1, 7 do
      requests[position]:cancel()
      server.eventually(function() return service:deletes "hanging" == 3 + position end)
      server.eventually(function() return service:open_connections() == 3 end)
    end
  end)

  it("needs no more connections than that", function()
    for number = 1, 60 do service:plan("id-" .. number, { always = { { sleep = 0.005 }, { answer = true } } }) end
    local client <close> = calls.client(service, { max_concurrency = 4 })
    for number = 1, 60 do client:delete_photo_avatar_async("id-" .. number) end
    polling.finish(client)
    assert.equal(60, service:deletes())
    assert.equal(4, service:connections())
  end)

  it("lets requests begin in the order in which they were started", function()
    local client <close> = calls.client(service, { max_concurrency = 1 })
    local seen, note = polling.notebook()
    for number = 1, 30 do client:delete_photo_avatar_async("id-" .. number, note(number)) end
    polling.finish(client)
    for position, request in ipairs(service:requests()) do
      assert.equal("id-" .. position, request.id)
      assert.equal(position, seen[position].name)
    end
  end)

  it("keeps a request that waits for its turn from using up its timeout", function()
    local client <close> = calls.client(service, { max_concurrency = 1 })
    service:plan("slow", { always = { { sleep = 2 }, { status = 204 } } })
    local outcomes = {}
    local function note(_, meta) outcomes[#outcomes + 1] = meta.outcome .. " " .. meta.attempts end
    client:delete_photo_avatar_async("slow", note, { timeout = 30 })
    client:delete_photo_avatar_async("avatar", note, { timeout = 1.9, max_retries = 0 })
    polling.finish(client)
    assert.same({ "deleted 1", "deleted 1" }, outcomes)
  end)

  it("is each client's own", function()
    local one <close> = calls.client(service, { max_concurrency = 1 })
    local other <close> = calls.client(service, { max_concurrency = 1 })
    one:delete_photo_avatar_async "hanging"
    local request = other:delete_photo_avatar_async "avatar"
    polling.finish(other)
    assert.equal("deleted", select(2, request:result()).outcome)
  end)

  it("of a thousand is possible", function()
    local client <close> = calls.client(service, { max_concurrency = 1000 })
    local seen, note = polling.notebook()
    for number = 1, 1000 do client:delete_photo_avatar_async("id-" .. number, note(number)) end
    polling.finish(client)
    assert.same({ 1000, 1000 }, { #seen, service:deletes() })
  end)
end)

describe("the host's process", function()
  local host

  setup(function() host = bare_host.new() end)
  teardown(function() host:remove() end)

  it("is not ended by SIGPIPE when a connection breaks", function()
    local secure <close> = server.start { tls = true }
    local plans = {}
    for position = 1, 30 do plans[position] = { after = 1, actions = { { reset = true } } } end
    secure:plan_connection(plans)
    local result = host:run({ [[
      local heygen = require "heygen"
      local client = heygen.new { api_key = "test-key", base_url = os.getenv "URL", ca_file = os.getenv "CA_FILE" }
      for number = 1, 10 do
        client:delete_photo_avatar_async("id-" .. number)
        repeat until client:poll(1) == 0
        host.sleep(0.02)
      end
      client:close()
      print(host.is_sigpipe_blocked(), host.is_sigpipe_pending())
    ]] }, { URL = secure.url, CA_FILE = secure.ca_file })
    assert.equal("false\tfalse\n", result.stdout, result.stderr)
    assert.equal(0, result.status)
    assert.is_true(secure:connections() > 1)
  end)

  it("gives no descriptor of the client's to a program that it starts", function()
    local result = calls.run_script([[
      local heygen = require "heygen"
      local function own() return io.popen("ls /proc/$PPID/fd | wc -l"):read "n" end
      local function inherited() return io.popen("ls /proc/self/fd | wc -l"):read "n" end
      local own_before, inherited_before = own(), inherited()
      local client = heygen.new { api_key = "test-key", base_url = ... }
      local request = client:delete_photo_avatar_async "unknown"
      repeat until client:poll(1) == 0
      assert(own() > own_before + 2)
      print(inherited() - inherited_before)
    ]], { service.url })
    -- libcurl 7.88 opens the pair that wakes it without close-on-exec.
    assert.matches("^[02]\n$", result.stdout, result.stderr)
  end)
end)
