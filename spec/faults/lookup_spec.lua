-- The matrix's slow look-ups of names: in a host whose getaddrinfo takes minutes.

local bare_host = require "spec.support.bare_host"
local canary = require "spec.faults.canary"

-- Far longer than anything here takes otherwise, in seconds.
local LOOKUP = 300

describe("a slow look-up of a name", function()
  local host

  setup(function() host = bare_host.new() end)
  teardown(function() host:remove() end)

  local BEGINNING = [[
    host.slow_lookups(tonumber(os.getenv "LOOKUP"))
    require("heygen_probe").clock.install(false, 0.5)
    local heygen = require "heygen"
    local client <close> = heygen.new {
      api_key = os.getenv "KEY", base_url = "https://slow.test", proxy = "", timeout = 0.3, max_retries = 1,
    }
    local function tell(err)
      print(err.kind, err.outcome, err.attempts)
      assert(not tostring(err):find(os.getenv "KEY", 1, true))
    end
  ]]

  -- Each way to make the call, and what it prints.
  local ways = {
    ["a blocking call"] = {
      "tell(select(2, pcall(client.delete_photo_avatar, client, 'avatar')))",
      "timeout\tnot_deleted\t2\n",
    },
    ["an asynchronous call"] = {
      "client:delete_photo_avatar_async('avatar', function(_, err) tell(err) end) repeat until client:poll(1) == 0",
      "timeout\tnot_deleted\t2\n",
    },
    ["a bulk run"] = {
      [[
        local report = client:delete_photo_avatars { "first", "last" }
        for _, id in ipairs { "first", "last" } do tell(report.results[id].err) end
        print(report.total, report.not_deleted)
      ]],
      ("timeout\tnot_deleted\t2\n"):rep(2) .. "2\t2\n",
    },
  }
  for name, way in pairs(ways) do
    it("ends " .. name .. " by its timeout", function()
      local result = host:run({ BEGINNING .. way[1] .. "\nassert(select(2, host.lookups()) == 0)" },
        { LOOKUP = tostring(LOOKUP), KEY = canary.KEY })
      assert.equal(0, result.status, result.stderr)
      assert.equal(way[2], result.stdout)
    end)
  end
end)
