-- The collector at every step of asynchronous calls: it takes nothing that is still needed, and finalizers that come
-- by at any allocation may start, cancel, poll, close. In interpreters of their own: what goes wrong goes wrong badly.

local calls = require "spec.support.calls"
local server = require "spec.support.server"

local service

setup(function()
  service = server.start { record = false }
  service:plan("hanging", { always = { { hang = true } } })
end)
teardown(function() service:stop() end)

local function assert_runs(script, ...)
  local result = calls.run_script(script, { service.url, ... })
  assert.is_nil(result.signal)
  assert.equal(0, result.status, result.stderr)
end

local MODES = {
  ["the usual mode"] = "",
  ["tiny pauses"] = "collectgarbage('incremental', 1, 1000, 1)",
  ["generations"] = "collectgarbage('generational', 1, 1)",
  ["a collection at every step"] = "STEP = collectgarbage",
}

-- Each request is told of once, whoever holds it, in callbacks, coroutines and results.
local WORK = [[
  local heygen = require "heygen"
  local url = ...
  local step = STEP or function() end
  for round = 1, 5 do
    local client = heygen.new { api_key = "test-key", base_url = url }
    local callbacks, resumed, held = {}, {}, {}
    for number = 1, 30 do
      local id = ("id-%d-%d"):format(round, number)
      local request = client:delete_photo_avatar_async(id, function(body, err)
        step()
        assert(body == nil and err.avatar_id == id)
        callbacks[id] = (callbacks[id] or 0) + 1
      end, { trace = function(attempt) assert(attempt.avatar_id == id) end })
      step()
      if number % 3 == 0 then
        coroutine.wrap(function()
          step()
          local _, meta = select(2, pcall(request.await, request))
          assert(meta == nil)
          step()
          resumed[id] = (resumed[id] or 0) + 1
        end)()
      elseif number % 3 == 1 then
        held[id] = request
      end
      if number % 7 == 0 then client:poll() end
    end
    repeat step() until client:poll(1, 3) == 0
    for number = 1, 30 do
      local id = ("id-%d-%d"):format(round, number)
      assert(callbacks[id] == 1, id)
      assert(resumed[id] == (number % 3 == 0 and 1 or nil), id)
      assert(not held[id] or select(2, held[id]:result()).avatar_id == id)
    end
    -- Left to the collector, with something in flight.
    client:delete_photo_avatar_async("hanging", error)
  end
]]

describe("asynchronous calls", function()
  for name, mode in pairs(MODES) do
    it("come to their ends in " .. name, function() assert_runs(mode .. WORK) end)
  end
end)

-- Finalizers come by in the midst of everything that allocates.
local TRAPS = [[
  collectgarbage("incremental", 1, 1000, 1)
  local heygen = require "heygen"
  local url, way = ...
  local options = { api_key = "test-key", base_url = url }
  local client = heygen.new(options)
  local own, started, callbacks, runs, odd, depth = 0, 0, 0, 0, nil, 0
  local latest

  local function callback() callbacks = callbacks + 1 end
  local function start(id, more)
    latest = client:delete_photo_avatar_async(id, callback, more)
    started = started + 1
    return latest
  end

  local interfere = ({
    start = function() start "other" end,
    cancel = function() if latest then latest:cancel() end end,
    poll = function() client:poll() end,
    close = function() client:close() end,
    await = function()
      if latest then coroutine.wrap(function() pcall(latest.await, latest) end)() end
    end,
    block = function() client:delete_photo_avatar("other", { missing_ok = true }) end,
  })[way]

  local function set_trap()
    setmetatable({}, { __gc = function()
      runs = runs + 1
      local succeeded, raised = pcall(interfere)
      if not succeeded and not heygen.is_error(raised) then odd = raised end
      if started < 3000 then set_trap() end
    end })
  end
  set_trap()

  local awaited = 0
  for round = 1, 400 do
    -- Something else is allocated each time, so that the collector strikes at another place.
    local waste = {}
    for position = 1, round * 7 % 97 do waste[position] = { position } end
    local succeeded, raised = pcall(start, "id-" .. round, { timeout = 20, missing_ok = round % 2 == 0 })
    if succeeded then
      own = own + 1
      coroutine.wrap(function()
        pcall(raised.await, raised)
        awaited = awaited + 1
      end)()
    else
      assert(heygen.is_error(raised) and raised.kind == "misuse", raised)
      repeat until client:poll(30) == 0
      client = heygen.new(options)
    end
    if round % 10 == 0 then client:poll() end
    assert(odd == nil, odd)
  end
  local last = client
  way, interfere = nil, function() end
  repeat until last:poll(30) == 0
  assert(runs > 0, "the collector did not come by")
  assert(callbacks == started, callbacks .. " of " .. started)
  assert(awaited == own, awaited .. " of " .. own)
]]

describe("a finalizer may, at any moment,", function()
  for _, way in ipairs { "start", "cancel", "poll", "close", "await", "block" } do
    it(way, function() assert_runs(TRAPS, way) end)
  end
end)

describe("a finalizer may close the client", function()
  it("while a run begins", function()
    assert_runs [[
      local heygen = require "heygen"
      local url = ...
      local refused = 0
      for size = 1, 400 do
        collectgarbage()
        collectgarbage("generational")
        collectgarbage("incremental", 10, 1000, 1)
        local client = heygen.new { api_key = "test-key", base_url = url }
        local armed = true
        local function set_trap()
          setmetatable({}, { __gc = function()
            if armed then
              client:close()
              set_trap()
            end
          end })
        end
        collectgarbage "stop"
        set_trap()
        local waste = {}
        for position = 1, size do waste[position] = {} end
        collectgarbage "restart"
        local succeeded, raised = pcall(client.delete_photo_avatars_async, client, { "id" })
        armed = false
        refused = refused + (succeeded and 0 or 1)
        assert(succeeded or raised.kind == "misuse", raised)
        repeat until client:poll(30) == 0
        assert(not succeeded or raised:result().stopped.kind == "cancelled" or raised:result().absent == 1)
      end
      assert(refused > 0)
    ]]
  end)
end)

-- Finalizers run in reverse order: what was made before the client outlives it.
describe("a finalizer that outlives the client", function()
  it("finds every method of both answering", function()
    assert_runs [[
      local heygen = require "heygen"
      local url = ...
      local function check(held)
        local client, request = held.client, held.request
        assert(client:poll() == 0)
        assert(client:poll(1) == 0)
        assert(not request:done())
        assert(request:result() == nil)
        request:cancel()
        for _, method in ipairs { client.pollfd, client.delete_photo_avatar_async } do
          local succeeded, err = pcall(method, client, "avatar")
          assert(not succeeded and err.kind == "misuse", err)
        end
        assert(client:events() == "r" and client:timeout() == nil)
        client:close()
        assert(tostring(client):find "closed" and tostring(request):find "pending")
        checks = (checks or 0) + 1
      end
      for _, way in ipairs { "collected", "left to lua_close" } do
        local held = setmetatable({}, { __gc = function(self)
          local succeeded, raised = pcall(check, self)
          if not succeeded then
            io.stderr:write(tostring(raised))
            os.exit(1)
          end
        end })
        held.client = heygen.new { api_key = "test-key", base_url = url }
        for _ = 1, 3 do held.request = held.client:delete_photo_avatar_async "hanging" end
        if way == "collected" then
          held = nil
          collectgarbage()
          assert(checks == 1)
        else
          kept = held
        end
      end
    ]]
  end)
end)
