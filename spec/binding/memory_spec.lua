-- Lua runs out of memory at every allocation in turn: at this one alone, at the next too, and from then on.

local memory_host = require "spec.support.memory_host"
local server = require "spec.support.server"

-- Each scenario has what is tried, and what has to come of it without a fault.
local SCRIPT = [[
  local url, name = ...
  local heygen = require "heygen"
  local safe = require "heygen.safe"
  local options = { api_key = "test-key", base_url = url, user_agent = "spec", timeout = 20, api_version = "v2" }
  local client = heygen.new(options)
  local safe_client = safe.new(options)

  local refusal = select(2, pcall(client.delete_photo_avatar, client, "forbidden"))

  local function raises(kind)
    return function(succeeded, err) return not succeeded and heygen.is_error(err) and err.kind == kind end
  end
  local function returns(check)
    return function(succeeded, result) return succeeded and check(result) end
  end

  local scenarios = {
    ["a client is made"] = {
      function() return heygen.new(options) end,
      returns(function(made) return tostring(made):find(url, 1, true) end),
    },
    ["a client is refused"] = {
      function() return heygen.new { api_key = "test-key", time_out = 1 } end,
      raises "invalid_argument",
    },
    ["an avatar is deleted"] = {
      function() return { client:delete_photo_avatar("rich", { timeout = 20, max_response_bytes = 4000 }) } end,
      returns(function(result) return result[1].data[3].deep == "text" and result[2].deprecation.sunset == "soon" end),
    },
    ["an avatar is deleted with the plain function"] = {
      function() return { heygen.delete_photo_avatar(nil, "rich", options) } end,
      returns(function(result) return result[1].data[3].deep == "text" end),
    },
    ["hidden clients take turns"] = {
      function()
        for _, key in ipairs { "one", "two" } do heygen.delete_photo_avatar(key, "rich", { base_url = url }) end
        return true
      end,
      returns(function(result) return result end),
    },
    ["an id is refused"] = { function() client:delete_photo_avatar "no id" end, raises "invalid_argument" },
    ["an option is refused"] = {
      function() client:delete_photo_avatar("rich", { timeout = -1 }) end,
      raises "invalid_argument",
    },
    ["the service refuses"] = { function() client:delete_photo_avatar "forbidden" end, raises "forbidden" },
    ["a page comes instead"] = { function() client:delete_photo_avatar "page" end, raises "retired" },
    ["a safe client fails"] = {
      function() return select(2, safe_client:delete_photo_avatar "forbidden") end,
      returns(function(err) return err.kind == "forbidden" end),
    },
    ["an error is printed"] = {
      function() return tostring(refusal) end,
      returns(function(line) return line:find "forbidden" end),
    },
    ["the module is loaded"] = {
      function()
        package.loaded["heygen.core"] = nil
        return require "heygen.core"
      end,
      returns(function(core) return core.is_error(select(2, pcall(core.new, 1))) end),
    },
  }

  local function is_shortage(succeeded, err)
    if succeeded then return false end
    return tostring(err):find "not enough memory" or heygen.is_error(err) and err.kind == "resources"
  end

  -- Enough to get past everything that a scenario allocates.
  local MOST = 5000

  local run, check = table.unpack(scenarios[name])
  for _, count in ipairs { 1, 2, math.maxinteger } do
    local first, reached, succeeded, result, shortages = 0, true, nil, nil, 0
    while reached do
      first = first + 1
      assert(first < MOST, "the scenario has no end")
      reached, succeeded, result = faulty(first, count, run)
      if is_shortage(succeeded, result) then
        shortages = shortages + 1
      else
        assert(check(succeeded, result), ("after fault %d: %s"):format(first, result))
      end
      result = nil
      local _, meta = client:delete_photo_avatar("unknown", { missing_ok = true })
      assert(meta.outcome == "absent")
    end
    -- A single fault is made good by an emergency collection; others are not.
    assert(count == 1 or shortages > 0, "no fault was noticed")
  end
]]

local SCENARIOS = {
  "a client is made", "a client is refused", "an avatar is deleted", "an avatar is deleted with the plain function",
  "hidden clients take turns", "an id is refused", "an option is refused", "the service refuses",
  "a page comes instead", "a safe client fails", "an error is printed", "the module is loaded",
}

describe("without memory in Lua, while", function()
  local host, service

  setup(function()
    host = memory_host.new(SCRIPT)
    service = server.start { record = false }
    service:plan("rich", { always = { {
      status = 200,
      headers = { deprecation = "true", sunset = "soon" },
      body = '{"code":100,"data":[1,null,{"deep":"text"}],"warning":{"message":"m","v3_endpoint":"e"}}',
    } } })
    service:plan("forbidden", { always = { { status = 403, body = '{"code":400562,"message":"forbidden"}' } } })
    service:plan("page", { always = { { status = 404, body = "<html></html>" } } })
  end)
  teardown(function()
    host:remove()
    service:stop()
  end)

  for _, name in ipairs(SCENARIOS) do
    it(name .. ", nothing breaks, nothing leaks, and the next call works", function()
      host:assert_survives(service.url, name)
    end)
  end
end)
