-- Calls in the order in which they came: a list through the calls themselves.

local probe = require "heygen_probe"

local QUEUES, CALLS = 3, 16

local queues

before_each(function() queues = probe.queues() end)

local function reversed(list)
  local result = {}
  for position = #list, 1, -1 do result[#result + 1] = list[position] end
  return result
end

local function assert_holds(expected, queue)
  local forwards, backwards = queues:list(queue)
  assert.same(expected, forwards)
  assert.same(reversed(expected), backwards)
end

local function add(queue, ...)
  for _, call in ipairs { ... } do queues:add(queue, call) end
end

describe("a queue", function()
  it("begins empty", function()
    assert_holds({}, 1)
    assert.is_nil(queues:take(1))
  end)

  it("gives calls in the order in which they came", function()
    add(1, 3, 1, 2)
    assert_holds({ 3, 1, 2 }, 1)
    assert.same({ 3, 1, 2 }, { queues:take(1), queues:take(1), queues:take(1) })
    assert.is_nil(queues:take(1))
    add(1, 3)
    assert_holds({ 3 }, 1)
  end)

  it("gives up a call from its beginning, its middle and its end", function()
    for removed, left in pairs { [1] = { 2, 3 }, [2] = { 1, 3 }, [3] = { 1, 2 } } do
      queues = probe.queues()
      add(1, 1, 2, 3)
      queues:remove(removed)
      assert_holds(left, 1)
      add(2, removed)
      assert_holds({ removed }, 2)
    end
  end)

  it("is not touched by giving up a call that is in none", function()
    add(1, 1)
    queues:remove(2)
    queues:remove(1)
    queues:remove(1)
    assert_holds({}, 1)
  end)

  it("moves all its calls behind those of another", function()
    add(1, 1, 2)
    add(2, 3, 4)
    queues:move(1, 2)
    assert_holds({ 1, 2, 3, 4 }, 1)
    assert_holds({}, 2)
    queues:move(1, 2)
    assert_holds({ 1, 2, 3, 4 }, 1)
    queues:move(3, 1)
    queues:remove(3)
    assert_holds({ 1, 2, 4 }, 3)
  end)
end)

describe("queues", function()
  -- The same in Lua, with lists.
  local model, owner

  local function drop(call)
    local list = model[owner[call]]
    for position, other in ipairs(list or {}) do
      if other == call then table.remove(list, position) end
    end
    owner[call] = nil
  end

  local steps = {
    function(queue, call)
      if owner[call] then return end
      queues:add(queue, call)
      table.insert(model[queue], call)
      owner[call] = queue
    end,
    function(queue)
      local call = model[queue][1]
      assert.equal(call, queues:take(queue))
      if call then drop(call) end
    end,
    function(_, call)
      queues:remove(call)
      drop(call)
    end,
    function(queue)
      local from = queue % QUEUES + 1
      queues:move(queue, from)
      for _, call in ipairs(model[from]) do
        table.insert(model[queue], call)
        owner[call] = queue
      end
      model[from] = {}
    end,
  }

  it("do the same as plain lists, whatever is done", function()
    model, owner = { {}, {}, {} }, {}
    math.randomseed(2)
    for _ = 1, 3000 do
      -- Moving empties queues: it is the rarest.
      local step = steps[math.random() < 0.02 and 4 or math.random(3)]
      step(math.random(QUEUES), math.random(CALLS))
      for queue = 1, QUEUES do
        local forwards, backwards = queues:list(queue)
        assert.equal(table.concat(model[queue], " "), table.concat(forwards, " "))
        assert.equal(table.concat(reversed(model[queue]), " "), table.concat(backwards, " "))
      end
    end
  end)
end)
