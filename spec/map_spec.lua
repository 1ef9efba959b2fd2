-- src/README.md has a row for each file, and says what the file includes.

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local map = read "src/README.md"

-- The rows of each folder's table: folder/file → what it may include.
local function rows()
  local found, folder = {}, nil
  for line in map:gmatch "[^\n]+" do
    if line:find "^## " then folder = line:match "^## (%l+)/$" end
    local file, allowed = line:match "^| `([%w_]+)` |.*|([^|]*)|$"
    if folder and file then found[#found + 1] = { unit = folder .. "/" .. file, allowed = allowed } end
  end
  return found
end

local function sources()
  local listing <close> = assert(io.popen "find src -name '*.[ch]' | sort")
  local paths = {}
  for path in listing:lines() do paths[#paths + 1] = path end
  return paths
end

local function unit_of(path) return path:match "^src/(.*)%.[ch]$" end

-- What belongs to the system: headers that C11 does not have, and that are neither libcurl's, cJSON's nor Lua's.
local ELSEWHERE = {
  ["curl/curl.h"] = "libcurl", ["cjson/cJSON.h"] = "", ["lua.h"] = "Lua", ["lauxlib.h"] = "Lua", ["lualib.h"] = "Lua",
}
for name in ("assert ctype errno float inttypes limits locale math signal stdalign stdarg stdatomic stdbool stddef "
  .. "stdint stdio stdlib stdnoreturn string time"):gmatch "%w+" do
  ELSEWHERE[name .. ".h"] = ""
end

local function kind_of(header) return ELSEWHERE[header] or "system" end

describe("src/README.md", function()
  local allowed_by_unit = {}
  for _, row in ipairs(rows()) do allowed_by_unit[row.unit] = row.allowed end

  it("has one row for each file", function()
    local written, there, seen = {}, {}, {}
    for _, row in ipairs(rows()) do written[#written + 1] = row.unit end
    for _, path in ipairs(sources()) do
      local unit = unit_of(path)
      if not seen[unit] then
        seen[unit] = true
        there[#there + 1] = unit
      end
    end
    table.sort(written)
    assert.same(there, written)
  end)

  it("says which files include Lua, libcurl or the system, and no others", function()
    local included = {}
    for _, path in ipairs(sources()) do
      local unit = unit_of(path)
      included[unit] = included[unit] or {}
      for header in read(path):gmatch "#%s*include <([^>]+)>" do included[unit][kind_of(header)] = path end
    end
    for unit, kinds in pairs(included) do
      for _, kind in ipairs { "Lua", "libcurl", "system" } do
        local is_said = (allowed_by_unit[unit] or ""):find(kind, 1, true) ~= nil
        assert.equal(kinds[kind] ~= nil, is_said, ("%s and %s"):format(kinds[kind] or unit, kind))
      end
    end
  end)

  it("lets nothing but lua_version.h include Lua's own headers", function()
    for _, path in ipairs(sources()) do
      for header in read(path):gmatch "#%s*include <([^>]+)>" do
        assert.is_true(kind_of(header) ~= "Lua" or path == "src/binding/lua_version.h", path)
      end
    end
  end)

  it("names each lock, and what is done once a process", function()
    local section = assert(map:match "\n## Locks and threads\n(.-)\n## ")
    for _, path in ipairs(sources()) do
      local text = read(path)
      local has_lock = text:find "struct hg_mutex [%w_]+[; ]" or text:find "struct hg_once [%w_]+[; ]"
      if has_lock and not path:find "^src/platform/" then
        local name = "`" .. path:match "([%w_]+)%.[ch]$" .. "`"
        assert.is_truthy(section:find(name, 1, true), name)
      end
    end
  end)

  it("names files that are there", function()
    local count = 0
    for folder, file in map:gmatch "`(%l+)/([%w_]+)[`%.]" do
      if folder == "client" or folder == "binding" or folder == "platform" then
        count = count + 1
        assert.is_string(allowed_by_unit[folder .. "/" .. file], folder .. "/" .. file)
      end
    end
    assert.is_true(count > 0)
  end)

  it("links to what is there", function()
    for target in map:gmatch "%]%(([^)]+)%)" do read("src/" .. target) end
  end)
end)

describe("spec/README.md", function()
  it("names each folder of the specs", function()
    local text = read "spec/README.md"
    local listing <close> = assert(io.popen "ls -d spec/*/")
    for path in listing:lines() do
      local folder = path:match "^spec/(.+)$"
      assert.is_truthy(text:find("`" .. folder .. "`", 1, true), folder)
    end
  end)
end)
