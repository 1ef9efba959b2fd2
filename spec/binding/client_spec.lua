-- The client as a userdata: its life from new to collection, and calls in places where nobody expects them.

local calls = require "spec.support.calls"
local compiler = require "spec.support.compiler"
local server = require "spec.support.server"

local service

before_each(function() service = server.start() end)
after_each(function() service:stop() end)

-- A call that opens the client's connection.
local function use(client, id)
  return client:delete_photo_avatar(id or "unknown", { missing_ok = true })
end

local function assert_closed(client)
  local before = service:deletes()
  assert.equal("heygen.Client (closed)", tostring(client))
  local err = calls.raised(client.delete_photo_avatar, client, "avatar")
  assert.same({ "misuse", "not_deleted", "delete_photo_avatar", 0 },
    { err.kind, err.outcome, err.operation, err.attempts })
  assert.matches("closed", err.message)
  assert.equal(before, service:deletes())
end

describe("a client", function()
  it("shows its base URL, and no key", function()
    local client <close> = calls.client(service)
    assert.equal(("heygen.Client (%s)"):format(service.url), tostring(client))
  end)

  it("has the metatable heygen.Client, with methods apart from metamethods", function()
    local client <close> = calls.client(service)
    assert.equal("heygen.Client", getmetatable(client).__name)
    assert.is_nil(client.__gc)
    assert.is_nil(client.api_key)
  end)

  it("keeps its connection between calls", function()
    local client <close> = calls.client(service)
    for _ = 1, 5 do use(client) end
    assert.equal(1, service:connections())
  end)

  it("has no connection before its first call", function()
    calls.client(service):close()
    assert.equal(0, service:connections())
  end)

  it("shares nothing with another of the same options", function()
    local one <close> = calls.client(service)
    local other <close> = calls.client(service)
    use(one, "by-one")
    use(other, "by-other")
    assert.not_equal(service:requests("by-one")[1].connection, service:requests("by-other")[1].connection)
  end)

  it("goes on after a failure", function()
    local client <close> = calls.client(service)
    service:add "avatar"
    service:plan("broken", { always = { { reset = true } } })
    calls.raised(client.delete_photo_avatar, client, "broken")
    calls.raised(client.delete_photo_avatar, client, "")
    assert.equal("deleted", select(2, client:delete_photo_avatar("avatar")).outcome)
  end)
end)

describe("close", function()
  it("ends the connection, and is idempotent", function()
    local client = calls.client(service)
    use(client)
    assert.equal(1, service:open_connections())
    for _ = 1, 3 do assert.equal(0, select("#", client:close())) end
    server.eventually(function() return service:open_connections() == 0 end)
    assert_closed(client)
  end)

  it("does no harm before the first call", function()
    local client = calls.client(service)
    client:close()
    assert_closed(client)
  end)

  it("is done at the end of a block, by an error too", function()
    local kept
    do
      local client <close> = calls.client(service)
      use(client)
      kept = client
    end
    assert_closed(kept)
    assert.error_matches(function()
      local client <close> = calls.client(service)
      kept = client
      error "mine"
    end, "mine")
    assert_closed(kept)
  end)

  it("is done by collection", function()
    use(calls.client(service))
    assert.equal(1, service:connections())
    collectgarbage()
    server.eventually(function() return service:open_connections() == 0 end)
  end)

  it("is done before the finalizer of whatever knows the client", function()
    -- Finalizers run in reverse order: the holder, made first, is finalized after the client.
    local seen
    do
      local holder = setmetatable({}, { __gc = function(self) seen = self.client end })
      holder.client = calls.client(service)
      use(holder.client)
    end
    collectgarbage()
    assert_closed(seen)
    seen:close()
  end)

  it("by collection leaves no descriptor open", function()
    local system = compiler.load "system"
    -- A finalizer keeps what it knows for one collection more.
    local function collect()
      collectgarbage()
      collectgarbage()
    end
    collect()
    local before = system.descriptors()
    for _ = 1, 300 do use(calls.client(service)) end
    collect()
    assert.equal(before, system.descriptors())
    for _ = 1, 20000 do calls.client(service) end
    collect()
    assert.equal(before, system.descriptors())
  end)
end)

