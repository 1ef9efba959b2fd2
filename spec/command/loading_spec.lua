-- src/command/heygen-delete: how it finds its modules, and what it says where one can't be loaded. Also closed file
-- descriptors, which come before anything else.

local command = require "spec.support.command"
local heygen = require "heygen"
local process = require "spec.support.process"
local server = require "spec.support.server"

local build = os.getenv "BUILD" or "build"

local NO_PATHS = { LUA_PATH = false, LUA_CPATH = false, LUA_PATH_5_4 = false, LUA_CPATH_5_4 = false }

describe("heygen-delete", function()
  local folder

  before_each(function() folder = command.folder() end)
  after_each(function() command.remove(folder) end)

  local function shell(line, ...)
    assert(os.execute(line:format(...)))
  end

  -- A tree of its own, with the module where `make` puts it.
  local function make_tree()
    local tree = folder .. "/tree"
    shell("mkdir -p %s/build %s/src && cp -R lua %s", tree, tree, tree)
    shell("cp -R src/command %s/src && cp -R %s/heygen %s/build", tree, build, tree)
    return tree
  end

  local function run(program, environment)
    return process.run({ program, "--version" }, { directory = "/", environment = environment or NO_PATHS })
  end

  local function assert_version(result)
    assert.equal(0, result.status, result.stderr)
    assert.equal("heygen-delete " .. heygen._VERSION, result.stdout:match "^heygen%-delete %S+")
  end

  local function assert_says(result, pattern)
    assert.same({ 2, "" }, { result.status, result.stdout })
    assert.matches("^heygen%-delete: " .. pattern .. "\n$", result.stderr)
  end

  it("runs from a tree, and by symbolic links to it, wherever they are", function()
    local tree = make_tree()
    assert_version(run(tree .. "/src/command/heygen-delete"))
    shell("ln -s tree/src/command/heygen-delete %s/one", folder)
    shell("mkdir %s/far && ln -s %s/one %s/far/two", folder, folder, folder)
    for _, link in ipairs { "/one", "/far/two" } do assert_version(run(folder .. link)) end
    shell("ln -s tree/src %s/way", folder)
    assert_version(run(folder .. "/way/command/heygen-delete"))
  end)

  it("names the C module where it is missing or broken", function()
    local tree = make_tree()
    command.write(tree .. "/build/heygen/core.so", "no library")
    assert_says(run(tree .. "/src/command/heygen-delete"), "can't load %S+/build/heygen/core.so: .*")
    os.remove(tree .. "/build/heygen/core.so")
    assert_says(run(tree .. "/src/command/heygen-delete"), "the C module heygen.core is not there: `make` builds .*")
  end)

  it("names the library that the C module needs", function()
    local tree = make_tree()
    local core = tree .. "/build/heygen/core.so"
    command.write(folder .. "/lib.c", "int nothing(void);\nint nothing(void) { return 0; }\n")
    shell("cc -shared -fPIC -o %s/libcurl-of-old.so %s/lib.c", folder, folder)
    shell("cc -shared -fPIC -Wl,--no-as-needed -o %s %s/lib.c -L%s -lcurl-of-old && rm %s/libcurl-of-old.so", core,
      folder, folder, folder)
    assert_says(run(tree .. "/src/command/heygen-delete"),
      "the library libcurl%-of%-old.so is missing; %S+core.so needs it")
  end)

  it("names what it needs of others, and files of its own", function()
    local tree = make_tree()
    local own = ("%s/lua/?.lua;%s/lua/?/init.lua"):format(tree, tree)
    local result = run(tree .. "/src/command/heygen-delete", { LUA_PATH_5_4 = own, LUA_CPATH_5_4 = ";;" })
    assert_says(result, "argparse is needed %(Debian: lua%-argparse; LuaRocks: argparse%)")
    os.remove(tree .. "/lua/heygen/command/ids.lua")
    assert_says(run(tree .. "/src/command/heygen-delete"),
      "this installation is incomplete: there is no module 'heygen.command.ids'")
    result = run(tree .. "/src/command/heygen-delete", { LUA_PATH_5_4 = own, LUA_CPATH_5_4 = "/nowhere/?.so" })
    assert_says(result, "LuaFileSystem is needed %(Debian: lua%-filesystem; LuaRocks: luafilesystem%)")
  end)

  for _, lua in ipairs { "lua5.1", "lua5.2", "lua5.3", "luajit" } do
    it("names the Lua that it is run with: " .. lua, function()
      if not os.execute(("command -v %s >/dev/null"):format(lua)) then return pending(lua .. " is not here") end
      local result = process.run({ lua, command.PATH, "--version" })
      assert_says(result, "Lua 5.4 is needed; this is Lua 5.%d")
    end)
  end
end)

describe("heygen-delete with closed file descriptors", function()
  local service, folder, journal

  before_each(function()
    service = server.start { ids = { "a-1", "a-2" } }
    folder = command.folder()
    journal = folder .. "/journal"
  end)
  after_each(function()
    service:stop()
    command.remove(folder)
  end)

  for _, closed in ipairs { "1>&-", "2>&-", "0<&-", "0<&- 1>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-" } do
    for _, form in ipairs { "--json", "--missing-ok" } do
      it(("writes nothing else into its journal: %s %s"):format(closed, form), function()
        local result = command.run(service, { "-y", form, "--journal", journal, "a-1", "a-2", "no-such" }, {
          shell = 'exec "$@" ' .. closed,
        })
        assert.equal(form == "--json" and 1 or 0, result.status, result.stderr)
        for line in command.read(journal):gmatch "[^\n]*\n" do assert.matches("^%l+[ -]", line) end
        assert.equal("deleted", command.last_words(command.read(journal))["a-2"])
        assert.equal(0, command.run(service, { "-y", "--missing-ok", "--journal", journal, "a-1" }).status)
      end)
    end
  end
end)
