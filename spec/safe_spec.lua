-- heygen.safe: the same functions and clients, returning nil and the error.

local core = require "heygen.core"
local heygen = require "heygen"
local safe = require "heygen.safe"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

local service

before_each(function() service = server.start() end)
after_each(function() service:stop() end)

local function assert_failed(kind, ...)
  local values = table.pack(...)
  assert.equal(2, values.n)
  assert.is_nil(values[1])
  assert.is_true(heygen.is_error(values[2]))
  assert.equal(kind, values[2].kind)
  return values[2]
end

local function new(more)
  return assert(safe.new(calls.options(service, more)))
end

describe("heygen.safe", function()
  it("has the members of heygen", function()
    for name, value in pairs(heygen) do
      assert.equal(type(value), type(safe[name]), name)
      if type(value) ~= "function" then assert.equal(value, safe[name]) end
    end
    for name in pairs(safe) do assert.is_not_nil(heygen[name], name) end
    assert.equal(heygen.is_error, safe.is_error)
  end)

  it("has the methods of a client", function()
    local client <close> = new()
    for name in pairs(core.Client) do assert.is_function(client[name], name) end
  end)
end)

describe("safe.delete_photo_avatar", function()
  it("returns body and meta", function()
    service:add "plain"
    local values = table.pack(safe.delete_photo_avatar(calls.KEY, "plain", { base_url = service.url }))
    assert.equal(2, values.n)
    assert.same({ code = 100 }, values[1])
    assert.equal("deleted", values[2].outcome)
  end)

  it("returns nil and the error", function()
    local err = assert_failed("not_found", safe.delete_photo_avatar(calls.KEY, "unknown", { base_url = service.url }))
    assert.equal("absent", err.outcome)
    assert_failed("invalid_argument", safe.delete_photo_avatar())
    assert_failed("invalid_argument", safe.delete_photo_avatar(calls.KEY, "no id"))
    assert_failed("invalid_argument", safe.delete_photo_avatar(calls.KEY, "avatar", { colour = "red" }))
  end)
end)

describe("a safe client", function()
  it("is nil and the error when it can't be made", function()
    assert_failed("invalid_argument", safe.new())
    assert_failed("invalid_argument", safe.new { api_key = "" })
  end)

  it("returns body and meta, or nil and the error", function()
    local client <close> = new()
    service:add "avatar"
    local body, meta = client:delete_photo_avatar "avatar"
    assert.same({ code = 100 }, body)
    assert.equal("deleted", meta.outcome)
    assert_failed("not_found", client:delete_photo_avatar "avatar")
    assert.equal("absent", select(2, client:delete_photo_avatar("avatar", { missing_ok = true })).outcome)
    assert_failed("invalid_argument", client:delete_photo_avatar())
    assert_failed("invalid_argument", client:delete_photo_avatar("avatar", { api_key = "key" }))
  end)

  it("keeps its connection", function()
    local client <close> = new()
    for _ = 1, 3 do client:delete_photo_avatar "unknown" end
    assert.equal(1, service:connections())
  end)

  it("tells of a dot in place of a colon", function()
    local client <close> = new()
    for name in pairs(core.Client) do
      for _, arguments in ipairs { {}, { "avatar" }, { {} }, { 1 } } do
        local err = assert_failed("invalid_argument", client[name](table.unpack(arguments)))
        assert.matches("colon", err.message)
      end
    end
  end)

  it("shows its base URL, and whether it is closed", function()
    local client = new()
    assert.equal(("heygen.safe.Client (%s)"):format(service.url), tostring(client))
    client:close()
    assert.equal("heygen.safe.Client (closed)", tostring(client))
  end)

  it("closes with true, any number of times", function()
    local client = new()
    client:delete_photo_avatar "unknown"
    assert.equal(1, service:open_connections())
    for _ = 1, 3 do
      local values = table.pack(client:close())
      assert.same({ true, n = 1 }, values)
    end
    server.eventually(function() return service:open_connections() == 0 end)
    assert_failed("misuse", client:delete_photo_avatar "avatar")
  end)

  it("closes at the end of a block, by an error too, and by collection", function()
    local kept
    do
      local client <close> = new()
      client:delete_photo_avatar "unknown"
      kept = client
    end
    assert_failed("misuse", kept:delete_photo_avatar "avatar")
    assert.error_matches(function()
      local client <close> = new()
      kept = client
      error "mine"
    end, "mine")
    assert_failed("misuse", kept:delete_photo_avatar "avatar")
    new():delete_photo_avatar "unknown"
    collectgarbage()
    server.eventually(function() return service:open_connections() == 0 end)
  end)
end)

describe("an error of somebody else's", function()
  -- A debug hook of the caller's that raises as soon as one of the C functions is entered.
  local function raise_in(target, raised)
    debug.sethook(function()
      if debug.getinfo(2, "f").func == target then
        debug.sethook()
        error(raised, 0)
      end
    end, "c")
  end

  local function assert_passes(target, run, ...)
    for _, raised in ipairs { "text", {}, { kind = "not_found" } } do
      raise_in(target, raised)
      local succeeded, got = pcall(run, ...)
      debug.sethook()
      assert.is_false(succeeded)
      assert.equal(raised, got)
    end
  end

  it("goes on its way unchanged", function()
    local client <close> = new()
    assert_passes(core.new, safe.new, { api_key = "key" })
    assert_passes(core.delete_photo_avatar, safe.delete_photo_avatar, "key", "avatar")
    assert_passes(core.Client.delete_photo_avatar, client.delete_photo_avatar, client, "avatar")
    assert_passes(core.Client.close, client.close, client)
  end)
end)
