-- Asynchronous calls of a process that can have no more threads: there is no room for their stacks.

local calls = require "spec.support.calls"
local process = require "spec.support.process"
local server = require "spec.support.server"

-- What a child begins with: a client, and the means to take away the room and to give it back.
local HEAD = [[
  local heygen = require "heygen"
  local client = heygen.new { api_key = "test-key", base_url = (...) }

  local function limit_to(bytes)
    local pid = io.open("/proc/self/stat"):read "n"
    assert(os.execute(("prlimit --pid %d --as=%s:"):format(pid, bytes)))
  end

  local function take_room()
    local kibibytes = io.open("/proc/self/status"):read "a":match "VmSize:%s*(%d+)"
    limit_to(kibibytes * 1024 + (4 << 20))
  end

  local function finish()
    repeat until client:poll(30) == 0
  end
]]

-- The tools that look at memory need more room than any limit leaves.
local can_limit = not os.getenv "LD_PRELOAD" and process.run({ "sh", "-c", "prlimit --as >&2" }).status == 0
local describe_limited = can_limit and describe or pending

describe_limited("without a thread to be had", function()
  local service

  before_each(function() service = server.start { ids = { "a", "b" } } end)
  after_each(function() service:stop() end)

  local function run(script)
    local result = calls.run_script(HEAD .. script, { service.url })
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  it("a call is refused, and the next one that can have one works", function()
    assert.equal("false\tresources\tnot_deleted\t0\ndeleted\n", run [[
      take_room()
      local started, err = pcall(client.delete_photo_avatar_async, client, "a")
      print(started, err.kind, err.outcome, client:poll())
      limit_to "unlimited"
      local request = client:delete_photo_avatar_async "a"
      finish()
      print(select(2, request:result()).outcome)
    ]])
    assert.equal(1, service:deletes())
  end)

  it("a run stops, with nothing attempted, and the next one that can have one works", function()
    assert.equal("resources\tnot_deleted\t2\t2\n2\n", run [[
      take_room()
      local request = client:delete_photo_avatars_async { "a", "b" }
      finish()
      local report = request:result()
      print(report.stopped.kind, report.stopped.outcome, report.total, report.not_attempted)
      limit_to "unlimited"
      request = client:delete_photo_avatars_async { "a", "b" }
      finish()
      print(request:result().deleted)
    ]])
    assert.equal(2, service:deletes())
  end)
end)
