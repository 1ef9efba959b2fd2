-- A module that was built for another Lua is told as what it is.

local command = require "spec.support.command"
local process = require "spec.support.process"

describe("require", function()
  local folder

  before_each(function() folder = command.folder() end)
  after_each(function() command.remove(folder) end)

  -- What requiring the module says when heygen/core.so holds these bytes.
  local function problem_of(module, bytes)
    os.execute("mkdir -p " .. process.quote(folder .. "/heygen"))
    process.write_file(folder .. "/heygen/core.so", bytes)
    local environment = process.lua_environment()
    environment.LUA_CPATH_5_4 = folder .. "/?.so"
    local script = ("local found, problem = pcall(require, '%s') assert(not found) io.write(problem)"):format(module)
    local result = process.run({ process.INTERPRETER, "-e", script }, { environment = environment })
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  for _, module in ipairs { "heygen", "heygen.safe" } do
    it(("'%s' names the Lua that the module was built for"):format(module), function()
      assert.equal("heygen was built for Lua 5.1; this is Lua 5.4: build it with make LUA=lua5.4",
        problem_of(module, "\127ELF\0heygen was built for Lua 5.1\0"))
    end)
  end

  it("leaves every other problem as it is", function()
    assert.matches("^error loading module 'heygen.core' from file '", problem_of("heygen", "no library"))
    assert.matches("core", problem_of("heygen.safe", "heygen was built for Lua 5.4"))
  end)

  it("finds the words in the module itself", function()
    local path = assert(package.searchpath("heygen.core", package.cpath))
    local file <close> = assert(io.open(path, "rb"))
    assert.equal("5.4", file:read("a"):match "heygen was built for Lua (%d%.%d)")
  end)
end)
