-- Time in which the process could not run is not time in which the service did not answer: what has arrived is read,
-- however late the host comes to it.

local calls = require "spec.support.calls"
local process = require "spec.support.process"
local server = require "spec.support.server"
local socket = require "socket"
local ways = require "spec.support.ways"

for _, protocol in ipairs { "HTTP", "TLS" } do
  describe("over " .. protocol .. ",", function()
    local service, client

    before_each(function() service = server.start { tls = protocol == "TLS" } end)
    after_each(function()
      client:close()
      service:stop()
    end)

    local function prepare(count, delay)
      local ids = {}
      for i = 1, count do
        ids[i] = "id-" .. i
        service:plan(ids[i], { { { sleep = delay }, { delete = true }, { status = 204 } } })
      end
      return ids
    end

    it("a run whose on_result takes longer than the timeout gets all its answers", function()
      local ids = prepare(8, 0.3)
      client = calls.client(service, { timeout = 1, max_retries = 0 })
      local slept = false
      local report = client:delete_photo_avatars(ids, { on_result = function()
        if not slept then socket.sleep(2.5) end
        slept = true
      end })
      assert.same({ 8, 0 }, { report.deleted, report.unknown })
    end)

    it("a run whose on_result is slow while others connect gets all its answers", function()
      local ids = prepare(40, 0.05)
      client = calls.client(service, { timeout = 0.5, connect_timeout = 0.5, max_retries = 0 })
      local report = client:delete_photo_avatars(ids, { max_concurrency = 40, on_result = function()
        socket.sleep(0.15)
      end })
      assert.same({ 40, 0 }, { report.deleted, report.unknown })
    end)

    it("an attempt that gets no answer still ends with its time", function()
      service:plan("id-1", { always = { { hang = true } } })
      client = calls.client(service, { timeout = 0.3, max_retries = 0, deadline = 60 })
      for _, way in ipairs(ways.names) do
        local made = ways.attempt(way, client, "id-1")
        assert.same({ "timeout", "unknown" }, { made.kind, made.outcome }, way)
        assert.equal("no complete answer in time", made.err.cause)
      end
    end)

    it("an answer that never ends does not outlast its time", function()
      service:plan("id-1", { always = {
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", { drip = (" "):rep(1000), every = 0.01 },
      } })
      client = calls.client(service, { timeout = 0.3, max_retries = 0, deadline = 60 })
      local made = ways.attempt("blocking", client, "id-1")
      assert.same({ "timeout", "unknown" }, { made.kind, made.outcome })
      assert.is_true(made.err.elapsed < 30)
    end)
  end)
end

describe("a process that was stopped for longer than the timeout", function()
  local SCRIPT = [[
    local heygen = require "heygen"
    local client = heygen.new { api_key = "test-key", base_url = %q, timeout = 1, max_retries = 0, ca_file = %s }
    io.stdout:write("ready\n"):flush()
    local ids = {}
    for i = 1, 8 do ids[i] = "id-" .. i end
    local report
    if %q == "blocking" then
      report = client:delete_photo_avatars(ids)
    else
      client:delete_photo_avatars_async(ids, function(r) report = r end)
      while client:poll(1) > 0 do end
    end
    io.stdout:write(report.deleted, " ", report.unknown, " ", report.not_deleted, "\n")
  ]]

  for _, way in ipairs { "blocking", "asynchronous" } do
    for _, protocol in ipairs { "HTTP", "TLS" } do
      it(("has its answers when it goes on, %s, %s"):format(way, protocol), function()
        local stopped = server.start { tls = protocol == "TLS" }
        for i = 1, 8 do
          stopped:plan("id-" .. i, { { { sleep = 0.5 }, { delete = true }, { status = 204 } } })
        end
        local path = os.tmpname()
        local file = assert(io.open(path, "w"))
        file:write(("package.path, package.cpath = %q, %q\n"):format(package.path, package.cpath),
          SCRIPT:format(stopped.url, stopped.ca_file and ("%q"):format(stopped.ca_file) or "nil", way))
        file:close()
        local pipe = assert(io.popen(("echo $$; exec %s %s"):format(process.INTERPRETER, path)))
        local pid = pipe:read("l")
        assert.equal("ready", pipe:read("l"))
        local patience = socket.gettime() + 60
        while #stopped:requests() < 8 and socket.gettime() < patience do socket.sleep(0.01) end
        os.execute("kill -STOP " .. pid)
        socket.sleep(2)
        os.execute("kill -CONT " .. pid)
        local told = pipe:read("l")
        pipe:close()
        os.remove(path)
        stopped:stop()
        assert.equal("8 0 0", told)
      end)
    end
  end
end)
