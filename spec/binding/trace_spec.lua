-- What a trace is told: a table for each attempt, once the call is over.

local attempt = require "spec.support.attempt"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local server = require "spec.support.server"

local LOST = { { close = true } }
local BUSY = { { status = 503, headers = { ["retry-after"] = "7" } } }

local service, client, seen

local function note(event) seen[#seen + 1] = event end

before_each(function()
  fake_time.install()
  service = server.start { ids = { "avatar", "other" } }
  seen = {}
  client = calls.client(service, { trace = note, max_retries = 2 })
end)
after_each(function()
  client:close()
  service:stop()
  fake_time.uninstall()
end)

-- The members of each table that have a name in the list, as one line.
local function lines(...)
  local list = {}
  for position, event in ipairs(seen) do
    local values = {}
    for number, name in ipairs { ... } do values[number] = tostring(event[name]) end
    list[position] = table.concat(values, " ")
  end
  return list
end

describe("a trace", function()
  it("has these members after an attempt that was the last", function()
    client:delete_photo_avatar "avatar"
    assert.equal(1, #seen)
    assert.is_number(seen[1].elapsed)
    seen[1].elapsed = nil
    assert.same({
      operation = "delete_photo_avatar", avatar_id = "avatar", method = "DELETE", attempt = 1, status = 200,
      url = service.url .. "/v2/photo_avatar/avatar", reused = false,
    }, seen[1])
  end)

  it("has the kind of each attempt, its status or its cause, and the wait before the next", function()
    service:plan("avatar", { LOST, BUSY })
    client:delete_photo_avatar "avatar"
    assert.same({ "1 connection nil 0.25", "2 server 503 7.0", "3 nil 200 nil" },
      lines("attempt", "kind", "status", "wait"))
    assert.is_string(seen[1].cause)
    assert.is_nil(seen[2].cause)
    assert.is_nil(seen[3].cause)
  end)

  it("has a status and a cause where the body was cut", function()
    service:plan("avatar", { { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", { close = true } } })
    attempt.by(client, "avatar", { max_retries = 0 })
    assert.equal(200, seen[1].status)
    assert.is_string(seen[1].cause)
  end)

  it("has no wait where the deadline left no room for one", function()
    service:plan("avatar", { always = BUSY })
    attempt.by(client, "avatar", { deadline = 10 })
    assert.same({ "1 7.0", "2 nil" }, lines("attempt", "wait"))
  end)

  it("tells of a refusal by its kind, and of a missing one as what it comes to", function()
    attempt.by(client, "nobody")
    attempt.by(client, "nobody", { missing_ok = true })
    service:plan("other", { { { delete = true }, { close = true } } })
    attempt.by(client, "other")
    assert.same({ "not_found 404", "nil 404", "connection nil", "nil 404" }, lines("kind", "status"))
  end)

  it("tells whether the connection was open already", function()
    service:plan("other", { { { status = 500 } }, { { close = true } } })
    client:delete_photo_avatar "avatar"
    client:delete_photo_avatar "other"
    assert.same({ "avatar 1 false", "other 1 true", "other 2 true", "other 3 false" },
      lines("avatar_id", "attempt", "reused"))
    local used = {}
    for position, request in ipairs(service:requests()) do
      assert.equal(used[request.connection] or false, seen[position].reused)
      used[request.connection] = true
    end
  end)

  it("tells how long each attempt took, without the waits", function()
    client:close()
    fake_time.install { flowing = true }
    client = calls.client(service, { trace = note, max_retries = 2 })
    service:plan("avatar", {
      { { sleep = 0.2 }, { status = 500 } },
      { { status = 500, headers = { ["retry-after"] = "60" } } },
    })
    local _, meta = client:delete_photo_avatar "avatar"
    assert.is_true(seen[1].elapsed >= 0.2 and seen[1].elapsed < 30)
    assert.is_true(seen[2].elapsed < 30)
    assert.is_true(meta.elapsed > 60)
  end)

  it("has the version's URL", function()
    client:delete_photo_avatar("avatar", { api_version = "v3" })
    assert.equal(service.url .. "/v3/avatars/looks/avatar", seen[1].url)
  end)

  it("never has the key, nor what an answer says of it", function()
    local head = ("HTTP/1.1 200 %s\r\nContent-Length: 9\r\n\r\n"):format(calls.KEY)
    service:plan("avatar", { { head .. calls.KEY, { close = true } } })
    attempt.by(client, "avatar")
    for _, event in ipairs(seen) do
      for name, value in pairs(event) do
        assert.is_nil(tostring(value):find(calls.KEY, 1, true), name)
      end
    end
    assert.equal(2, #seen)
  end)

  it("is told nothing of a call that was refused unsent", function()
    calls.raised(client.delete_photo_avatar, client, "")
    calls.raised(client.delete_photo_avatar, client, "avatar", { timeout = -1 })
    assert.same({}, seen)
  end)
end)

describe("a trace function", function()
  it("is called once the call is over, and may use the client", function()
    local outcome
    local function nested(event)
      if event.attempt == 2 then
        outcome = select(2, client:delete_photo_avatar("other", { trace = function() end })).outcome
      end
    end
    service:plan("avatar", { LOST })
    local _, meta = client:delete_photo_avatar("avatar", { trace = nested })
    assert.same({ "deleted", "deleted", 2 }, { outcome, meta.outcome, meta.attempts })
    assert.same({ "avatar", "avatar", "other" }, {
      service:requests()[1].id, service:requests()[2].id, service:requests()[3].id,
    })
  end)

  it("may close the client", function()
    local body, meta = client:delete_photo_avatar("avatar", { trace = function() client:close() end })
    assert.equal(100, body.code)
    assert.equal("deleted", meta.outcome)
  end)

  it("of a call wins over the client's", function()
    local own = {}
    client:delete_photo_avatar("avatar", { trace = function(event) own[#own + 1] = event.avatar_id end })
    assert.same({ "avatar" }, own)
    assert.same({}, seen)
    client:delete_photo_avatar "other"
    assert.equal(1, #seen)
  end)

  it("is called before an error is raised", function()
    local err = attempt.by(client, "nobody").err
    assert.equal("not_found", err.kind)
    assert.equal(1, #seen)
  end)

  it("of an asynchronous call runs in poll, before the callback", function()
    service:plan("avatar", { LOST })
    client:delete_photo_avatar_async("avatar", function(_, meta) seen[#seen + 1] = meta end)
    server.eventually(function() return service:deletes "avatar" == 2 end)
    assert.same({}, seen)
    repeat until client:poll(5) == 0
    assert.same({ "1 nil", "2 nil", "nil deleted" }, lines("attempt", "outcome"))
  end)

  it("is told of every id of a bulk run", function()
    service:plan("other", { LOST })
    client:delete_photo_avatars({ "avatar", "other", "nobody" }, { max_concurrency = 1 })
    assert.same({ "avatar 1", "other 1", "other 2", "nobody 1" }, lines("avatar_id", "attempt"))
  end)

  it("is called by the plain function too", function()
    local heygen = require "heygen"
    heygen.delete_photo_avatar(calls.KEY, "avatar", { base_url = service.url, trace = note })
    assert.same({ "avatar 1 200" }, lines("avatar_id", "attempt", "status"))
  end)
end)

describe("an error in a trace function", function()
  -- The warnings of a child in which each trace raises one of these, and what it prints.
  local function run(raised)
    service:plan("avatar", { LOST })
    local result = calls.run_script(([[
      local heygen = require "heygen"
      local client = heygen.new { api_key = "test-key", base_url = ..., trace = function() error(%s, 0) end }
      local _, meta = client:delete_photo_avatar "avatar"
      print(meta.outcome, meta.attempts)
      print(select(2, pcall(client.delete_photo_avatar, client, "nobody")).kind)
    ]]):format(raised), { service.url }, { warnings = true })
    assert.equal("deleted\t2\nnot_found\n", result.stdout, result.stderr)
    return result.stderr
  end

  it("goes to warn, and costs no answer", function()
    assert.equal(("Lua warning: heygen: error in the trace function: oops\n"):rep(3), run '"oops"')
  end)

  it("may be any value", function()
    assert.matches("error object of type table", run "{}", 1, true)
    service:add "avatar"
    assert.matches("error object of type nil", run "nil", 1, true)
  end)

  it("is shown on one line", function()
    local _, count = run [["one\ntwo\27[31m"]]:gsub("\n", "")
    assert.equal(3, count)
  end)
end)
