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

  for given, seconds in pairs {
    ["1"] = 1, ["90s"] = 90, ["10m"] = 600, ["1.5h"] = 5400, ["2h"] = 7200, ["7d"] = 604800,
  } do
    it("holds a patience of " .. given, function()
      assert.equal(seconds, options.parse({ "--patience", given }).patience)
    end)
  end

  for _, given in ipairs { "0", "0.5s", "8d", "2 h", "h", "-1", "1w", "1e3", "0x10" } do
    it(("holds no patience of '%s'"):format(given), function()
      local parsed, problem = options.parse { "--patience=" .. given }
      assert.is_nil(parsed)
      assert.matches("--patience is '" .. given, problem, 1, true)
    end)
  end

  it("holds CA certificates, a proxy and a deadline for the client", function()
    local words = { "--ca-file", "f", "--ca-path", "p", "--proxy", "http://x", "--deadline", "9" }
    local parsed = assert(options.parse(words))
    assert.same({ ca_file = "f", ca_path = "p", proxy = "http://x", deadline = 9 }, parsed.client)
  end)

  it("suggests nothing for a letter, which might be the one that asks no question", function()
    for _, letter in ipairs { "-f", "-v", "-x" } do
      local _, problem = options.parse { letter }
      assert.equal(("unknown option '%s'"):format(letter), problem)
    end
    local _, problem = options.parse { "--journel", "x" }
    assert.matches("Did you mean", problem)
  end)

  for shell, pattern in pairs {
    bash = "complete %-F", zsh = "#compdef heygen%-delete", fish = "complete %-c heygen%-delete",
  } do
    it("is completed by " .. shell, function()
      local script = options.completion(shell)
      assert.matches(pattern, script)
      for _, flag in ipairs { "patience", "same-account", "quiet", "ca-file" } do
        assert.matches(flag, script, 1, true)
      end
    end)
  end

  it("holds flags, in short too", function()
    local words = { "-y", "-n", "--missing-ok", "--json", "-h", "--version", "-q", "--same-account" }
    local parsed = assert(options.parse(words))
    for _, name in ipairs { "quiet", "same_account", "yes", "dry_run", "missing_ok", "json", "help", "version" } do
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
      "--api-version", "--ca-file", "--ca-path", "--proxy", "--deadline", "--patience", "--same-account", "--quiet",
      "--completion", "--concurrency", "--timeout", "--retries", "--rate", "--help", "--version",
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
    assert.equal("check --base-url and --api-version: try --api-version v3",
      options.with_flags 'check base_url and api_version: try api_version = "v3"')
    assert.equal("--ca-file or --ca-path name them", options.with_flags "ca_file or ca_path name them")
    assert.equal("a proxy and its timeout", options.with_flags "a proxy and its timeout")
  end)
end)
