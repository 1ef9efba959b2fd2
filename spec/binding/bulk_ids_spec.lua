-- What a bulk run takes as its ids, and that it takes them when it is made: nothing of the caller's is read later.

local calls = require "spec.support.calls"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local service, client

before_each(function()
  service = server.start { ids = { "a", "b", "c", "keep" } }
  client = calls.client(service)
end)
after_each(function()
  client:close()
  service:stop()
end)

local function blocking(ids, options)
  return client:delete_photo_avatars(ids, options)
end

local function asynchronous(ids, options)
  local request = client:delete_photo_avatars_async(ids, nil, options)
  polling.finish(client)
  return (request:result())
end

local WAYS = { blocking = blocking, asynchronous = asynchronous }

local function assert_refused(ids, pattern)
  for _, method in ipairs { client.delete_photo_avatars, client.delete_photo_avatars_async } do
    local err = calls.raised(method, client, ids)
    assert.equal("invalid_argument", err.kind)
    assert.matches(pattern, err.message)
  end
  assert.equal(0, service:deletes())
end

describe("a sequence", function()
  it("is copied: an asynchronous run does not see what becomes of the table", function()
    local ids = {}
    for number = 1, 40 do ids[number] = "missing-" .. number end
    local request = client:delete_photo_avatars_async(ids, nil, { max_concurrency = 2 })
    for number = 1, 40 do ids[number] = nil end
    ids[1] = "keep"
    polling.finish(client)
    local report = request:result()
    assert.same({ 40, 40, 0 }, { report.total, report.absent, report.deleted })
    assert.equal(0, service:deletes "keep")
  end)

  it("is copied: on_result may change it, and metatables count at the beginning alone", function()
    local ids = { "a", "b", "c" }
    local report = blocking(ids, { max_concurrency = 1, on_result = function()
      ids[2], ids[3], ids[4] = "keep", nil, "keep"
      setmetatable(ids, { __index = function() return "keep" end, __len = function() return 9 end })
    end })
    assert.same({ 3, 3 }, { report.total, report.deleted })
    assert.equal(0, service:deletes "keep")
  end)

  it("has options that are copied, too", function()
    local options = { missing_ok = true, max_concurrency = 1 }
    local told = 0
    options.on_result = function() told = told + 1 end
    local request = client:delete_photo_avatars_async({ "gone", "gone-2" }, nil, options)
    options.missing_ok, options.on_result, options.collect, options.report = nil, print, false, {}
    polling.finish(client)
    assert.same({ 2, 2 }, { (request:result()).absent, told })
    assert.is_nil(next(options.report))
    assert.is_nil((request:result()).results.gone.err)
  end)

  it("has no holes and no other keys", function()
    for _, ids in ipairs {
      { [1] = "a", [3] = "c" }, { "a", nil, "c" }, { "a", x = "b" }, { [0] = "a", "b" }, { [-1] = "a" },
      { [1.5] = "a", "b" },
      { "a", [true] = "b" }, { x = "a" }, { "a", [{}] = "b" }, { "a", n = 2 }, { "a", n = "1" }, { "a", n = true },
      table.pack("a", nil),
    } do
      assert_refused(ids, "is no sequence")
    end
  end)

  it("may be one of table.pack's", function()
    assert.equal(2, blocking(table.pack("a", "b")).deleted)
  end)

  it("is not quoted where it is refused: a key may be an API key", function()
    local err = calls.raised(client.delete_photo_avatars, client, { sk_V2_secret = true })
    for _, value in pairs(err) do assert.is_nil(tostring(value):find("secret", 1, true)) end
  end)

  it("can't be called", function()
    for _, own in ipairs { {}, { "a" } } do
      assert_refused(setmetatable(own, { __call = function() end }), "can be called")
    end
  end)

  it("has a length that is one", function()
    for _, length in ipairs { -1, 1.5, "x", "1", 0 / 0, 1 / 0, 2 ^ 60, {}, false } do
      assert_refused(setmetatable({ "a" }, { __len = function() return length end }), "__len")
    end
    assert_refused(setmetatable({ "a" }, { __len = function() return 2 end }), "is no sequence")
    assert_refused(setmetatable({ "a", "b" }, { __len = function() return 1 end }), "is no sequence")
    assert_refused(setmetatable({ "a" }, { __len = function() return 2 ^ 31 - 1 end }), "is no sequence")
  end)

  it("may stand for another one, by __len and __index", function()
    for _, run in pairs(WAYS) do
      local real = { "a", "b" }
      local proxy = setmetatable({}, { __index = real, __len = function() return #real end })
      local report = run(proxy, { missing_ok = true })
      assert.same({ 2, 0 }, { report.total, report.not_deleted })
    end
  end)

  it("lets errors of its metamethods through", function()
    local problem = {}
    local function fail() error(problem, 0) end
    for _, metatable in ipairs { { __len = fail }, { __len = function() return 1 end, __index = fail } } do
      local succeeded, raised = pcall(blocking, setmetatable({}, metatable))
      assert.same({ false, true }, { succeeded, rawequal(problem, raised) })
    end
  end)
end)

describe("an iterator", function()
  it("that repeats an id gives a duplicate, where results are collected", function()
    for name, run in pairs(WAYS) do
      local ids, position = { name == "blocking" and "a" or "b", "gone" }, 0
      ids[3] = ids[1]
      local report = run(function()
        position = position + 1
        return ids[position]
      end, { collect = true, max_concurrency = 1 })
      assert.same({ 1, 1, 1 }, { report.deleted, report.absent, report.duplicates })
      assert.equal("deleted", report.results[ids[1]].meta.outcome)
    end
  end)
end)

describe("an id that is a key", function()
  it("stands in no result", function()
    for _, run in pairs(WAYS) do
      local told = {}
      local keys = { calls.KEY, "sk_V2_other", "sk_V2_other\n", '"' .. calls.KEY .. '"' }
      local report = run(keys, { on_result = function(id, _, err)
        told[#told + 1] = id .. " " .. err.avatar_id .. " " .. err.kind
      end })
      local one = "[redacted] [redacted] invalid_argument"
      assert.same({ one, one, one, one }, told)
      assert.same({ 4, "[redacted]" }, { report.not_deleted, (next(report.results)) })
      assert.is_nil(next(report.results, "[redacted]"))
    end
  end)
end)
