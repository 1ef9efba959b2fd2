-- What people copy works as it stands: every example of the README, and the script of `make demo`.

local process = require "spec.support.process"
local server = require "spec.support.server"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = (line:gsub("%s+", " ")) end
  return lines
end

-- The environment of a user whose service is this one.
local function environment_for(base_url)
  local environment = process.lua_environment()
  environment.HEYGEN_API_BASE = base_url
  environment.HEYGEN_API_KEY = "test-key"
  return environment
end

describe("the README's example", function()
  local service

  before_each(function()
    service = server.start {
      ids = { "my-avatar", "another-avatar", "lost-answer", "busy-avatar", "look-1", "look-2", "look-3" },
      deprecated = true,
    }
    service:plan("lost-answer", { { { delete = true }, { reset = true } } })
    service:plan("busy-avatar", { { { status = 503 } } })
  end)
  after_each(function() service:stop() end)

  -- What an example says that it prints, after "-->"; a line that ends in "..." gives its beginning.
  local function check_output(code, output)
    local printed, position = lines_of(output), 0
    for promised in code:gmatch "%-%-> ([^\n]+)" do
      position = position + 1
      local line, beginning = printed[position] or "", promised:match "^(.*)%.%.%.$"
      assert.equal(beginning or promised, beginning and line:sub(1, #beginning) or line)
    end
    assert.is_true(position > 0, "the example promises nothing")
    assert.equal(position, #printed)
  end

  -- A module that an example needs, and that is not installed.
  local function missing_module(code)
    for name in code:gmatch 'require "([%w_.]+)"' do
      if not package.searchpath(name, package.path) and not package.searchpath(name, package.cpath) then return name end
    end
    return nil
  end

  local readme = read "README.md"
  local heading, count = nil, 0
  for line, next_line in readme:gmatch "([^\n]*)\n()" do
    heading = line:match "^##+ (.*)" or heading
    if line == "```lua" then
      local example = readme:match("^(.-)\n```", next_line)
      count = count + 1
      it(("%d, in %s, does what it says"):format(count, heading), function()
        local missing = missing_module(example)
        if missing then return pending(missing .. " is not installed") end
        local result = process.run({ process.INTERPRETER, "-" }, {
          environment = environment_for(service.url),
          stdin = example,
        })
        assert.equal("", result.stderr)
        assert.equal(0, result.status)
        check_output(example, result.stdout)
      end)
    end
  end

  it("is there", function() assert.is_true(count > 0) end)
end)

describe("the script that deletes", function()
  local SCRIPT = "spec/examples/delete.lua"

  -- What the script shows, by the heading above: the names of fields and their values.
  local function fields_below(output, heading)
    local fields, inside = {}, false
    for line in output:gmatch "[^\n]+" do
      local name, value = line:match "^  ([%w_]+) *(.*)$"
      if not name then
        inside = line:find(heading, 1, true) ~= nil
      elseif inside then
        fields[name] = value
      end
    end
    return fields
  end

  describe("in the demonstration", function()
    it("shows body and meta of one avatar, and the error of another", function()
      local result = process.run({ "sh", "spec/support/demo.sh" }, {
        environment = { HEYGEN_API_KEY = false, HEYGEN_API_BASE = false },
      })
      assert.equal("", result.stderr)
      assert.equal(0, result.status)
      assert.equal("100", fields_below(result.stdout, "body:").code)
      assert.equal("deleted", fields_below(result.stdout, "meta:").outcome)
      local shown = fields_below(result.stdout, "error:")
      assert.equal("not_found", shown.kind)
      assert.equal("absent", shown.outcome)
      assert.equal("no-such-avatar", shown.avatar_id)
    end)

    it("tells by its exit status whether the avatar is gone", function()
      local service <close> = server.start { ids = { "my-avatar" } }
      for _, status in ipairs { 0, 1 } do
        local result = process.run({ process.INTERPRETER, SCRIPT, "my-avatar" }, {
          environment = environment_for(service.url),
        })
        assert.equal(status, result.status)
      end
    end)
  end)

  describe("with another service", function()
    local service, url

    before_each(function()
      service = server.start { ids = { "my-avatar" } }
      -- Only 127.0.0.1 by number is the demonstration's.
      url = "http://localhost:" .. service.port
    end)
    after_each(function() service:stop() end)

    local function run(command, input)
      return process.run(command, { environment = environment_for(url), stdin = input })
    end

    -- Gives the script a terminal, on which the input is typed.
    local function run_on_terminal(input)
      local command = ("%s %s my-avatar"):format(process.INTERPRETER, SCRIPT)
      return run({ "script", "--quiet", "--return", "--command", command, "/dev/null" }, input)
    end

    it("asks, and deletes after a yes", function()
      local result = run_on_terminal "yes\n"
      assert.matches("http://localhost:%d+%): delete photo avatar my%-avatar%? This can't be undone", result.stdout)
      assert.equal(0, result.status)
      assert.is_false(service:knows "my-avatar")
    end)

    it("deletes nothing after another answer", function()
      for _, answer in ipairs { "no\n", "\n", "y\n", "yes!\n" } do
        local result = run_on_terminal(answer)
        assert.matches("Nothing was deleted.", result.stdout, 1, true)
        assert.equal(2, result.status)
        assert.equal(0, service:connections())
      end
    end)

    it("refuses where there is no terminal to ask on", function()
      local result = run({ "setsid", "--wait", process.INTERPRETER, SCRIPT, "my-avatar" }, "yes\n")
      assert.matches("no terminal", result.stderr, 1, true)
      assert.equal(2, result.status)
      assert.equal(0, service:connections())
    end)

    it("asks for an id when it has none", function()
      for _, arguments in ipairs { {}, { "" } } do
        local result = run { process.INTERPRETER, SCRIPT, table.unpack(arguments) }
        assert.matches("Which avatar?", result.stderr, 1, true)
        assert.equal(2, result.status)
      end
    end)

    it("shows the error of a key that is missing", function()
      local result = process.run({ process.INTERPRETER, SCRIPT, "my-avatar" }, {
        environment = { HEYGEN_API_KEY = false, HEYGEN_API_BASE = url },
      })
      assert.matches("HEYGEN_API_KEY", result.stderr, 1, true)
      assert.equal(2, result.status)
    end)
  end)
end)
