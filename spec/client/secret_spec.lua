local probe = require "heygen_probe"

local KEY = "sk_V2-hgu+Ab/9=="
local BLOT = "***"

---A text in which every character of the key is written in one way.
local function spelled(format, key)
  return (key or KEY):gsub(".", function(character) return format:format(character:byte()) end)
end

local SPELLINGS = {
  { "JSON escapes", "\\u%04x" },
  { "JSON escapes in capitals", "\\u%04X" },
  { "percent codes", "%%%02x" },
  { "percent codes in capitals", "%%%02X" },
  { "decimal HTML entities", "&#%d;" },
  { "padded HTML entities", "&#%04d;" },
  { "hexadecimal HTML entities", "&#x%x;" },
  { "hexadecimal HTML entities in capitals", "&#X%X;" },
}

---Fails unless both functions make `expected` of the text.
local function assert_blotted(expected, text, key)
  assert.equal(expected, probe.blot(text, key), text)
  assert.equal(expected, probe.blot_string(text, key), text)
end

describe("the key is blotted out", function()
  it("wherever it stands, and as often", function()
    assert_blotted(BLOT, KEY, KEY)
    assert_blotted("bad key " .. BLOT .. ".", "bad key " .. KEY .. ".", KEY)
    assert_blotted(BLOT .. BLOT .. " " .. BLOT, KEY .. KEY .. " " .. KEY, KEY)
  end)

  it("also where its beginning stands before it", function()
    assert_blotted("aab" .. BLOT, "aabaabaac", "aabaac")
    assert_blotted("aa" .. BLOT, "aaaab", "aab")
    assert_blotted("sk_V2" .. BLOT, "sk_V2" .. KEY, KEY)
  end)

  it("never by more bytes than it had", function()
    assert_blotted("*", "k", "k")
    assert_blotted("x**x", "xkex", "ke")
  end)

  it("from text that has NULs in it", function()
    assert.equal("a\0" .. BLOT .. "\0b", probe.blot("a\0" .. KEY .. "\0b", KEY))
  end)

  for _, spelling in ipairs(SPELLINGS) do
    it("where it is written in " .. spelling[1], function()
      assert_blotted("<" .. BLOT .. ">", "<" .. spelled(spelling[2]) .. ">", KEY)
    end)
  end

  it("where it is written in several of these ways at once", function()
    assert_blotted('"' .. BLOT .. '"', '"sk\\u005fV2%2dhgu&#43;Ab\\/9&#x3d;="', KEY)
  end)

  it("where its characters have escapes or names of their own", function()
    assert_blotted(BLOT, [[a\"b\\c\/d]], [[a"b\c/d]])
    assert_blotted(BLOT, "a&lt;b&gt;c&quot;d&apos;e", [[a<b>c"d'e]])
  end)

  it("where a character that begins such a spelling is itself spelled so", function()
    assert_blotted(BLOT, "abcd&amp;efgh", "abcd&efgh")
    assert_blotted(BLOT .. "!", "abcdefgh&amp;!", "abcdefgh&")
    assert_blotted(BLOT, "abcd&#38;efgh", "abcd&efgh")
    assert_blotted(BLOT, "abcd%25efgh", "abcd%efgh")
    assert_blotted(BLOT, "abcd\\u005cefgh", "abcd\\efgh")
  end)

  it("where it looks like such a spelling", function()
    for _, key in ipairs { "%41%42%43", "\\u0041\\u0042", "&amp;&lt;x", "100%&more\\" } do
      assert_blotted("x" .. BLOT .. "y", "x" .. key .. "y", key)
    end
  end)

  it("where the text ends in the midst of it, from eight characters on", function()
    for size = 8, #KEY - 1 do
      assert_blotted("key " .. BLOT, "key " .. KEY:sub(1, size), KEY)
      assert_blotted(BLOT, (spelled("\\u%04x", KEY:sub(1, size))), KEY)
    end
    for size = 1, 7 do assert_blotted("key " .. KEY:sub(1, size), "key " .. KEY:sub(1, size), KEY) end
  end)

  it("where the text ends in the midst of one of its characters", function()
    for _, rest in ipairs { "\\", "\\u", "\\u00", "%", "%6", "&", "&#", "&#x6" } do
      local blotted = probe.blot("key " .. KEY:sub(1, 12) .. rest, KEY)
      assert.is_nil(blotted:find(KEY:sub(1, 8), 1, true), blotted)
    end
  end)

  it("and nothing else is", function()
    for _, text in ipairs { "", "*", "nothing here", KEY:sub(2), KEY:upper(), KEY:sub(1, -2) .. "x", "%", "\\", "\\u",
      "\\u00", "&", "&#", "&#x", "&#;", "%zz", "\\u00zz", "&#115", "&#x73", "&#115x;", "&amp", "&unknown;" } do
      assert_blotted(text, text, KEY)
    end
    -- Eight and more of its characters, but the text goes on otherwise.
    assert_blotted(KEY:sub(1, 12) .. " ", KEY:sub(1, 12) .. " ", KEY)
  end)

  it("not by numbers that are not its characters'", function()
    for _, text in ipairs { "&#371;ey-12345", "&#4294967403;ey-12345", "\\u016bey-12345", "&#x;ey-12345",
      "&#-107;ey-12345", "&#1000000000000000000000107;ey-12345" } do
      assert_blotted(text, text, "key-12345")
    end
  end)

  it("and without a key nothing is", function()
    assert.equal("text", probe.blot("text", nil))
    assert_blotted("text", "text", "")
  end)
end)
