-- `where`: an error that is raised, or returned by heygen.safe, names the place that called the module.

local calls = require "spec.support.calls"
local heygen = require "heygen"
local polling = require "spec.support.polling"
local safe = require "heygen.safe"

local service, client, start

before_each(function() service, client, start = polling.stage { "avatar" } end)
after_each(function()
  client:close()
  service:stop()
end)

-- The place of the caller, some lines above.
local function place(lines_above)
  local info = debug.getinfo(2, "Sl")
  return ("%s:%d"):format(info.short_src, info.currentline - (lines_above or 0))
end

describe("where", function()
  it("is the line of a blocking call", function()
    local fine, err = pcall(function()
      local body = client:delete_photo_avatar "no-such"
      return body
    end)
    assert.is_false(fine)
    assert.equal(place(4), err.where)
  end)

  it("is the line of a refused argument, of whichever function", function()
    local options = { no_such_option = true }
    for _, run in ipairs {
      function() local made = heygen.new(options) return made end,
      function() local body = heygen.delete_photo_avatar("k", "a b") return body end,
      function() local body = client:delete_photo_avatar("a", options) return body end,
      function() local report = client:delete_photo_avatars(1) return report end,
      function() local request = client:delete_photo_avatar_async(1) return request end,
      function() local left = client:poll "x" return left end,
    } do
      local line = debug.getinfo(run, "S").linedefined
      assert.equal(("%s:%d"):format(debug.getinfo(1, "S").short_src, line), calls.raised(run).where)
    end
  end)

  it("is the caller's line for heygen.safe, which returns the error", function()
    local _, err = safe.new { timeout = -1 }
    assert.equal(place(1), err.where)
    local safe_client = assert(safe.new { api_key = calls.KEY, base_url = service.url })
    _, err = safe_client:delete_photo_avatar "no-such"
    assert.equal(place(1), err.where)
    safe_client:close()
  end)

  it("is the line of the await", function()
    local err, expected
    local request = start "no-such"
    coroutine.wrap(function()
      local fine, raised = pcall(function()
        local body = request:await()
        return body
      end)
      expected = fine or place(3)
      err = raised
    end)()
    polling.finish(client)
    assert.equal(expected, err.where)
    -- What the request itself holds was raised nowhere.
    assert.is_nil(select(2, request:result()).where)
  end)

  it("is absent from what a callback, result() and a report are handed", function()
    local seen, note = polling.notebook()
    local request = start("no-such", note "callback")
    polling.finish(client)
    assert.is_nil(seen[1].err.where)
    assert.is_nil(select(2, request:result()).where)
    local report = client:delete_photo_avatars { "no-such" }
    assert.is_nil(report.results["no-such"].err.where)
  end)

  it("is absent where no line called the module", function()
    local fine, err = coroutine.resume(coroutine.create(client.delete_photo_avatar), client, "no-such")
    assert.is_false(fine)
    assert.is_nil(err.where)
    assert.matches("^heygen: not_found", tostring(err))
  end)

  it("passes over functions of C", function()
    local fine, err = pcall(client.delete_photo_avatar, client, "no-such")
    assert.is_false(fine)
    assert.equal(place(2), err.where)
  end)

  it("is in a file of the same name as one of the module's own", function()
    local chunk = assert(load("local client = ... local body = client:delete_photo_avatar 'no-such' return body",
      "@elsewhere/heygen/init.lua"))
    assert.equal("elsewhere/heygen/init.lua:1", calls.raised(chunk, client).where)
  end)
end)

describe("an error's text", function()
  it("begins with where", function()
    local err = calls.raised(function()
      local body = client:delete_photo_avatar "no-such"
      return body
    end)
    assert.equal(1, tostring(err):find(err.where .. ": heygen: not_found: ", 1, true))
  end)

  it("can be joined to strings and numbers, from both sides, and to nothing else", function()
    local err = calls.raised(heygen.new, { timeout = -1 })
    assert.equal("failed: " .. tostring(err), "failed: " .. err)
    assert.equal(tostring(err) .. " (1)", err .. " (" .. 1 .. ")")
    assert.equal(7 .. tostring(err), 7 .. err)
    assert.equal(tostring(err):rep(2), err .. err)
    for _, other in ipairs { {}, true, print } do
      assert.is_false((pcall(function() return err .. other end)))
      assert.is_false((pcall(function() return other .. err end)))
    end
    assert.is_false((pcall(function() return err .. nil end)))
  end)
end)
