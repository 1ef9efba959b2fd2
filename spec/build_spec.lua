-- What is built and installed: by make, and by LuaRocks from the rockspec.

local build = os.getenv "BUILD" or "build"
local lua = os.getenv "LUA" or "lua5.4"

local ROCKSPEC = "heygen-scm-1.rockspec"

-- A child in the specs' own environment would compile with a sanitizer's runtime preloaded, or load this tree's files.
local CLEAN = "env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH "

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Runs a shell command, which must succeed, and returns what it printed.
local function run(command)
  local pipe <close> = assert(io.popen(command .. " 2>&1 </dev/null"))
  local output = pipe:read "a"
  local ok, how, code = pipe:close()
  assert(ok, ("%s: %s %s\n%s"):format(command, how, code, output))
  return output
end

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    list[#list + 1] = line
  end
  table.sort(list)
  return list
end

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function files_below(folder)
  return lines(run("cd " .. quoted(folder) .. " && find . -type f"))
end

local function load_rockspec()
  local rockspec = {}
  assert(loadfile(ROCKSPEC, "t", rockspec))()
  return rockspec
end

-- The version of the heygen that a folder with Lua's usual layout holds.
local function installed_version(folder)
  return run(("LUA_PATH=%s LUA_CPATH=%s %s -e 'io.write(require [[heygen]]._VERSION)'"):format(
    quoted(folder .. "/share/lua/5.4/?.lua;" .. folder .. "/share/lua/5.4/?/init.lua"),
    quoted(folder .. "/lib/lua/5.4/?.so"),
    lua
  ))
end

-- What the command of a folder says of itself, wherever it is started from.
local function command_version(folder)
  local output = run(("cd / && %s %s --version"):format(CLEAN, quoted(folder .. "/bin/heygen-delete")))
  return output:match "^heygen%-delete (%S+) %(libcurl [^\n]+%)\n$"
end

local function exported_symbols(path)
  local symbols = {}
  for line in run("nm -D --defined-only " .. quoted(path)):gmatch "[^\n]+" do
    symbols[#symbols + 1] = line:match "%S+$"
  end
  return symbols
end

describe("the build", function()
  local folder
  local version = read("src/client/options.h"):match '#define HG_VERSION "([^"]+)"'
  local lua_files = lines(run "cd lua && find heygen -name '*.lua'")

  before_each(function()
    folder = run("mktemp -d"):gsub("\n", "")
  end)

  after_each(function()
    run("rm -rf " .. quoted(folder))
  end)

  describe("version", function()
    it("is that of the sources wherever it stands", function()
      assert.equal(version, require "heygen"._VERSION)
      assert.equal(version, read("CHANGELOG.md"):match "`HG_VERSION`, (%S+) at present")
      for quoted_version in read("README.md"):gmatch "heygen%-lua/(%d[%w.]*%w)" do
        assert.equal(version, quoted_version)
      end
    end)

    it("of the rockspec is that of its file's name", function()
      local rockspec = load_rockspec()
      assert.equal(ROCKSPEC, ("%s-%s.rockspec"):format(rockspec.package, rockspec.version))
    end)
  end)

  describe("rockspec", function()
    it("lists every C source", function()
      local sources = load_rockspec().build.modules["heygen.core"].sources
      table.sort(sources)
      assert.same(lines(run "ls src/*/*.c"), sources)
    end)

    it("lists every Lua file under the name that require knows", function()
      local expected = { ["heygen.core"] = true }
      for _, file in ipairs(lua_files) do
        expected[file:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")] = "lua/" .. file
      end
      local modules = load_rockspec().build.modules
      modules["heygen.core"] = true
      assert.same(expected, modules)
    end)

    it("passes LuaRocks' lint", function()
      run(CLEAN .. "luarocks --lua-version 5.4 lint " .. ROCKSPEC)
    end)

    it("builds and installs the module, every Lua file and the documentation", function()
      run(("cp -R src lua README.md CHANGELOG.md LICENSE Makefile %s %s"):format(ROCKSPEC, quoted(folder)))
      local command = "cd %s && %s luarocks --lua-version 5.4 make --tree tree %s"
      run(command:format(quoted(folder), CLEAN, ROCKSPEC))

      local tree = folder .. "/tree"
      -- LuaRocks copies the folder lua as it is, the pages of its doc included.
      assert.same(lua_files, lines(run("cd " .. quoted(tree) .. "/share/lua/5.4 && find * -type f ! -path 'doc/*.md'")))
      assert.same({ "heygen/core.so" }, lines(run("cd " .. quoted(tree) .. "/lib/lua/5.4 && ls heygen/*")))
      local documents = lines(run("ls " .. quoted(tree) .. "/lib/luarocks/rocks-5.4/heygen/scm-1/doc"))
      assert.same({ "CHANGELOG.md", "LICENSE", "README.md" }, documents)
      assert.same({ "luaopen_heygen_core" }, exported_symbols(tree .. "/lib/lua/5.4/heygen/core.so"))
      assert.equal(version, installed_version(tree))
      assert.equal(version, command_version(tree))
    end)
  end)

  describe("module", function()
    it("exports its opening function alone", function()
      assert.same({ "luaopen_heygen_core" }, exported_symbols(build .. "/heygen/core.so"))
    end)

    it("is linked to stay in memory, and not to Lua", function()
      local dynamic = run("readelf --dynamic --wide " .. quoted(build .. "/heygen/core.so"))
      assert.matches("NODELETE", dynamic, 1, true)
      assert.matches("%(NEEDED%)[^\n]*libcurl", dynamic)
      assert.not_matches("%(NEEDED%)[^\n]*liblua", dynamic)
    end)
  end)

  it("refuses a libcurl that is too old, in one sentence", function()
    local path = folder .. "/pkg-config"
    local file = assert(io.open(path, "w"))
    file:write [[
      #!/bin/sh
      case "$*" in
      *"libcurl >= 7.80"*) exit 1 ;;
      "--modversion libcurl") echo 7.74.0 ;;
      *) exec pkg-config "$@" ;;
      esac
    ]]
    file:close()
    local command = "%s make --no-print-directory PKG_CONFIG='sh %s' BUILD=%s/build 2>&1; true"
    local printed = run(command:format(CLEAN, path, folder))
    assert.equal("libcurl 7.80 or newer is needed; this system has 7.74.0.", printed:match "^[^\n]+")
    assert.not_matches("CC ", printed, 1, true)
  end)

  describe("make install", function()
    local function make(target)
      run(("%s make %s BUILD=%s DESTDIR=%s PREFIX=/opt/of\\ mine"):format(CLEAN, target, quoted(build), quoted(folder)))
    end

    it("puts everything below DESTDIR and PREFIX, and uninstall removes it", function()
      make "install"
      local expected = { "./opt/of mine/lib/lua/5.4/heygen/core.so" }
      for _, file in ipairs(lua_files) do
        expected[#expected + 1] = "./opt/of mine/share/lua/5.4/" .. file
      end
      expected[#expected + 1] = "./opt/of mine/bin/heygen-delete"
      expected[#expected + 1] = "./opt/of mine/share/man/man1/heygen-delete.1"
      table.sort(expected)
      assert.same(expected, files_below(folder))
      assert.equal(version, installed_version(folder .. "/opt/of mine"))
      assert.equal(version, command_version(folder .. "/opt/of mine"))

      make "uninstall"
      assert.same({}, lines(run("cd " .. quoted(folder) .. " && find . -type f -o -name heygen")))
    end)
  end)
end)
