-- heygen-delete, killed at random moments and started again: no id is lost, and none that is known gone is sent again.

local cjson = require "cjson"
local command = require "spec.support.command"
local server = require "spec.support.server"

local LISTS, KILLS = 10, 10
local IDS = 2000
local CONCURRENCY = 8

-- How long a run may take, in seconds.
local PATIENCE = 120

local SEED = 20261031

local GONE = { deleted = true, presumed_deleted = true, absent = true }

-- Each line of the journal speaks of an id that was given; the last line may be cut off.
local function known_gone(text)
  local gone = {}
  for id, word in pairs(command.last_words(text)) do
    if GONE[word] then gone[id] = true end
  end
  return gone
end

-- After how many DELETEs each run is killed.
local function moments(random)
  local list = {}
  for kill = 1, KILLS do list[kill] = random(0, IDS) end
  table.sort(list)
  return list
end

describe("heygen-delete, killed ten times on its way through 2,000 ids,", function()
  local seed = SEED
  local function random(from, to)
    -- A generator of its own: whatever else draws numbers, a failure can be repeated.
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    return from + (seed >> 8) % (to - from + 1)
  end

  local function kill_at(service, arguments, count)
    local child = command.start(service, arguments)
    pcall(server.eventually, function() return service:deletes() >= count end, PATIENCE)
    child:signal "KILL"
    return child:wait(PATIENCE)
  end

  for list = 1, LISTS do
    it(("accounts for every one of them (%d)"):format(list), function()
      local ids = command.ids(IDS)
      local service <close> = server.start { ids = ids }
      local folder = command.folder()
      local journal, file = folder .. "/journal", command.write(folder .. "/ids", table.concat(ids, "\n"))
      local arguments = {
        "-y", "--json", "--journal", journal, "--concurrency", tostring(CONCURRENCY), "--file", file,
      }

      -- Of each id known to be gone after a kill: how many requests there had been.
      local gone_after = {}
      local killed = 0
      for _, count in ipairs(moments(random)) do
        if kill_at(service, arguments, count).signal == 9 then killed = killed + 1 end
        local requests = service:deletes()
        for id in pairs(known_gone(command.read(journal))) do gone_after[id] = gone_after[id] or requests end
      end
      assert.is_true(killed > 0)

      local last = command.run(service, arguments)
      local outcomes, told = {}, 0
      for line in last.stdout:gmatch "[^\n]+" do
        local object = cjson.decode(line)
        outcomes[object.id] = object.outcome
        told = told + 1
      end
      assert.equal(0, last.status, last.stderr)
      assert.equal(IDS, told)

      local requests = service:requests()
      for position, request in ipairs(requests) do
        local known_at = gone_after[request.id]
        assert(not known_at or position <= known_at, "sent although known to be gone: " .. request.id)
      end
      for _, id in ipairs(ids) do
        local outcome = outcomes[id]
        assert(outcome == "deleted" or outcome == "presumed_deleted", ("%s: %s"):format(id, outcome))
        assert(not service:knows(id), "said to be gone, but is there: " .. id)
      end
      -- Only what was in flight at a kill is sent once more.
      assert.is_true(#requests <= IDS + KILLS * CONCURRENCY, #requests)
      command.remove(folder)
    end)
  end
end)
