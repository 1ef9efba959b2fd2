-- lua/heygen/command/ids.lua: ids from arguments, files and standard input.

local command = require "spec.support.command"
local heygen = require "heygen"
local ids = require "heygen.command.ids"

describe("ids", function()
  local folder

  before_each(function() folder = command.folder() end)
  after_each(function() command.remove(folder) end)

  local function from_file(text)
    return ids.read({}, { command.write(folder .. "/ids", text) }, "the-key")
  end

  it("come from arguments, then from files, in order", function()
    local file = command.write(folder .. "/ids", "c\nd\n")
    assert.same({ list = { "a", "b", "c", "d" }, duplicates = 0 }, ids.read({ "a", "b" }, { file }, "the-key"))
  end)

  it("are each taken once", function()
    local read = assert(ids.read({ "a", "b", "a" }, { command.write(folder .. "/ids", "b\nc\n") }, "the-key"))
    assert.same({ list = { "a", "b", "c" }, duplicates = 2 }, read)
  end)

  for name, text in pairs {
    ["with line feeds"] = "a\nb\n",
    ["without the last line's end"] = "a\nb",
    ["with CR LF"] = "a\r\nb\r\n",
    ["with a byte-order mark"] = "\xEF\xBB\xBFa\nb\n",
    ["with a byte-order mark before a comment"] = "\xEF\xBB\xBF# these\na\nb\n",
    ["with blank lines and comments"] = "\n# all of them\na\n \t\n  # this too\nb\n\n",
    ["with spaces around"] = "  a\t\n b \n",
  } do
    it("are one a line, " .. name, function()
      assert.same({ "a", "b" }, from_file(text).list)
    end)
  end

  it("may be none", function()
    assert.same({ list = {}, duplicates = 0 }, from_file "")
  end)

  it("that are none are reported with their place", function()
    local read, problems = from_file "good\n\nbad id\n# fine\nx/y\r\n..\n\xEF\xBB\xBFlate\n"
    assert.is_nil(read)
    local expected = {
      'line 3: not a valid id: "bad id" (allowed: A-Z a-z 0-9 - . _ ~)',
      'line 5: not a valid id: "x/y" (allowed: A-Z a-z 0-9 - . _ ~)',
      'line 6: not a valid id: ".." (allowed: A-Z a-z 0-9 - . _ ~)',
      'line 7: not a valid id: "\\xEF\\xBB\\xBFlate" (allowed: A-Z a-z 0-9 - . _ ~)',
    }
    for position, words in ipairs(expected) do expected[position] = folder .. "/ids, " .. words end
    assert.same(expected, problems)
  end)

  it("that are none are reported as arguments too", function()
    local _, problems = ids.read({ "a", "", "b c" }, {}, "the-key")
    assert.same({
      'argument 2: not a valid id: "" (allowed: A-Z a-z 0-9 - . _ ~)',
      'argument 3: not a valid id: "b c" (allowed: A-Z a-z 0-9 - . _ ~)',
    }, problems)
  end)

  it("that are none are named ten times at most, and quoted in part", function()
    local _, problems = from_file((("?"):rep(100) .. "\n"):rep(25))
    assert.equal(11, #problems)
    assert.equal("and 15 more", problems[11])
    assert.matches('"' .. ("%?"):rep(60) .. '%.%.%." %(allowed', problems[1])
  end)

  it("are followed by comments", function()
    assert.same({ "a", "b", "c" }, from_file "a # my look\nb\t# yours\nc  #\n#d\n  # e\n".list)
    local _, problems = from_file "a#b\n"
    assert.matches('line 1: not a valid id: "a#b"', problems[1], 1, true)
  end)

  it("are JSON lines, whose outcomes of an earlier run count", function()
    local read = assert(from_file('{"id":"a"}\n{"outcome":"unknown","id":"b"}\r\nc\n{"id":"d","outcome":"deleted"}\n'
      .. ' {"id":"e","outcome":"presumed_deleted"} \n{"id":"\\u0066","outcome":"absent"}\n{"id":"g","outcome":null}\n'))
    assert.same({ "a", "b", "c", "d", "e", "f", "g" }, read.list)
    assert.same({ b = "unknown", d = "deleted", e = "presumed_deleted" }, read.told)
  end)

  it("that several lines speak of are gone, or in doubt, if one of them says so", function()
    local read = assert(from_file('{"id":"a","outcome":"unknown"}\n{"id":"a","outcome":"deleted"}\na\n'
      .. '{"id":"b","outcome":"deleted"}\n{"id":"b","outcome":"unknown"}\n'
      .. '{"id":"c","outcome":"unknown"}\n{"id":"c","outcome":"not_deleted"}\n'))
    assert.same({ a = "deleted", b = "deleted", c = "unknown" }, read.told)
    assert.equal(4, read.duplicates)
  end)

  it("are no other JSON", function()
    for line, words in pairs {
      ['{"id":"a"'] = "not a valid JSON object: ", ['{"id":"a"} x'] = "not a valid JSON object: ",
      ['{"id":17}'] = "the JSON object has no text as its id", ["{}"] = "the JSON object has no text as its id",
      ['{"id":"a b"}'] = 'not a valid id: "a b"', ['["a"]'] = "not a valid id: ",
      ['{"id":"the-key"}'] = "is the API key",
    } do
      local read, problems = from_file("x\n" .. line .. "\n")
      assert.is_nil(read)
      assert.matches(", line 2: " .. words, problems[1], 1, true)
    end
  end)

  it("are read from a pipe without any", function()
    local pipe = io.popen("mkfifo " .. folder .. "/pipe; : > " .. folder .. "/pipe", "r")
    local read
    while not read do read = ids.read({}, { folder .. "/pipe" }, "the-key") end
    pipe:close()
    assert.same({ list = {}, duplicates = 0 }, read)
  end)

  it("are probably none if a program has put them there, or if files have these names", function()
    local file = command.write(folder .. "/looks.txt", "")
    local here = "README.md"
    assert.same({ '"ID" is hardly an id', '"null" is hardly an id', '"nil" is hardly an id',
      '"README.md" is the name of a file' }, ids.mistakes { "ID", "null", "a", "nil", here })
    assert.same({}, ids.mistakes({ "id", here }, { id = "deleted", [here] = "started" }))
    assert.is_not_nil(file)
    local many = {}
    for number = 1, 30 do many[number] = "null" .. (number % 2 == 0 and "" or number) end
    assert.equal(10, #ids.mistakes(many))
  end)

  it("that hold a key are not quoted", function()
    for _, text in ipairs { "sk_V2_secret", "key=sk_V2_secret", "HEYGEN_API_KEY=the-key", "the-key x" } do
      local _, problems = ids.read({ text }, {}, "the-key")
      assert.equal(1, #problems)
      assert.not_matches("secret", problems[1])
      assert.not_matches("the%-key", problems[1])
    end
  end)

  it("may not be the key, which is not quoted", function()
    local _, problems = ids.read({ "the-key" }, {}, "the-key")
    assert.same({ "argument 1: is the API key" }, problems)
  end)

  it("of files that can't be read are a problem", function()
    local _, problems = ids.read({}, { folder .. "/missing", folder }, "the-key")
    assert.same({
      folder .. "/missing: No such file or directory", folder .. " can't be read: Is a directory",
    }, problems)
  end)

  it("are what the client takes for ids", function()
    local client <close> = heygen.new { api_key = "the-key", base_url = "http://127.0.0.1:1", max_retries = 0 }
    local function client_takes(id)
      local _, err = pcall(client.delete_photo_avatar, client, id)
      return err.kind ~= "invalid_argument"
    end
    local candidates = { "", ".", "..", "...", "-", "a.b", "the-key", ("x"):rep(256), ("x"):rep(257), "a\n", "é" }
    for byte = 0, 255 do candidates[#candidates + 1] = "a" .. string.char(byte) end
    for _, id in ipairs(candidates) do
      assert.equal(client_takes(id), ids.flaw(id, "the-key") == nil, ("%q"):format(id))
    end
  end)
end)
