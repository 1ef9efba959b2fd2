-- An answer of many small JSON values is larger than allowed: each takes much more memory than its text.

local attempt = require "spec.support.attempt"
local server = require "spec.support.server"

local MOST = 20000

describe("an answer of many JSON values", function()
  local service

  setup(function() service = server.start() end)
  teardown(function() service:stop() end)

  -- What a status with this body comes to.
  local function answered(status, body)
    service:plan("id", { { { status = status, body = body } } })
    return attempt.once(service, "id", { max_retries = 0 })
  end

  -- An object that says "deleted", with so many values in all.
  local function of_values(count, value)
    local data = "[" .. (value .. ","):rep(count - 4) .. value .. "]"
    return '{"code":100,"data":' .. data .. "}"
  end

  it("is one up to 20,000", function()
    local made = answered(200, of_values(MOST, "1"))
    assert.same({ "none", "deleted" }, { made.kind, made.outcome })
    assert.equal(MOST - 3, #made.body.data)
  end)

  it("is too large beyond", function()
    for _, value in ipairs { "1", "{}", "[]", '""', "null" } do
      local made = answered(200, of_values(MOST + 1, value))
      assert.same({ "protocol", "unknown" }, { made.kind, made.outcome }, value)
      assert.matches("the answer was larger than allowed", tostring(made.err))
      assert.matches("more values than allowed", made.err.cause)
      assert.equal(200, made.err.status)
    end
  end)

  it("is too large whatever its status, and whatever it says", function()
    for _, status in ipairs { 404, 403, 400, 429, 500 } do
      local made = answered(status, '{"error":{"code":"avatar_not_found","message":"x"},"data":['
        .. ("[1],"):rep(MOST // 2) .. "1]}")
      assert.same({ "protocol", "unknown" }, { made.kind, made.outcome }, status)
    end
  end)

  it("is too large where the values stand in each other", function()
    local made = answered(200, of_values(MOST // 30, ("["):rep(50) .. ("]"):rep(50)))
    assert.same({ "protocol", "unknown" }, { made.kind, made.outcome })
  end)
end)
