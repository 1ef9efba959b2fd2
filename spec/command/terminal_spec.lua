-- lua/heygen/command/terminal.lua: what can be told of it without one. With one: screen_spec.lua.

local terminal = require "heygen.command.terminal"

describe("texts for a terminal", function()
  it("hold nothing that it would obey", function()
    assert.equal("a [31mred b  c d", terminal.printable "a\27[31mred\nb\r\nc\u{9B}d")
    assert.equal("Gelöscht \u{1F600}", terminal.printable "Gelöscht \u{1F600}")
  end)

  it("are painted, and end in the usual colour", function()
    assert.equal("\27[31mfailed\27[0m", terminal.paint("failed", "red"))
  end)
end)
