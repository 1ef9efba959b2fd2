-- lua/heygen/command/key.lua: where the key comes from. That of the environment: init_spec.lua.

local command = require "spec.support.command"
local key = require "heygen.command.key"
local process = require "spec.support.process"

describe("a key file", function()
  local folder

  before_each(function() folder = command.folder() end)
  after_each(function() command.remove(folder) end)

  local function file(text, mode)
    local path = command.write(folder .. "/key", text)
    assert(os.execute(("chmod %s %s"):format(mode or "600", process.quote(path))))
    return path
  end

  for name, text in pairs {
    ["its first line"] = "secret\nanything else\n",
    ["its first line without an end"] = "secret",
    ["its first line without CR and spaces"] = " secret \r\n",
  } do
    it("is read: " .. name, function()
      assert.same({ "secret" }, { key.find(file(text)) })
    end)
  end

  for mode, readable in pairs { ["600"] = false, ["400"] = false, ["640"] = true, ["604"] = true, ["644"] = true } do
    it(("of mode %s is %s"):format(mode, readable and "warned about" or "fine"), function()
      local found, warning = key.find(file("secret\n", mode))
      assert.equal("secret", found)
      assert.equal(readable, warning ~= nil)
      if warning then
        assert.matches("readable by other users; run: chmod 600 ", warning)
        assert.not_matches("secret", warning)
      end
    end)
  end

  it("without a key is a problem, as is one that is not there", function()
    for _, text in ipairs { "", "\nsecret\n", "  \n" } do
      local found, problem = key.find(file(text))
      assert.is_nil(found)
      assert.matches("the first line holds no key", problem)
    end
    local found, problem = key.find(folder .. "/missing")
    assert.is_nil(found)
    assert.matches("No such file", problem)
  end)
end)
