-- What a Lua state of host.c leaves behind: everything that the module has, made in one of the places where Lua runs,
-- used, and dropped with calls in flight. `ending` is what comes then: "return", or "exit", which closes the state and
-- ends the process.

local number, url, ca_file, place, ending = ...

local KEY = "test-key"

local function options(more)
  local all = { base_url = url, ca_file = ca_file, max_retries = 0 }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local function ignore() end

local heygen -- not loaded yet: a finalizer that was made before comes after everything of the module's

local function new()
  return heygen.new(options { api_key = KEY, max_concurrency = 64 })
end

-- Stay until lua_close, which calls their finalizers.
local kept = {}
package.loaded["leave.kept"] = kept
local refused, made = 0, 0

local function keep(...)
  for _, object in ipairs { ... } do kept[#kept + 1] = object end
end

-- Leaves calls in flight.
local function start(client)
  keep(client:delete_photo_avatar_async("hanging", ignore, { trace = ignore }))
  client:delete_photo_avatar_async("absent", ignore)
  coroutine.wrap(function() pcall(client:delete_photo_avatar_async("hanging").await) end)()
  keep(client:delete_photo_avatars_async({ "absent", "hanging", "hanging-too" }, ignore, { on_result = ignore }))
end

local function make()
  local client = new()
  start(client)
  pcall(client.poll, client)
  client:delete_photo_avatar("absent", { missing_ok = true, trace = ignore })
  client:delete_photo_avatars({ "absent", "absent-too" }, { missing_ok = true, collect = true })
  heygen.delete_photo_avatar(KEY, "absent", options { missing_ok = true })
  start(new())
  keep(client)
  made = made + 1
end

-- Then comes the ending. What is refused since the state is closing is so for good.
local function make_all()
  local succeeded, raised = pcall(make)
  if not succeeded then
    assert(heygen.is_error(raised) and raised.kind == "misuse", tostring(raised))
    assert(raised.message:find("the Lua state is closing", 1, true), raised.message)
    local again, err = pcall(heygen.delete_photo_avatar, KEY, "absent", options())
    assert(not again and err.kind == "misuse" and err.outcome == "not_deleted", tostring(err))
    refused = refused + 1
  end
  if ending == "exit" then os.exit(0, true) end
end

local function finalizer(run)
  keep(setmetatable({}, {
    __gc = function()
      local succeeded, raised = pcall(run)
      if not succeeded then
        io.stderr:write(tostring(raised), "\n")
        os.exit(1)
      end
    end,
  }))
end

local function poll_out(client)
  -- Until all but the hanging ones have come.
  for _ = 1, 1000 do
    client:poll(0.01)
    if made > 0 then return end
  end
  error "nothing has come"
end

local places = {}

places["a finalizer older than the module"] = function()
  finalizer(function()
    make_all()
    assert(refused == 1 and made == 0, "not refused")
  end)
  heygen = require "heygen"
  local client = new()
  start(client)
  keep(client)
end

places["a finalizer"] = function() finalizer(make_all) end

places["a finalizer that comes at any moment"] = function()
  local client = new()
  setmetatable({}, { __gc = make_all })
  collectgarbage()
  start(client)
end

places["a callback"] = function()
  local client = new()
  start(client)
  client:delete_photo_avatar_async("absent", make_all)
  poll_out(client)
end

places["the callback of a run"] = function()
  local client = new()
  start(client)
  client:delete_photo_avatars_async({ "absent" }, make_all)
  poll_out(client)
end

places["the trace of a request"] = function()
  local client = new()
  client:delete_photo_avatar_async("absent", nil, { trace = make_all })
  poll_out(client)
end

places["a coroutine that awaited"] = function()
  local client = new()
  start(client)
  coroutine.wrap(function()
    pcall(function() client:delete_photo_avatar_async("absent"):await() end)
    make_all()
  end)()
  poll_out(client)
end

places["on_result of an asynchronous run"] = function()
  local client = new()
  client:delete_photo_avatars_async({ "hanging", "absent" }, nil, { on_result = function(id)
    if id == "absent" then make_all() end
  end })
  poll_out(client)
end

places["the iterator of an asynchronous run"] = function()
  local client = new()
  local given = 0
  client:delete_photo_avatars_async(function()
    given = given + 1
    if given == 3 then make_all() end
    return given < 4 and "hanging-" .. given or nil
  end)
  poll_out(client)
end

local function blocking_place(run)
  return function()
    local client = new()
    start(client)
    run(client)
  end
end

places["on_result"] = blocking_place(function(client)
  local told = 0
  client:delete_photo_avatars({ "a", "b", "c", "slow" }, { missing_ok = true, on_result = function()
    told = told + 1
    if told == 1 then make_all() end
  end })
end)

places["on_result of a plain function"] = blocking_place(function()
  local told = 0
  heygen.delete_photo_avatars(KEY, { "a", "b", "slow" }, options { on_result = function()
    told = told + 1
    if told == 1 then
      -- Its own default client is busy.
      assert(not pcall(heygen.delete_photo_avatar, KEY, "absent", options()))
      start(new())
      if ending == "exit" then os.exit(0, true) end
    end
  end })
end)

places["an iterator"] = blocking_place(function(client)
  local given = 0
  client:delete_photo_avatars(function()
    given = given + 1
    if given == 3 then make_all() end
    return given < 5 and "slow-" .. given or nil
  end, { missing_ok = true })
end)

places["__index of the ids"] = blocking_place(function(client)
  local asked
  local ids = setmetatable({}, {
    __len = function() return 3 end,
    __index = function(_, position)
      if position == 2 and not asked then
        asked = true
        make_all()
      end
      return position <= 3 and "id-" .. position or nil
    end,
  })
  pcall(client.delete_photo_avatars, client, ids, { missing_ok = true })
  if not asked then make_all() end -- refused before it was read
end)

places["a trace"] = blocking_place(function(client)
  client:delete_photo_avatar("absent", { missing_ok = true, trace = make_all })
end)

places["the trace of a run"] = blocking_place(function(client)
  local traced
  client:delete_photo_avatars({ "a", "b", "slow" }, { missing_ok = true, trace = function()
    if not traced then
      traced = true
      make_all()
    end
  end })
end)

-- Sorted, so that each number has its place in every state.
local names = {}
for name in pairs(places) do names[#names + 1] = name end
table.sort(names)

if place == "list" then
  for _, name in ipairs(names) do print(name) end
  return
end

if place == "each" then place = names[number % #names + 1] end
if place ~= "a finalizer older than the module" then heygen = require "heygen" end
places[place]()
