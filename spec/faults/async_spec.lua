-- The fault matrix through asynchronous calls, and what a cancel or a close leaves in doubt.

local calls = require "spec.support.calls"
local canary = require "spec.faults.canary"
local fake_time = require "spec.support.fake_time"
local matrix = require "spec.faults.matrix"
local server = require "spec.support.server"

local function await(client, id, options)
  local request = client:delete_photo_avatar_async(id, nil, options)
  repeat until client:poll(1) == 0
  return request:result()
end

describe("an asynchronous call with", function()
  matrix.each(describe, it, pending, function(fault)
    if fault.case.warm then await(fault.client, "warm") end
    matrix.check(fault, await(fault.client, fault.id, fault.options))
  end)
end)

describe("a call that is ended", function()
  local ways = {
    cancel = function(_, request) request:cancel() end,
    close = function(client) client:close() end,
  }
  local beginnings = {
    ["a lost answer"] = { { close = true } },
    ["500"] = { { status = 500 } },
    ["503"] = { { status = 503 } },
    ["429"] = { { status = 429 } },
  }

  local service

  before_each(function()
    fake_time.install()
    service = server.start { keys = { canary.KEY }, ids = { "avatar" } }
  end)
  after_each(function()
    service:stop()
    fake_time.uninstall()
  end)

  -- Ends a call once the service has seen so many DELETEs, and something else, if need be.
  local function ended(way, attempts, deletes, condition)
    service:plan("avatar", attempts)
    local client <close> = calls.client(service, { api_key = canary.KEY, max_retries = 2 })
    local request = client:delete_photo_avatar_async("avatar", nil, { timeout = 3600, deadline = 86400 })
    server.eventually(function() return service:deletes "avatar" == deletes end)
    if condition then server.eventually(condition) end
    ways[way](client, request)
    repeat until client:poll(1) == 0
    local _, err = request:result()
    assert.equal(deletes, service:deletes "avatar")
    assert.is_nil(canary.found(err, tostring(err)))
    return ("%s %s %d"):format(err.kind, err.outcome, err.attempts)
  end

  for way in pairs(ways) do
    for name, actions in pairs(beginnings) do
      it(("by %s after %s and in an attempt is unknown"):format(way, name), function()
        assert.equal("cancelled unknown 2", ended(way, { actions, { { hang = true } } }, 2))
      end)
    end

    it(("by %s in its first attempt is unknown"):format(way), function()
      assert.equal("cancelled unknown 1", ended(way, { { { hang = true } } }, 1))
    end)

    for status, outcome in pairs { [500] = "unknown", [503] = "unknown", [429] = "not_deleted" } do
      it(("by %s in the wait after %d is %s"):format(way, status, outcome), function()
        -- Time must not jump, or there would be no wait to end it in.
        fake_time.uninstall()
        local answer = { status = status, headers = { ["retry-after"] = "1800", connection = "close" } }
        -- The client has hung up: it has read the answer.
        local function is_read() return service:open_connections() == 0 end
        assert.equal(("cancelled %s 1"):format(outcome), ended(way, { { answer } }, 1, is_read))
      end)
    end
  end
end)
