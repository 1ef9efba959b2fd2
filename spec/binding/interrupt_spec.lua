-- Ctrl-C in the standalone interpreter, and hooks of other hosts, during a blocking call.

local calls = require "spec.support.calls"
local compiler = require "spec.support.compiler"
local server = require "spec.support.server"

-- A call that nothing interrupts hangs for so long; one that is interrupted ends well before. In seconds.
local HANGING = 60
local PATIENCE = 30

describe("Ctrl-C", function()
  local service

  before_each(function()
    service = server.start { ids = { "avatar" } }
    service:plan("hanging", { always = { { hang = true } } })
  end)
  after_each(function() service:stop() end)

  -- The script's `call` makes the call that hangs; afterwards the same client, or another, has to work.
  local SCRIPT = [[
    local heygen = require "heygen"
    local url, working_url, seconds, way = ...
    seconds = tonumber(seconds)
    local options = { api_key = "test-key", base_url = url, timeout = seconds, connect_timeout = seconds }
    local client = heygen.new(options)
    local function call()
      return pcall(client.delete_photo_avatar, client, "hanging")
    end
    local ways = {
      ["in the main thread"] = call,
      ["with the plain function"] = function()
        return pcall(heygen.delete_photo_avatar, nil, "hanging", options)
      end,
      ["in a coroutine"] = coroutine.wrap(call),
      ["in a coroutine of a coroutine"] = coroutine.wrap(function() return coroutine.wrap(call)() end),
      ["pressed before the call, in a coroutine"] = coroutine.wrap(function(main)
        io.stdout:write("waiting for it\n"):flush()
        repeat until debug.gethook(main)
        return call()
      end),
    }
    local succeeded, err = ways[way](coroutine.running())
    assert(not succeeded and heygen.is_error(err), err)
    assert(debug.gethook() == nil)
    local meta
    if working_url == url then
      meta = select(2, client:delete_photo_avatar "avatar")
    else
      meta = select(2, heygen.delete_photo_avatar("test-key", "avatar", { base_url = working_url }))
    end
    print(err.kind, err.outcome, err.attempts, err.operation, err.avatar_id, meta.outcome)
  ]]

  local function start(way, url)
    return calls.start_script(SCRIPT, { url or service.url, service.url, tostring(HANGING), way })
  end

  local function assert_interrupted(child, outcome)
    child:signal "INT"
    local result = child:wait(PATIENCE)
    assert.is_false(result.timed_out)
    assert.equal("", result.stderr)
    assert.equal(("interrupted\t%s\t1\tdelete_photo_avatar\thanging\tdeleted\n"):format(outcome),
      result.stdout:match "interrupted.*")
    assert.equal(0, result.status)
    return result
  end

  -- How many connections to the port are being made: the kernel lists them in state 02, SYN_SENT.
  local function attempts_to_connect(port)
    local list <close> = assert(io.open "/proc/net/tcp")
    return select(2, list:read("a"):gsub((" 0100007F:%04X 02 "):format(port), ""))
  end

  local function hangs()
    return service:deletes "hanging" == 1
  end

  local WAYS = { "in the main thread", "with the plain function", "in a coroutine", "in a coroutine of a coroutine" }
  for _, way in ipairs(WAYS) do
    it(way .. " ends a call that was sent, in doubt", function()
      local child = start(way)
      server.eventually(hangs, PATIENCE)
      assert_interrupted(child, "unknown")
      assert.equal(1, service:deletes "hanging")
    end)
  end

  it("pressed before the call, while a coroutine ran, ends it too", function()
    local child = start "pressed before the call, in a coroutine"
    server.eventually(function() return child:output "stdout" ~= "" end, PATIENCE)
    child:signal "INT"
    local result = child:wait(PATIENCE)
    assert.is_false(result.timed_out)
    assert.equal(0, result.status, result.stderr)
    -- It may strike before or after the request went out; the outcome has to fit.
    local kind, outcome = result.stdout:match "(%a+)\t([%a_]+)\t1\t"
    assert.equal("interrupted", kind)
    if hangs() then assert.equal("unknown", outcome) end
    assert.is_true(outcome == "unknown" or outcome == "not_deleted", outcome)
  end)

  it("while connecting ends the call, which was not sent", function()
    local port = server.unconnectable()
    if not port then return pending "this system lets every connection in" end
    local before = attempts_to_connect(port)
    local child = start("in the main thread", "http://127.0.0.1:" .. port)
    server.eventually(function() return attempts_to_connect(port) > before end, PATIENCE)
    assert_interrupted(child, "not_deleted")
  end)

  -- The first trace function never returns by itself.
  local TRACED = [[
    local heygen = require "heygen"
    local client = heygen.new { api_key = "test-key", base_url = ..., trace = function(attempt)
      if attempt.avatar_id ~= "avatar" then return end
      io.stdout:write("traced\n"):flush()
      while true do end
    end }
  ]]
  local function interrupt_trace(script)
    local child = calls.start_script(TRACED .. script, { service.url })
    server.eventually(function() return child:output "stdout" ~= "" end, PATIENCE)
    child:signal "INT"
    local result = child:wait(PATIENCE)
    assert.is_false(result.timed_out)
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  it("in a trace function comes once the call has its answer", function()
    local printed = interrupt_trace [[
      local succeeded, raised = pcall(function()
        client:delete_photo_avatar "avatar"
        print "not interrupted"
      end)
      print(succeeded, raised:match "interrupted!", (debug.gethook()))
      print(client:delete_photo_avatar("none", { missing_ok = true }) ~= nil)
    ]]
    assert.equal("traced\nfalse\tinterrupted!\tnil\ntrue\n", printed)
  end)

  it("in a trace function of a run ends the run, all accounted for", function()
    local printed = interrupt_trace [[
      local ids = { "avatar", "b", "c", "d" }
      local succeeded, err = pcall(client.delete_photo_avatars, client, ids, { max_concurrency = 1 })
      local report = err.report
      print(succeeded, err.kind, report.deleted, report.total - report.unknown - report.not_attempted)
      print((debug.gethook()))
    ]]
    assert.equal("traced\nfalse\tinterrupted\t1\t1\nnil\n", printed)
  end)

  -- The script goes on once Ctrl-C has been pressed, which it is when `ready` says so.
  local function interrupted_output(script, ready)
    local child = calls.start_script(script, { service.url })
    server.eventually(function() return ready(child) end, PATIENCE)
    child:signal "INT"
    local result = child:wait(PATIENCE)
    assert.is_false(result.timed_out)
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  local function has_printed(child) return child:output "stdout" ~= "" end

  it("in on_result of a run ends the run, with its report, attempts and time", function()
    local printed = interrupted_output([[
      local heygen = require "heygen"
      local client = heygen.new { api_key = "test-key", base_url = ..., timeout = 60 }
      local succeeded, err = pcall(client.delete_photo_avatars, client, { "avatar", "hanging", "c" }, {
        max_concurrency = 2, on_result = function()
          io.stdout:write("told\n"):flush()
          while true do end
        end,
      })
      local report = err.report
      print(succeeded, err.kind, err.outcome, report.total, err.attempts >= 2, err.elapsed > 0)
      print(report.deleted + report.absent + report.unknown + report.not_attempted, report.stopped.kind)
    ]], has_printed)
    assert.equal("told\nfalse\tinterrupted\tunknown\t3\ttrue\ttrue\n3\tinterrupted\n", printed)
  end)

  it("while poll waits has poll's time, and the attempts under way", function()
    local printed = interrupted_output([[
      local heygen = require "heygen"
      local client = heygen.new { api_key = "test-key", base_url = ..., timeout = 60 }
      client:delete_photo_avatar_async "hanging"
      local succeeded, err = pcall(client.poll, client, 60)
      print(succeeded, err.kind, err.outcome, err.attempts, err.elapsed > 0)
    ]], hangs)
    assert.equal("false\tinterrupted\tunknown\t1\ttrue\n", printed)
  end)

  it("during a call in a finalizer ends the call, and comes again after it", function()
    local printed = interrupted_output([[
      local heygen = require "heygen"
      local client = heygen.new { api_key = "test-key", base_url = ..., timeout = 60 }
      local err
      setmetatable({}, { __gc = function() err = select(2, pcall(client.delete_photo_avatar, client, "hanging")) end })
      local succeeded, raised = pcall(function()
        collectgarbage()
        for _ = 1, 10 do end
      end)
      print(err.kind, err.outcome, succeeded, raised:match "interrupted!")
    ]], hangs)
    assert.equal("interrupted\tunknown\tfalse\tinterrupted!\n", printed)
  end)

  it("during a call that is not protected ends the script as ever", function()
    local child = calls.start_script([[
      require("heygen").delete_photo_avatar("test-key", "hanging", { base_url = ..., timeout = 60 })
    ]], { service.url })
    server.eventually(hangs, PATIENCE)
    child:signal "INT"
    local result = child:wait(PATIENCE)
    assert.equal(1, result.status)
    assert.matches("^lua5%.4: stdin:1: heygen: interrupted: ", result.stderr)
  end)
end)

