local core = require "heygen.core"
local json_decode, null = core.json_decode, core.null

local max_integer = 1 << 53

local function assert_number(type, value, text)
  local number = json_decode(text)
  assert.equal(value, number, text)
  assert.equal(type, math.type(number), text)
end

---The number of keys of a table, whatever they are.
local function count(container)
  local keys = 0
  for _ in pairs(container) do
    keys = keys + 1
  end
  return keys
end

describe("JSON as Lua values:", function()
  it("strings, booleans and tables", function()
    local text = '{"a":"x","b":true,"c":false,"d":[1,{"e":2}]}'
    assert.same({ a = "x", b = true, c = false, d = { 1, { e = 2 } } }, json_decode(text))
  end)

  describe("null", function()
    it("is the light userdata NULL in an array and alone", function()
      assert.equal("userdata", type(null))
      assert.equal(null, json_decode "null")
      local array = json_decode "[null, 1, null]"
      assert.equal(3, #array)
      assert.equal(null, array[1])
      assert.equal(null, array[3])
    end)

    it("is the one of other JSON modules", function()
      assert.equal(require("cjson").null, json_decode "null")
    end)

    it("is absent as a member, at every level", function()
      local object = json_decode '{"data":null,"error":{"code":null,"list":[null]}}'
      assert.same({ error = { list = { null } } }, object)
      assert.is_nil(object.data)
      assert.equal(1, count(object))
    end)
  end)

  describe("of equal names", function()
    it("the last wins", function()
      assert.same({ a = 3, b = 2 }, json_decode '{"a":1,"b":2,"a":3}')
      assert.same({ a = {} }, json_decode '{"a":1,"\\u0061":{}}')
    end)

    it("the last wins with null, too", function()
      assert.same({ b = 2 }, json_decode '{"a":1,"b":2,"a":null}')
      assert.same({ a = 2 }, json_decode '{"a":1,"a":null,"a":2}')
      assert.same({ a = 1 }, json_decode '{"a":null,"a":1}')
    end)

    it("those that differ in case are no equals", function()
      assert.same({ code = 1, Code = 2, CODE = 3 }, json_decode '{"code":1,"Code":2,"CODE":3}')
    end)
  end)

  describe("numbers", function()
    it("are integers where they have no fraction", function()
      assert_number("integer", 100, "100")
      assert_number("integer", 1, "1.0")
      assert_number("integer", 100, "1e2")
      assert_number("integer", -25, "-2.5e1")
      assert_number("integer", 4294967296, "4294967296")
    end)

    it("are floats where they have one", function()
      assert_number("float", 0.5, "0.5")
      assert_number("float", -1.25, "-1.25")
      assert_number("float", 1e-7, "1e-7")
    end)

    it("are plain zero where they are zero with a sign", function()
      for _, text in ipairs { "-0", "-0.0", "-0e5", "-0." .. ("0"):rep(80), "-1e-400" } do
        assert_number("integer", 0, text)
        assert.equal("0", tostring(json_decode(text)))
      end
    end)

    it("are integers up to 2^53 and floats beyond", function()
      for _, sign in ipairs { "", "-" } do
        local factor = sign == "-" and -1 or 1
        assert_number("integer", factor * (max_integer - 1), sign .. "9007199254740991")
        assert_number("integer", factor * max_integer, sign .. "9007199254740992")
        assert_number("float", factor * 2.0 ^ 53, sign .. "9007199254740993")
        assert_number("float", factor * (max_integer + 2.0), sign .. "9007199254740994")
        assert_number("float", factor * 2.0 ^ 63, sign .. "9223372036854775808")
        assert_number("float", factor * 1e300, sign .. "1e300")
      end
    end)

    it("are told apart wherever 2^53 + 1 stands", function()
      local list = json_decode [[ [1, "9007199254740993 \\\" 9007199254740993", {"9007199254740993": 9007199254740992},
        {"a": [9007199254740993, -9007199254740993], "b": 9007199254740992}, 90071992547409931, 9007199254740993] ]]
      assert.equal("integer", math.type(list[3]["9007199254740993"]))
      assert.same({ "float", "float", "integer" },
        { math.type(list[4].a[1]), math.type(list[4].a[2]), math.type(list[4].b) })
      assert.same({ "float", "float" }, { math.type(list[5]), math.type(list[6]) })
    end)

    it("between two doubles are the nearest", function()
      assert.equal(max_integer, json_decode "9007199254740993")
      assert.equal(max_integer + 4, json_decode "9007199254740995")
    end)
  end)

  it("long arrays and objects keep every element", function()
    local elements, members = {}, {}
    for i = 1, 5000 do
      elements[i] = i
      members[i] = ('"k%d":%d'):format(i, i)
    end
    assert.same(elements, json_decode("[" .. table.concat(elements, ",") .. "]"))
    local object = json_decode("{" .. table.concat(members, ",") .. "}")
    assert.equal(5000, count(object))
    for i = 1, 5000 do
      assert.equal(i, object["k" .. i])
    end
  end)

  it("members that come to nothing take no memory", function()
    local text = "{" .. ('"a":null,'):rep(19000) .. '"b":1}'
    collectgarbage()
    local before = collectgarbage "count"
    local object = json_decode(text)
    collectgarbage()
    assert.same({ b = 1 }, object)
    assert.is_true(collectgarbage "count" - before < 100, "the table has room for members that it does not have")
  end)

  it("the deepest tree is converted whole", function()
    local tree = json_decode(('{"a":['):rep(32) .. ("]}"):rep(32))
    for _ = 1, 31 do
      tree = tree.a[1]
    end
    assert.same({ a = {} }, tree)
  end)
end)

describe("json_decode", function()
  it("returns nil and a message that counts bytes from 1", function()
    assert.same({ nil, "expected a value at byte 1", n = 2 }, table.pack(json_decode "x"))
    assert.same({ nil, "expected a value at byte 4", n = 2 }, table.pack(json_decode "[1,]"))
    local text = '["é", x]'
    local _, message = json_decode(text)
    assert.equal("x", text:sub(tonumber(message:match "%d+$"), -2))
  end)

  it("returns one value for a good text", function()
    assert.equal(1, select("#", json_decode "[1]"))
    assert.equal(1, select("#", json_decode "false"))
  end)

  it("does not stop at a NUL", function()
    assert.equal("text after the value at byte 2", select(2, json_decode "1\0002"))
  end)

  it("raises for what is no text", function()
    assert.error_matches(function() json_decode() end, "bad argument #1 .*string expected")
    assert.error_matches(function() json_decode {} end, "bad argument #1 .*string expected")
  end)

  it("can be called from a collector and a coroutine", function()
    local seen
    setmetatable({}, { __gc = function() seen = json_decode '{"a":1}' end })
    collectgarbage()
    assert.same({ a = 1 }, seen)
    assert.same({ 1 }, coroutine.wrap(function() return json_decode "[1]" end)())
  end)
end)
