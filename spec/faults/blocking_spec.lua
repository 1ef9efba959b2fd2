-- The fault matrix through blocking calls, and Ctrl-C in doubt.

local calls = require "spec.support.calls"
local canary = require "spec.faults.canary"
local matrix = require "spec.faults.matrix"
local server = require "spec.support.server"

describe("a blocking call with", function()
  matrix.each(describe, it, pending, function(fault)
    local client = fault.client
    if fault.case.warm then client:delete_photo_avatar "warm" end
    local succeeded, first, second = pcall(client.delete_photo_avatar, client, fault.id, fault.options)
    if succeeded then
      matrix.check(fault, first, second)
    else
      matrix.check(fault, nil, first)
    end
  end)
end)

describe("Ctrl-C", function()
  -- A limit that nothing is expected to reach, in seconds.
  local PATIENCE = 60

  local SCRIPT = [[
    local heygen = require "heygen"
    local url, key = ...
    local client = heygen.new { api_key = key, base_url = url, timeout = 3600, deadline = 3600,
      trace = function(event) print(event.attempt, event.kind) end }
    local _, err = pcall(client.delete_photo_avatar, client, "avatar")
    print(err.kind, err.outcome, err.attempts)
    print(tostring(err))
    print(select(2, heygen.delete_photo_avatar(key, "other", { base_url = url })).outcome)
  ]]

  -- What the child prints that is interrupted once the service has seen so many DELETEs; `waiting`: and once it waits
  -- for the next attempt, having hung up.
  local function interrupted(attempts, deletes, waiting)
    local service <close> = server.start { ids = { "avatar", "other" }, keys = { canary.KEY } }
    service:plan("avatar", attempts)
    local child = calls.start_script(SCRIPT, { service.url, canary.KEY })
    server.eventually(function() return service:deletes "avatar" == deletes end, PATIENCE)
    if waiting then server.eventually(function() return service:open_connections() == 0 end, PATIENCE) end
    child:signal "INT"
    local result = child:wait(PATIENCE)
    assert.same({ false, 0, "" }, { result.timed_out, result.status, result.stderr })
    assert.equal(deletes, service:deletes "avatar")
    assert.is_nil(canary.found(result.stdout))
    assert.equal("deleted", result.stdout:match "(%S+)\n$")
    return result.stdout
  end

  local function answer_to_wait(status)
    return { { { status = status, headers = { ["retry-after"] = "1800", connection = "close" } } } }
  end

  for name, doubt in pairs {
    ["a lost answer"] = { { close = true } },
    ["500"] = { { status = 500 } },
    ["503"] = { { status = 503 } },
  } do
    it("in the attempt after " .. name .. " leaves it unknown", function()
      local printed = interrupted({ doubt, { { hang = true } } }, 2)
      assert.truthy(printed:find("2\tinterrupted\ninterrupted\tunknown\t2\n", 1, true), printed)
    end)
  end

  it("in the wait after a doubt leaves it unknown", function()
    local printed = interrupted(answer_to_wait(503), 1, true)
    assert.truthy(printed:find("interrupted\tunknown\t1\n", 1, true), printed)
  end)

  it("in the wait after a 429 knows that it was not deleted", function()
    local printed = interrupted(answer_to_wait(429), 1, true)
    assert.truthy(printed:find("interrupted\tnot_deleted\t1\n", 1, true), printed)
  end)
end)
