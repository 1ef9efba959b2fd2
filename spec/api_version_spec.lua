-- api_version = "auto": which route a call takes once v2 has ended, in whichever way, and what the client remembers.

local api = require "spec.support.api"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local heygen = require "heygen"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local service, client

-- The versions that the DELETEs took, in order: "v2 v3 v3".
local function routes(id)
  local taken = {}
  for _, request in ipairs(service:requests(id)) do taken[#taken + 1] = request.path:match "^/(v%d)/" end
  return table.concat(taken, " ")
end

local function new_client(more)
  local options = { api_version = "auto" }
  for name, value in pairs(more or {}) do options[name] = value end
  return calls.client(service, options)
end

before_each(function()
  service = server.start { ids = { "one", "two", "three", "four", "five" } }
  client = new_client()
end)
after_each(function()
  client:close()
  service:stop()
end)

-- Each way of calling: what came of one id, as kind or "none", outcome, attempts and API version.
local function summary(result, err)
  local told = err or result
  return { err and err.kind or "none", told.outcome, told.attempts, told.api_version }
end

local WAYS = {
  ["blocking"] = function(id, options)
    local succeeded, first, meta = pcall(client.delete_photo_avatar, client, id, options)
    return summary(meta, not succeeded and first or nil)
  end,
  ["asynchronous"] = function(id, options)
    local request = client:delete_photo_avatar_async(id, nil, options)
    polling.finish(client)
    local body, second = request:result()
    return summary(second, not body and second or nil)
  end,
  ["in bulk"] = function(id, options)
    local result = client:delete_photo_avatars({ id }, options).results[id]
    return summary(result.meta, result.err)
  end,
}

for way, call in pairs(WAYS) do
  describe("a call, " .. way, function()
    for how in pairs(api.ENDS) do
      it("goes on with v3 after " .. how, function()
        service:end_version("v2", how)
        assert.same({ "none", "deleted", 2, "v3" }, call "one")
        assert.same({ "not_found", "absent", 1, "v3" }, call "no-such")
        assert.equal("v2 v3", routes "one")
        assert.equal("v3", routes "no-such")
      end)
    end

    it("finds on v3 that an id never existed", function()
      service:end_version("v2", "302 to a log-in")
      assert.same({ "not_found", "absent", 2, "v3" }, call "no-such")
    end)

    it("stays on v2 while that answers", function()
      assert.same({ "none", "deleted", 1, "v2" }, call "one")
      assert.same({ "not_found", "absent", 1, "v2" }, call "one")
      assert.equal("v2 v2", routes "one")
    end)

    it("that is fixed to a version takes no other", function()
      service:end_version("v2", "410 with HTML")
      assert.same({ "retired", "not_deleted", 1, "v2" }, call("one", { api_version = "v2" }))
      assert.same({ "none", "deleted", 1, "v3" }, call("two", { api_version = "v3" }))
      -- Nor has it taught the client anything.
      assert.same({ "none", "deleted", 2, "v3" }, call "three")
      assert.equal("v2", routes "one")
    end)

    it("keeps its doubt from v2 on v3", function()
      client:close()
      client = new_client { max_retries = 1 }
      service:end_version("v2", "404 with HTML")
      service:plan("one", { { { delete = true }, { close = true } } })
      assert.same({ "none", "presumed_deleted", 3, "v3" }, call "one")
      assert.equal("v2 v2 v3", routes "one")
    end)

    it("is unknown when v3 refuses it in doubt", function()
      service:end_version("v2", "404 with HTML")
      local refused = { { status = 400, body = '{"error":{"code":"invalid_parameter","message":"x"}}' } }
      service:plan("one", { { { answer = true } }, refused })
      assert.same({ "rejected", "unknown", 2, "v3" }, call("one", { maybe_sent = true }))
    end)

    it("that was sent before, and is not there on v3, is presumed deleted", function()
      service:end_version("v2", "410 with JSON")
      assert.same({ "none", "presumed_deleted", 2, "v3" }, call("no-such", { maybe_sent = true }))
    end)
  end)
end

describe("what leads to v3", function()
  local NOTHING = {
    ["a 200 with HTML"] = { { status = 200, body = "<html>" } },
    ["a 303"] = { { status = 303, headers = { location = "https://app.heygen.com/" } } },
    ["a 400"] = { { status = 400, body = '{"error":{"code":"invalid_parameter","message":"x"}}' } },
    ["a 400 without an envelope"] = { { status = 400, body = "<html>" } },
    ["a 401"] = { { status = 401, body = '{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}' } },
    ["a 403"] = { { status = 403, body = "<html>blocked</html>" } },
    ["a 404 with a listed code"] = { { status = 404, body = '{"error":{"code":"forbidden","message":"x"}}' } },
    ["a 409"] = { { status = 409, body = "{}" } },
    ["a 422"] = { { status = 422, body = "{}" } },
    ["a 500"] = { { status = 500 } },
    ["a 503"] = { { status = 503, body = "<html>" } },
    ["a lost connection"] = { { close = true } },
    ["a 404 that is cut off"] = { "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n<html>", { close = true } },
  }
  for name, answer in pairs(NOTHING) do
    it("is not " .. name, function()
      service:plan("one", { always = answer })
      local err = calls.raised(client.delete_photo_avatar, client, "one")
      assert.equal("v2", err.api_version)
      assert.equal("v2", routes "one")
    end)
  end

  it("is no refused connection", function()
    service:refuse()
    local err = calls.raised(client.delete_photo_avatar, client, "one")
    assert.equal("connection", err.kind)
    assert.equal(1, err.attempts)
  end)
end)

describe("what the client remembers", function()
  -- How v3 answers the first call after v2 has ended.
  local function answered_by_v3(answer)
    service:end_version("v2", "404 with HTML")
    service:plan("one", { { { answer = true } }, answer })
    pcall(client.delete_photo_avatar, client, "one")
    service:reset_record()
    client:delete_photo_avatar "two"
    return routes "two"
  end

  local TEACHES = {
    ["a 204"] = { { status = 204 } },
    ["a success"] = { { answer = true } },
    ["not found"] = { { status = 404, body = '{"error":{"code":"avatar_not_found","message":"x"}}' } },
    ["a refusal in the envelope"] = { { status = 400, body = '{"error":{"code":"invalid_parameter","message":"x"}}' } },
    ["a 429 in the envelope"] = { { status = 429, headers = { ["retry-after"] = "0" },
      body = '{"error":{"code":"rate_limit_exceeded","message":"x"}}' } },
  }
  for name, answer in pairs(TEACHES) do
    it("is v3 after " .. name, function() assert.equal("v3", answered_by_v3(answer)) end)
  end

  local TEACHES_NOTHING = {
    ["a 401"] = { { status = 401, body = '{"error":{"code":"unauthorized","message":"x"}}' } },
    ["a 403"] = { { status = 403, body = '{"error":{"code":"forbidden","message":"x"}}' } },
    ["a 500 in the envelope"] = { { status = 500, body = '{"error":{"code":"internal_error","message":"x"}}' } },
    ["a 200 with HTML"] = { { status = 200, body = "<html>" } },
    ["a 409 without the envelope"] = { { status = 409, body = "{}" } },
    ["a 404 in the envelope"] = { { status = 404, body = '{"error":{"code":"not_found","message":"Not found"}}' } },
    ["a lost connection"] = { { close = true } },
  }
  for name, answer in pairs(TEACHES_NOTHING) do
    it("is nothing after " .. name, function() assert.equal("v2 v3", answered_by_v3(answer)) end)
  end

  it("is shared by blocking calls, asynchronous ones and bulk runs", function()
    service:end_version("v2", "410 with HTML")
    client:delete_photo_avatar "one"
    client:delete_photo_avatar_async "two"
    polling.finish(client)
    client:delete_photo_avatars { "three", "four" }
    assert.equal("v3 v3 v3", table.concat({ routes "two", routes "three", routes "four" }, " "))
  end)

  it("stays when v2 is there again, and is not another client's", function()
    service:end_version("v2", "410 with HTML")
    client:delete_photo_avatar "one"
    service:end_version "v2"
    client:delete_photo_avatar "two"
    assert.equal("v3", routes "two")
    local other <close> = new_client()
    other:delete_photo_avatar "three"
    assert.equal("v2", routes "three")
  end)

  it("is used by no fixed call", function()
    service:end_version("v2", "410 with HTML")
    client:delete_photo_avatar "one"
    local err = calls.raised(client.delete_photo_avatar, client, "two", { api_version = "v2" })
    assert.equal("retired", err.kind)
  end)
end)

describe("where v3 is missing too", function()
  it("v3's error is raised", function()
    service:end_version("v2", "404 with HTML")
    service:end_version("v3", "410 with HTML")
    local err = calls.raised(client.delete_photo_avatar, client, "one")
    assert.same({ "retired", "not_deleted", 2, "v3", 410 },
      { err.kind, err.outcome, err.attempts, err.api_version, err.status })
    assert.equal("v2 v3", routes "one")
  end)

  it("v2's is, if the service itself said it", function()
    service:end_version("v2", "404 in the envelope")
    service:end_version("v3", "404 with HTML")
    local err = calls.raised(client.delete_photo_avatar, client, "one")
    assert.same({ "rejected", "not_deleted", 2, "v2", 404, "internal_error", "this API version has ended" },
      { err.kind, err.outcome, err.attempts, err.api_version, err.status, err.code, err.message })
  end)

  it("v3's is, if that is about more than the route", function()
    service:end_version("v2", "404 in the envelope")
    service:plan("one", { { { answer = true } }, { { status = 403, body = "<html>" } } })
    local err = calls.raised(client.delete_photo_avatar, client, "one")
    assert.same({ "forbidden", "v3" }, { err.kind, err.api_version })
  end)

  it("v2's error is unknown, if an attempt of v3 was lost", function()
    client:close()
    client = new_client { max_retries = 1 }
    service:end_version("v2", "404 in the envelope")
    service:end_version("v3", "404 with HTML")
    service:plan("one", { { { answer = true } }, { { close = true } } })
    local err = calls.raised(client.delete_photo_avatar, client, "one")
    assert.same({ "rejected", "unknown", 3, "v2" }, { err.kind, err.outcome, err.attempts, err.api_version })
  end)

  it("a run stops at it, whose ids were tried on both", function()
    service:end_version("v2", "404 with HTML")
    service:end_version("v3", "404 with HTML")
    local report = client:delete_photo_avatars({ "one", "two", "three" }, { max_concurrency = 1 })
    assert.equal("retired", report.stopped.kind)
    assert.equal(2, report.not_attempted)
    assert.equal("v2 v3", routes "one")
    assert.equal(2, service:deletes())
  end)
end)

describe("a bulk run", function()
  it("goes on from answers that would stop it, and sends each id once more at most", function()
    service:end_version("v2", "301 to the documentation")
    local ids = {}
    for number = 1, 60 do ids[number] = "bulk-" .. number end
    service:add(ids)
    local report = client:delete_photo_avatars(ids, { max_concurrency = 8 })
    assert.equal(60, report.deleted)
    assert.is_nil(report.stopped)
    local twice = 0
    for _, id in ipairs(ids) do
      local taken = routes(id)
      assert.is_true(taken == "v3" or taken == "v2 v3", taken)
      if taken == "v2 v3" then twice = twice + 1 end
    end
    -- Those that were under way before the first answer of v3's.
    assert.is_true(twice >= 1 and twice <= 16, twice)
  end)

  it("crosses the end of v2 while it is under way", function()
    local ids = {}
    for number = 1, 40 do ids[number] = "bulk-" .. number end
    service:add(ids)
    local done = 0
    local report = client:delete_photo_avatars(ids, {
      max_concurrency = 4,
      on_result = function()
        done = done + 1
        if done == 10 then service:end_version("v2", "404 with a framework's JSON") end
      end,
    })
    assert.equal(40, report.deleted)
    assert.equal("v3", routes "bulk-40")
    assert.equal("v2", routes "bulk-1")
  end)
end)

describe("the step to v3", function()
  local function attempts_of(options)
    local attempts = {}
    options.trace = function(attempt) attempts[#attempts + 1] = attempt end
    client:close()
    client = new_client(options)
    return attempts
  end

  it("is no retry: it happens without any, and costs none", function()
    service:end_version("v2", "404 with HTML")
    service:plan("one", { { { answer = true } }, { { status = 500 } }, { { status = 500 } } })
    client:close()
    client = new_client { max_retries = 2 }
    local _, meta = client:delete_photo_avatar "one"
    assert.same({ "deleted", 4, "v3" }, { meta.outcome, meta.attempts, meta.api_version })
    assert.equal("v2 v3 v3 v3", routes "one")
  end)

  it("is an attempt of its own in the trace, with its URL", function()
    service:end_version("v2", "410 with JSON")
    local attempts = attempts_of {}
    client:delete_photo_avatar "one"
    assert.equal(2, #attempts)
    assert.equal(service.url .. "/v2/photo_avatar/one", attempts[1].url)
    assert.same({ "retired", 410 }, { attempts[1].kind, attempts[1].status })
    assert.equal(service.url .. "/v3/avatars/looks/one", attempts[2].url)
    assert.same({ nil, 200, 2 }, { attempts[2].kind, attempts[2].status, attempts[2].attempt })
  end)

  it("has room in the trace beside all retries", function()
    fake_time.install()
    service:end_version("v2", "410 with JSON")
    service:plan("one", { { { status = 503 } }, { { answer = true } }, always = { { status = 503 } } })
    local attempts = attempts_of { max_retries = 3 }
    local err = calls.raised(client.delete_photo_avatar, client, "one")
    fake_time.uninstall()
    assert.equal(5, err.attempts)
    assert.equal(5, #attempts)
    assert.equal("v2 v2 v3 v3 v3", routes "one")
  end)
end)

describe("the step's time", function()
  before_each(function() fake_time.install() end)
  after_each(fake_time.uninstall)

  it("is the call's: without any left it ends as a timeout, which sent nothing more", function()
    client:close()
    client = new_client { max_rate = 0.1, deadline = 5 }
    service:end_version("v2", "404 with HTML")
    local err = calls.raised(client.delete_photo_avatar, client, "one")
    assert.same({ "timeout", "not_deleted", 1 }, { err.kind, err.outcome, err.attempts })
    assert.equal("v2", routes "one")
  end)

  it("is held to the rate", function()
    client:close()
    client = new_client { max_rate = 0.1 }
    service:end_version("v2", "404 with HTML")
    client:delete_photo_avatar "one"
    assert.equal("v2 v3", routes "one")
    assert.is_true(fake_time.idled() >= 9.9, fake_time.idled())
  end)

  it("in a pause that is longer ends as rate_limited", function()
    client:close()
    fake_time.uninstall()
    client = new_client()
    service:end_version("v2", "404 with HTML")
    service:plan("one", { { { sleep = 2 }, { answer = true } } })
    service:plan("two", { { { status = 429, headers = { ["retry-after"] = "1000" }, body = "{}" } } })
    local request = client:delete_photo_avatar_async "one"
    server.eventually(function() return service:deletes "one" == 1 end)
    client:delete_photo_avatar_async "two"
    polling.finish(client)
    local _, err = request:result()
    assert.same({ "rate_limited", "not_deleted", 1 }, { err.kind, err.outcome, err.attempts })
    assert.equal("v2", routes "one")
  end)

  it("without any left is unknown for a call in doubt", function()
    client:close()
    client = new_client { max_rate = 0.1, deadline = 5 }
    service:end_version("v2", "404 with HTML")
    local err = calls.raised(client.delete_photo_avatar, client, "one", { maybe_sent = true })
    assert.same({ "timeout", "unknown" }, { err.kind, err.outcome })
  end)
end)

describe("api_version", function()
  it("is \"auto\" by default, and refuses other names", function()
    for _, value in ipairs { "v1", "V2", "", "auto\0", 2, true } do
      local err = calls.raised(heygen.new, { api_key = "k", api_version = value })
      assert.is_nil(calls.flaw_of_refusal(err, { "api_version" }))
    end
    heygen.new { api_key = "k", api_version = "auto" }:close()
  end)

  local SCRIPT = [[
    local heygen = require "heygen"
    local fine, result = pcall(heygen.new, { api_key = "k", base_url = arg[1], api_version = arg[2] })
    if not fine then return print(result.kind, result.message) end
    local _, meta = result:delete_photo_avatar "one"
    print(meta.api_version)
  ]]

  local function printed(variable, given)
    local result = calls.run_script(SCRIPT, { service.url, given },
      { environment = { HEYGEN_API_VERSION = variable, HEYGEN_API_KEY = "test-key" } })
    return result.stdout
  end

  it("comes from HEYGEN_API_VERSION where no option says otherwise", function()
    service = server.start { ids = { "one" }, keys = { "k" } }
    assert.equal("v3\n", printed "v3")
    service:add "one"
    assert.equal("v2\n", printed("v3", "v2"))
    service:add "one"
    assert.equal("v2\n", printed "")
    assert.matches("^invalid_argument\t.*HEYGEN_API_VERSION", printed "v9")
    assert.not_matches("v9", printed "v9")
  end)

  it("leaves a deprecation to meta, and warns of it where it is fixed to v2", function()
    local deprecated <close> = server.start { ids = { "one", "two" }, deprecated = true }
    local script = [[
      warn "@on"
      local client = require "heygen".new { api_key = "test-key", base_url = arg[1] }
      local _, meta = client:delete_photo_avatar("one")
      print(meta.deprecation.sunset)
      io.stderr:write "--\n"
      client:delete_photo_avatar("two", { api_version = "v2" })
    ]]
    local result = calls.run_script(script, { deprecated.url }, {})
    assert.equal("Sat, 31 Oct 2026 00:00:00 GMT\n", result.stdout)
    assert.matches("^%-%-\n.*deprecated", result.stderr)
  end)
end)
