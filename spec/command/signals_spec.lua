-- heygen-delete and signals: SIGTERM and SIGHUP end it as Ctrl-C does, and no Ctrl-C is lost, however early it comes.

local command = require "spec.support.command"
local process = require "spec.support.process"
local server = require "spec.support.server"
local socket = require "socket"

local PATIENCE = 30

local STATUSES = { TERM = 143, HUP = 129, INT = 130 }

describe("heygen-delete", function()
  local service, folder, journal

  before_each(function()
    service = server.start {}
    folder = command.folder()
    journal = folder .. "/journal"
  end)
  after_each(function()
    service:stop()
    command.remove(folder)
  end)

  -- A run of 50 ids of which 20 are deleted and 8 get no answer.
  local function start_run(options)
    local ids = command.ids(50)
    service:add(ids)
    for position = 21, 28 do service:plan(ids[position], { { { hang = true } } }) end
    local child = command.start(service, { "-y", "--json", "--journal", journal, table.unpack(ids) }, options)
    server.eventually(function() return service:deletes() == 28 end, PATIENCE)
    server.eventually(function() return select(2, child:output("stdout"):gsub("\n", "")) == 20 end, PATIENCE)
    return child
  end

  local function assert_complete(result, status)
    assert.equal(status, result.status, result.stderr)
    assert.equal("50 photo avatars: 20 deleted, 8 unknown, 22 not attempted\nInterrupted.\n"
      .. "Run it again with the same journal to go on.\n", result.stderr)
    assert.equal(50, select(2, result.stdout:gsub("\n", "")))
    local counts = {}
    for _, word in pairs(command.last_words(command.read(journal))) do counts[word] = (counts[word] or 0) + 1 end
    assert.is_nil(counts.start)
    assert.same({ 20, 8 }, { counts.deleted, counts.unknown })
  end

  for name, status in pairs(STATUSES) do
    it(("ends at SIG%s with a summary, a complete journal and status %d"):format(name, status), function()
      local child = start_run()
      child:signal(name)
      assert_complete(child:wait(PATIENCE), status)
    end)
  end

  it("takes SIGTERM and SIGHUP at once, as systemd sends them, for one", function()
    local child = start_run()
    assert(os.execute(("kill -TERM %d && kill -HUP %d"):format(child.pid, child.pid)))
    local result = child:wait(PATIENCE)
    assert_complete(result, result.status == 129 and 129 or 143)
  end)

  it("goes on at a SIGHUP that it was started to ignore", function()
    local child = start_run { shell = 'trap "" HUP; exec "$@"' }
    child:signal "HUP"
    socket.sleep(0.5)
    assert.is_false(child:has_ended())
    child:signal "TERM"
    assert_complete(child:wait(PATIENCE), 143)
  end)

  it("ends at a signal while it waits for the service", function()
    service:refuse()
    local jumping = 'require "spec.support.fake_time".install { flowing = true };'
      -- The client's waits are jumped over, this command's own are not.
      .. 'local system = require("heygen.core").system; local clock = os.clock;'
      .. 'system.sleep = function() os.execute "sleep 0.05" end'
    local child = command.start(service, { "-y", "--patience", "1d", "a", "b" }, {
      environment = { LUA_INIT_5_4 = jumping },
    })
    server.eventually(function() return child:output("stderr"):find "Waiting for it" end, PATIENCE)
    -- A shell that sleeps swallows SIGINT, this one not.
    child:signal "TERM"
    local result = child:wait(PATIENCE)
    assert.equal(143, result.status, result.stderr)
    assert.matches("not deleted: a: connection", result.stderr)
    assert.matches("2 photo avatars: 2 not deleted\n", result.stdout)
  end)

  -- As the interpreter does it, by a hook, at one moment after another: argparse puts a traceback behind the error.
  local INTERRUPTED = [[
    local command = require "heygen.command"
    local seen = {}
    for count = 50, 20000, 150 do
      debug.sethook(function()
        debug.sethook()
        error("interrupted!", 0)
      end, "", count)
      local status = command.main { "--no-such-flag" }
      debug.sethook()
      seen[status] = true
    end
    for status in pairs(seen) do print(status) end
  ]]

  it("knows Ctrl-C while it reads its arguments", function()
    local result = process.run({ process.INTERPRETER, "-e", INTERRUPTED }, { environment = command.environment() })
    local statuses = {}
    for status in result.stdout:gmatch "%d+" do statuses[#statuses + 1] = tonumber(status) end
    table.sort(statuses)
    assert.same({ 2, 130 }, statuses, result.stderr)
  end)

  it("loses no Ctrl-C in its first moments, and does not take it for something else", function()
    -- Where one is lost, the run hangs until it is killed.
    service:plan("a", { always = { { hang = true } } })
    for attempt = 0, 40 do
      local child = command.start(service, { "-y", "a" })
      socket.sleep(attempt * 0.001)
      child:signal "INT"
      local result = child:wait(PATIENCE)
      local told = ("after %d ms: status %s, signal %s: %s"):format(
        attempt, result.status, result.signal, result.stderr)
      -- Before the interpreter has begun, the signal is the system's.
      assert.is_true(result.status == 130 or result.signal == 2 or result.status == 1, told)
      assert.not_matches("needed", result.stderr)
      assert.is_false(result.timed_out, told)
    end
  end)
end)
