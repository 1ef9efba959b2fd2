-- src/binding/system.c and src/platform: what a command-line program needs of the system.

local command = require "spec.support.command"
local fake_time = require "spec.support.fake_time"
local process = require "spec.support.process"
local system = require("heygen.core").system

describe("heygen.core's system", function()
  it("makes fingerprints by SHA-256", function()
    for text, digits in pairs {
      [""] = "e3b0c442", abc = "ba7816bf",
      abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq = "248d6a61",
      [("a"):rep(55)] = "9f4390f8", [("a"):rep(56)] = "b35439a4", [("a"):rep(64)] = "ffe054fe",
    } do
      assert.equal(digits, system.fingerprint("", text))
      assert.equal(digits, system.fingerprint(text:sub(1, 3), text:sub(4)))
    end
    assert.equal("cdc76e5c", system.fingerprint("", ("a"):rep(1000000)))
  end)

  it("waits for the disk, and says what is wrong with it", function()
    local folder = command.folder()
    finally(function() command.remove(folder) end)
    local path = folder .. "/file"
    local file <close> = assert(io.open(path, "w"))
    assert.is_true(system.sync(file))
    assert.is_true(system.sync_entry(path))
    assert.is_true(system.sync_entry "file")
    local fine, problem, number = system.sync_entry(folder .. "/missing/file")
    assert.same({ nil, "No such file or directory", 2 }, { fine, problem, number })
    local pipe <close> = assert(io.popen "true")
    assert.is_true(system.sync(pipe))
    file:close()
    assert.has_error(function() system.sync(file) end)
    assert.has_error(function() system.sync "file" end)
  end)

  it("knows no terminal where there is none", function()
    local script = [[
      local system = require("heygen.core").system
      print(system.is_terminal(0), system.is_terminal(1), system.columns(2), system.ask_secret "key: ")
    ]]
    local result = process.run({ "setsid", "-w", process.INTERPRETER, "-e", script }, {
      environment = process.lua_environment(),
    })
    assert.equal("false\tfalse\tnil\tnil\n", result.stdout, result.stderr)
  end)

  it("takes out of a text what a terminal would obey", function()
    assert.equal("a [31mred b  c d e ", system.printable "a\27[31mred\nb\r\nc\u{9B}d\u{202E}e\x9B")
    assert.equal("a b", system.printable "a\u{61C}b")
    assert.equal("Gelöscht \u{1F600}", system.printable "Gelöscht \u{1F600}")
  end)

  it("says what keeps a text from being an id, as the client does", function()
    assert.is_nil(system.id_flaw(("a"):rep(system.longest_id)))
    for _, text in ipairs { "", ".", "..", "a b", "a/b", "a\0b", "\u{E9}", ("a"):rep(system.longest_id + 1) } do
      assert.is_string(system.id_flaw(text), ("%q"):format(text))
    end
  end)

  it("goes by the clock that clients go by", function()
    fake_time.install()
    finally(fake_time.uninstall)
    local began_at = system.now()
    system.sleep(3600)
    assert.equal(3600, system.now() - began_at)
    assert.equal(0.5, system.random())
    for _, seconds in ipairs { -1, 0 / 0, math.huge } do
      assert.has_error(function() system.sleep(seconds) end)
    end
  end)

  it("names libcurl's version", function()
    assert.matches("^%d+%.%d+", system.libcurl)
  end)
end)
