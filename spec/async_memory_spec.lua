-- Lua runs out of memory at every allocation in turn of an asynchronous call: at this one alone, and from then on.
-- No request is lost by it, and none is told of twice.

local memory_host = require "spec.support.memory_host"
local server = require "spec.support.server"

-- A scenario prepares something in peace, does something with faults, and checks in peace what has come of it;
-- `shortage` is what the faults have led to, if they have.
local SCRIPT = [[
  local url, name = ...
  local socket = require "socket"
  local heygen = require "heygen"
  local client = heygen.new { api_key = "test-key", base_url = url, trace = function() end }

  local callbacks, resumed = 0, 0
  local function callback() callbacks = callbacks + 1 end

  local descriptor = client:pollfd()
  local pollable = { getfd = function() return descriptor end, dirty = function() return false end }
  local function await_readable() assert(#socket.select({ pollable }, nil, 30) == 1, "no result came") end
  local function finish() repeat until client:poll(30) == 0 end
  local function poll() return client:poll(30) end

  local function start(id, options)
    return client:delete_photo_avatar_async(id or "rich", callback, options)
  end
  local function started(id, options)
    local request = start(id, options)
    await_readable()
    return request
  end
  local function awaiting(request)
    local thread = coroutine.create(function()
      local body, meta = request:await()
      assert(body.code == 100 and meta.outcome == "deleted")
      resumed = resumed + 1
    end)
    assert(coroutine.resume(thread))
    return thread
  end

  local scenarios = {
    ["a request is started"] = {
      run = function() return start("rich", { timeout = 20, trace = callback, max_retries = 0 }) end,
      check = function(_, request, shortage)
        finish()
        assert(callbacks == (shortage and 0 or 2), callbacks)
        assert(shortage or select(2, request:result()).outcome == "deleted")
      end,
    },
    ["a request is refused"] = {
      run = function() start "no id" end,
      check = function(_, err, shortage)
        assert(shortage or err.kind == "invalid_argument")
        assert(client:poll() == 0 and callbacks == 0)
      end,
    },
    ["a result is delivered"] = {
      prepare = started,
      run = poll,
      check = function(request)
        finish()
        assert(callbacks == 1, callbacks)
        local body, meta = request:result()
        assert(body.data[3].deep == "text" and meta.outcome == "deleted")
      end,
    },
    ["an error is delivered"] = {
      prepare = function() return started "forbidden" end,
      run = poll,
      check = function(request)
        finish()
        assert(callbacks == 1, callbacks)
        assert(select(2, request:result()).kind == "forbidden")
      end,
    },
    ["a trace is at fault"] = {
      prepare = function() return started("rich", { trace = function() error("trouble", 0) end }) end,
      run = poll,
      check = function()
        finish()
        assert(callbacks == 1, callbacks)
      end,
    },
    ["a coroutine begins to await"] = {
      prepare = function()
        local request = start()
        return { request, coroutine.create(function()
          request:await()
          resumed = resumed + 1
        end) }
      end,
      run = function(prepared) assert(coroutine.resume(prepared[2])) end,
      check = function(prepared, _, shortage)
        finish()
        assert(callbacks == 1 and resumed == (shortage and 0 or 1), resumed)
        assert(coroutine.status(prepared[2]) == "dead")
      end,
    },
    ["coroutines are resumed"] = {
      prepare = function()
        local request = start()
        local threads = { awaiting(request), awaiting(request) }
        await_readable()
        return threads
      end,
      run = poll,
      check = function(threads)
        finish()
        assert(callbacks == 1, callbacks)
        assert(resumed == 2, resumed)
        for _, thread in ipairs(threads) do assert(coroutine.status(thread) == "dead") end
      end,
    },
    ["a request is cancelled"] = {
      prepare = function() return start "hanging" end,
      run = function(request) request:cancel() end,
      check = function(request)
        request:cancel()
        finish()
        assert(callbacks == 1 and select(2, request:result()).kind == "cancelled")
      end,
    },
    ["a client is made, used and closed"] = {
      run = function()
        local own <close> = heygen.new { api_key = "test-key", base_url = url }
        own:delete_photo_avatar_async("rich", callback)
        own:delete_photo_avatar_async("rich", callback)
        own:close()
        own:poll()
      end,
      check = function(_, _, shortage) assert(shortage or callbacks == 2) end,
    },
  }

  local scenario = assert(scenarios[name])
  local prepare = scenario.prepare or function() end

  local function try(first, count)
    callbacks, resumed = 0, 0
    local prepared = prepare()
    local reached, succeeded, result = faulty(first, count, function() return scenario.run(prepared) end)
    local shortage = type(result) == "string" and result:find "not enough memory" ~= nil
    assert(succeeded or shortage or heygen.is_error(result), result)
    scenario.check(prepared, result, shortage)
    return reached, shortage
  end

  for _, count in ipairs { 1, math.maxinteger } do
    local first, shortages, reached, shortage = 0, 0, true, nil
    while reached do
      first = first + 1
      reached, shortage = try(first, count)
      shortages = shortages + (shortage and 1 or 0)
    end
    -- A single fault is made good by an emergency collection; others are not.
    assert(count == 1 or shortages > 0 or first == 1, "no fault was noticed")
  end
]]

local SCENARIOS = {
  "a request is started", "a request is refused", "a result is delivered", "an error is delivered",
  "a trace is at fault", "a coroutine begins to await", "coroutines are resumed", "a request is cancelled",
  "a client is made, used and closed",
}

describe("without memory in Lua, while", function()
  local host, service

  setup(function()
    host = memory_host.new(SCRIPT)
    service = server.start { record = false }
    service:plan("rich", { always = { {
      status = 200,
      body = '{"code":100,"data":[1,null,{"deep":"text"}]}',
    } } })
    service:plan("forbidden", { always = { { status = 403, body = '{"code":400562,"message":"forbidden"}' } } })
    service:plan("hanging", { always = { { hang = true } } })
  end)
  teardown(function()
    host:remove()
    service:stop()
  end)

  for _, name in ipairs(SCENARIOS) do
    it(name .. ", nothing breaks, nothing leaks, and no request is lost", function()
      host:assert_survives(service.url, name)
    end)
  end
end)