describe("a method", function()
  it("called with a dot says so", function()
    local client <close> = calls.client(service)
    for _, arguments in ipairs { {}, { "avatar" }, { {} }, { "avatar", {} }, { io.stdout } } do
      for _, name in ipairs { "delete_photo_avatar", "close" } do
        local err = calls.raised(client[name], table.unpack(arguments))
        assert.is_nil(calls.flaw_of_refusal(err, { "colon", ("client:%s(...)"):format(name) }))
        assert.equal(name, err.operation)
      end
    end
    assert.matches(service.url, tostring(client), 1, true)
  end)

  it("called on nothing by the collector's side is Lua's own error", function()
    local metatable = getmetatable(calls.client(service))
    for _, name in ipairs { "__gc", "__close", "__tostring" } do
      assert.error_matches(function() metatable[name](io.stdout) end, "heygen.Client expected")
    end
  end)
end)

describe("inside a coroutine", function()
  it("calls are as anywhere else, and the coroutine may be gone afterwards", function()
    local client <close> = calls.client(service)
    for _ = 1, 3 do
      assert.equal("absent", select(2, coroutine.wrap(function() return use(client) end)()).outcome)
      collectgarbage()
    end
    local err = coroutine.wrap(function() return calls.raised(client.delete_photo_avatar, client, "unknown") end)()
    assert.equal("not_found", err.kind)
  end)
end)

-- A finalizer may run at any allocation, so also while a call reads its options or makes its result. These run in
-- interpreters of their own: what goes wrong there goes wrong badly.
describe("a finalizer", function()
  local PRELUDE = [[
    local heygen = require "heygen"
    local url, way = ...
    local options = { api_key = "test-key", base_url = url }
    local client = heygen.new(options)
    local busy, runs, odd = false, 0, nil
    local interfere = ({
      call = function() return client:delete_photo_avatar "other" end,
      close = function() client:close() end,
      plain = function() return heygen.delete_photo_avatar("other-key", "other", { base_url = url }) end,
    })[way]
    local function delete(id, more)
      more = more or {}
      if way ~= "plain" then return client:delete_photo_avatar(id, more) end
      more.base_url = url
      return heygen.delete_photo_avatar("test-key", id, more)
    end
    local function set_trap()
      setmetatable({}, { __gc = function()
        if not busy then return end
        runs = runs + 1
        local succeeded, raised = pcall(interfere)
        if not succeeded and not heygen.is_error(raised) then odd = raised end
        set_trap()
      end })
    end
  ]]

  -- The answer is large, so that making it a table takes several turns of the collector.
  local DURING_A_RESULT = PRELUDE .. [[
    collectgarbage("incremental", 100, 1000)
    set_trap()
    busy = true
    local succeeded, body = pcall(delete, "large")
    busy = false
    assert(succeeded, body)
    assert(runs > 0, "the collector did not come by")
    assert(odd == nil, odd)
    for position = 1, 1000 do
      assert(body.data[position].text == "text " .. position)
    end
    if way == "close" then client = heygen.new(options) end
    delete("unknown", { missing_ok = true })
  ]]

  -- Something else is allocated each time, so that the collector strikes at another place.
  local DURING_OPTIONS = PRELUDE .. [[
    collectgarbage "generational"
    for round = 1, 2000 do
      if tostring(client):find "closed" then client = heygen.new(options) end
      set_trap()
      local waste = {}
      for position = 1, round * 7 % 97 do waste[position] = { position } end
      busy = true
      local succeeded, raised = pcall(delete, "unknown",
        { timeout = 5, connect_timeout = 5, max_response_bytes = 1000 + round, missing_ok = true })
      busy = false
      assert(succeeded or heygen.is_error(raised) and raised.kind == "misuse", raised)
    end
    assert(runs > 0, "the collector did not come by")
    assert(odd == nil, odd)
  ]]

  before_each(function()
    local items = {}
    for position = 1, 1000 do items[position] = ('{"text":"text %d"}'):format(position) end
    local body = ('{"code":100,"data":[%s]}'):format(table.concat(items, ","))
    service:plan("large", { always = { { status = 200, body = body } } })
  end)

  for _, way in ipairs { "call", "close", "plain" } do
    for moment, script in pairs { ["a result is made"] = DURING_A_RESULT, ["options are read"] = DURING_OPTIONS } do
      it(("may %s while %s"):format(way == "plain" and "replace the hidden client" or way, moment), function()
        local result = calls.run_script(script, { service.url, way })
        assert.is_nil(result.signal)
        assert.equal(0, result.status, result.stderr)
      end)
    end
  end
end)
