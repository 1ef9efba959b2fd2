-- lua/heygen/command/options.lua: what stands on the command line.

local options = require "heygen.command.options"

describe("the command line", function()
  it("without anything asks for nothing", function()
    local parsed = assert(options.parse {})
    for _, name in ipairs { "ids", "files", "client" } do assert.same({}, parsed[name], name) end
    for _, name in ipairs { "key_file", "journal", "yes", "dry_run", "json", "missing_ok", "help", "version" } do
      assert.is_nil(parsed[name])
    end
  end)

  it("holds ids, among options and after --, also ones that begin with a dash", function()
    local parsed = assert(options.parse { "a", "--json", "b", "-", "--", "-c", "--yes" })
    assert.same({ "a", "b", "-", "-c", "--yes" }, parsed.ids)
    assert.is_true(parsed.json)
    assert.is_nil(parsed.yes)
  end)

  it("holds files, several of them", function()
    assert.same({ "one", "-", "two" }, options.parse({ "--file", "one", "--file", "-", "--file=two" }).files)
  end)

  it("gives the client what is the client's", function()
    local parsed = assert(options.parse {
      "--base-url", "https://example.com", "--api-version", "v3", "--concurrency", "4", "--timeout", "2.5", "--retries",
      "0", "--rate", "10",
    })
    assert.same({
      base_url = "https://example.com", api_version = "v3", max_concurrency = 4, timeout = 2.5, max_retries = 0,
      max_rate = 10,
    }, parsed.client)
  end)

  it("holds flags, in short too", function()
    local parsed = assert(options.parse { "-y", "-n", "--missing-ok", "--json", "-h", "--version" })
    for _, name in ipairs { "yes", "dry_run", "missing_ok", "json", "help", "version" } do
      assert.is_true(parsed[name], name)
    end
  end)

  for words, problem in pairs {
    ["--no-such"] = "unknown option '%-%-no%-such'",
    ["--key secret"] = "unknown option '%-%-key'",
    ["--rate many"] = "%-%-rate is 'many'; expected a number",
    ["--journal"] = "%-%-journal",
    ["--yes=no"] = "%-%-yes",
  } do
    it("is refused: " .. words, function()
      local arguments = {}
      for word in words:gmatch "%S+" do arguments[#arguments + 1] = word end
      local parsed, text = options.parse(arguments)
      assert.is_nil(parsed)
      assert.matches(problem, text)
    end)
  end

  it("is explained, every option of it, in lines that a terminal has room for", function()
    local help = options.help()
    for _, flag in ipairs {
      "--file", "--key-file", "--journal", "--yes", "--dry-run", "--missing-ok", "--json", "--base-url",
      "--api-version", "--concurrency", "--timeout", "--retries", "--rate", "--help", "--version",
    } do
      assert.matches(flag, help, 1, true)
      local manual <close> = assert(io.open "src/command/heygen-delete.1")
      assert.matches(flag:gsub("-", "\\-"), manual:read "a", 1, true)
    end
    for line in help:gmatch "[^\n]+" do assert.is_true(#line <= 100, line) end
  end)

  it("puts its flags in place of the client's names", function()
    assert.equal("--rate is 0; --retries too", options.with_flags "option 'max_rate' is 0; option 'max_retries' too")
    assert.equal("the key is bad", options.with_flags "option 'api_key' is bad")
  end)
end)
