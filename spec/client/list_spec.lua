-- Things in the order in which they came: a list through links that are members of them.

local probe = require "heygen_probe"

local LISTS, LINKS = 3, 16

local lists

before_each(function() lists = probe.lists() end)

local function reversed(list)
  local result = {}
  for position = #list, 1, -1 do result[#result + 1] = list[position] end
  return result
end

local function assert_holds(expected, list)
  local forwards, backwards = lists:list(list)
  assert.same(expected, forwards)
  assert.same(reversed(expected), backwards)
end

local function add(list, ...)
  for _, link in ipairs { ... } do lists:add(list, link) end
end

describe("a list", function()
  it("begins empty", function()
    assert_holds({}, 1)
    assert.is_nil(lists:take(1))
  end)

  it("gives links in the order in which they came", function()
    add(1, 3, 1, 2)
    assert_holds({ 3, 1, 2 }, 1)
    assert.same({ 3, 1, 2 }, { lists:take(1), lists:take(1), lists:take(1) })
    assert.is_nil(lists:take(1))
    add(1, 3)
    assert_holds({ 3 }, 1)
  end)

  it("gives up a link from its beginning, its middle and its end", function()
    for removed, left in pairs { [1] = { 2, 3 }, [2] = { 1, 3 }, [3] = { 1, 2 } } do
      lists = probe.lists()
      add(1, 1, 2, 3)
      lists:remove(removed)
      assert_holds(left, 1)
      add(2, removed)
      assert_holds({ removed }, 2)
    end
  end)

  it("is not touched by giving up a link that is in none", function()
    add(1, 1)
    lists:remove(2)
    lists:remove(1)
    lists:remove(1)
    assert_holds({}, 1)
  end)

  it("moves all its links behind those of another", function()
    add(1, 1, 2)
    add(2, 3, 4)
    lists:move(1, 2)
    assert_holds({ 1, 2, 3, 4 }, 1)
    assert_holds({}, 2)
    lists:move(1, 2)
    assert_holds({ 1, 2, 3, 4 }, 1)
    lists:move(3, 1)
    lists:remove(3)
    assert_holds({ 1, 2, 4 }, 3)
  end)
end)

describe("lists", function()
  -- The same in Lua, with lists.
  local model, owner

  local function drop(link)
    local list = model[owner[link]]
    for position, other in ipairs(list or {}) do
      if other == link then table.remove(list, position) end
    end
    owner[link] = nil
  end

  local steps = {
    function(list, link)
      if owner[link] then return end
      lists:add(list, link)
      table.insert(model[list], link)
      owner[link] = list
    end,
    function(list)
      local link = model[list][1]
      assert.equal(link, lists:take(list))
      if link then drop(link) end
    end,
    function(_, link)
      lists:remove(link)
      drop(link)
    end,
    function(list)
      local from = list % LISTS + 1
      lists:move(list, from)
      for _, link in ipairs(model[from]) do
        table.insert(model[list], link)
        owner[link] = list
      end
      model[from] = {}
    end,
  }

  it("do the same as plain lists, whatever is done", function()
    model, owner = { {}, {}, {} }, {}
    math.randomseed(2)
    for _ = 1, 3000 do
      -- Moving empties lists: it is the rarest.
      local step = steps[math.random() < 0.02 and 4 or math.random(3)]
      step(math.random(LISTS), math.random(LINKS))
      for list = 1, LISTS do
        local forwards, backwards = lists:list(list)
        assert.equal(table.concat(model[list], " "), table.concat(forwards, " "))
        assert.equal(table.concat(reversed(model[list]), " "), table.concat(backwards, " "))
      end
    end
  end)
end)