describe("a hook", function()
  local system, service, client

  setup(function() system = compiler.load "system" end)
  before_each(function()
    service = server.start { ids = { "avatar" } }
    client = calls.client(service)
    service:plan("slow", { always = { { sleep = 0.6 }, { status = 204 } } })
    service:plan("hanging", { always = { { hang = true } } })
  end)
  after_each(function()
    client:close()
    service:stop()
  end)

  -- How often a host asks, in seconds.
  local INTERVAL = 0.15

  -- Makes a call while a host's hook comes by again and again; in the midst of the call, it runs `check`.
  local function with_hook(id, check)
    local runs = 0
    system.every(INTERVAL, function()
      -- Before and after the call another mistake would be found first.
      if calls.raised(client.delete_photo_avatar, client, "").kind ~= "misuse" then return end
      runs = runs + 1
      check(runs)
    end)
    local outcome = table.pack(pcall(client.delete_photo_avatar, client, id))
    system.never()
    assert.is_true(runs > 0, "the hook did not come by")
    return table.unpack(outcome, 1, outcome.n)
  end

  local function assert_deleted(succeeded, body, meta)
    assert.is_true(succeeded, tostring(body))
    assert.same({}, body)
    assert.same({ "deleted", 1 }, { meta.outcome, meta.attempts })
    assert.equal(1, service:deletes "slow")
  end

  it("that a host sets and that returns ends no call", function()
    assert_deleted(with_hook("slow", function() end))
  end)

  it("that a host sets and that raises ends the call; what it raised is dropped", function()
    for _, raised in ipairs { "interrupted!", {}, 1 } do
      local succeeded, err = with_hook("hanging", function() error(raised, 0) end)
      assert.is_false(succeeded)
      assert.same({ "interrupted", "unknown" }, { err.kind, err.outcome })
    end
    assert.equal("deleted", select(2, client:delete_photo_avatar "avatar").outcome)
  end)

  it("may let some time pass before it raises", function()
    local _, err = with_hook("hanging", function(runs)
      if runs == 3 then error "enough" end
    end)
    assert.equal("interrupted", err.kind)
  end)

  it("may not call the same client, nor close it", function()
    local seen = {}
    assert_deleted(with_hook("slow", function()
      for _, err in ipairs {
        calls.raised(client.delete_photo_avatar, client, "avatar"),
        calls.raised(client.close, client),
      } do
        seen[#seen + 1] = err.kind .. " " .. err.outcome .. " " .. err.operation
        assert(err.message:find "midst of a call")
      end
      getmetatable(client).__close(client)
      getmetatable(client).__gc(client)
      assert(tostring(client):find(service.url, 1, true))
    end))
    assert.same({ "misuse not_deleted delete_photo_avatar", "misuse not_deleted close" }, { seen[1], seen[2] })
    assert.equal(0, service:deletes "avatar")
    assert.equal("deleted", select(2, client:delete_photo_avatar "avatar").outcome)
  end)

  it("may call another client", function()
    local other <close> = calls.client(service)
    local outcomes = {}
    assert_deleted(with_hook("slow", function()
      outcomes[#outcomes + 1] = select(2, other:delete_photo_avatar("other", { missing_ok = true })).outcome
    end))
    assert.equal("absent", outcomes[1])
  end)

  it("may not call the plain function during one of its calls, neither with its key nor with another", function()
    local heygen = require "heygen"
    local options = calls.options(service)
    local kinds = {}
    system.every(INTERVAL, function()
      local others = calls.options(service, { api_key = "other-key" })
      local err = calls.raised(heygen.delete_photo_avatar, nil, "avatar", others)
      if err.kind ~= "misuse" then return end
      kinds[#kinds + 1] = err.kind
      kinds[#kinds + 1] = calls.raised(heygen.delete_photo_avatar, nil, "avatar", options).kind
    end)
    local succeeded, body, meta = pcall(heygen.delete_photo_avatar, nil, "slow", options)
    system.never()
    assert_deleted(succeeded, body, meta)
    assert.same({ "misuse", "misuse" }, { kinds[1], kinds[2] })
  end)

  describe("of Lua's that is there all along", function()
    -- What the interpreter's own hook for Ctrl-C asks for, and what profilers and debuggers do.
    for mask, count in pairs { crl = 1, l = 0, c = 0, [""] = 1000, cr = 0 } do
      it(("and asks for '%s' and %d ends no call"):format(mask, count), function()
        debug.sethook(function() end, mask, count)
        local succeeded, body, meta = pcall(client.delete_photo_avatar, client, "slow")
        local hook = debug.gethook()
        debug.sethook()
        assert.is_function(hook)
        assert_deleted(succeeded, body, meta)
      end)
    end
  end)
end)
