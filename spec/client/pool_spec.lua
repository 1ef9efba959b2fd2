-- The transfers of an engine: as many are kept as have been taken at once.

local probe = require "heygen_probe"

local pool

before_each(function() pool = probe.pool() end)

local function take(count)
  local places = { kept = 0 }
  for number = 1, count do
    local place, was_kept = pool:take()
    places[number] = place
    places.kept = places.kept + (was_kept and 1 or 0)
  end
  return places
end

local function give_back(places)
  for _, place in ipairs(places) do pool:give_back(place, false) end
end

describe("a pool", function()
  it("keeps nothing at first", function()
    assert.same({ 0, 0 }, { take(3).kept, pool:kept() })
  end)

  it("keeps what is given back, for those who take next", function()
    give_back(take(5))
    assert.equal(5, pool:kept())
    assert.same({ 5, 0 }, { take(8).kept, pool:kept() })
  end)

  it("keeps no transfer that failed", function()
    local places = take(4)
    pool:give_back(places[1], true)
    give_back { places[2], places[3] }
    pool:give_back(places[4], true)
    assert.equal(2, pool:kept())
  end)

  it("keeps as many as have been taken at once, however often they change hands", function()
    for _ = 1, 100 do give_back(take(3)) end
    assert.equal(3, pool:kept())
    give_back(take(50))
    for _ = 1, 10 do give_back(take(1)) end
    assert.equal(50, pool:kept())
  end)

  it("frees what it keeps, and goes on", function()
    local places = take(3)
    give_back { places[1], places[2] }
    pool:clear()
    assert.equal(0, pool:kept())
    give_back { places[3] }
    give_back(take(2))
    assert.equal(2, pool:kept())
  end)
end)
