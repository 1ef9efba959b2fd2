-- lua/heygen/command/json.lua: a record as one line of JSON.

local cjson = require "cjson"
local json = require "heygen.command.json"

describe("a record as JSON", function()
  it("has the members in order, without those that are absent", function()
    assert.equal('{"b":"x","a":1,"c":false}', json.object({ "b", "a", "d", "c" }, { a = 1, b = "x", c = false }))
    assert.equal("{}", json.object({ "a" }, {}))
  end)

  it("gives back every string, on one line", function()
    local all = {}
    for byte = 0, 127 do all[#all + 1] = string.char(byte) end
    for _, text in ipairs { table.concat(all), "Gelöscht: \u{1F600}", "\u{FFFD}", "" } do
      local line = json.object({ "text" }, { text = text })
      assert.not_matches("%c", line)
      assert.equal(text, cjson.decode(line).text)
    end
  end)

  it("has valid UTF-8, whatever the string", function()
    assert.equal('{"text":"a\u{FFFD}b\u{FFFD}"}', json.object({ "text" }, { text = "a\xFFb\xC3" }))
  end)

  it("has nothing that a terminal would obey", function()
    for _, code in ipairs { 0x80, 0x9B, 0x9F, 0x2028, 0x202A, 0x202E, 0x2066, 0x2069 } do
      local character = utf8.char(code)
      local line = json.object({ "text" }, { text = "a" .. character .. "b" })
      assert.matches('^{"text":"a\\u%x%x%x%xb"}$', line)
      assert.equal("a" .. character .. "b", cjson.decode(line).text)
    end
    local harmless = "\u{A0}\u{2019}\u{2070}\u{20AC}"
    assert.equal(('{"text":"%s"}'):format(harmless), json.object({ "text" }, { text = harmless }))
  end)

  it("has numbers that are JSON's", function()
    assert.equal('{"a":400144,"b":0.250000,"c":-1}', json.object({ "a", "b", "c" }, { a = 400144, b = 0.25, c = -1 }))
  end)
end)
