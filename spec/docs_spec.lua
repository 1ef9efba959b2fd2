-- The README, the annotations and the code say the same: every name is in all three, and in none that another lacks.

local core = require "heygen.core"
local heygen = require "heygen"
local safe = require "heygen.safe"
local probe = require "heygen_probe"
local server = require "spec.support.server"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function sorted_keys(...)
  local keys = {}
  for _, set in ipairs { ... } do
    for key in pairs(set) do keys[#keys + 1] = key end
  end
  table.sort(keys)
  return keys
end

-- ---- what the README says ---------------------------------------------------------------------

local readme = read "README.md"

-- The text below a heading, up to the next one.
local function section(heading)
  local _, above = readme:find("\n##+ " .. heading .. "\n")
  assert(above, "the README has no section " .. heading)
  return readme:sub(above + 1, readme:find("\n##", above, true))
end

local function cells_of(line)
  local cells = {}
  for cell in line:gmatch "|([^|]*)%f[|]" do cells[#cells + 1] = cell:match "^%s*(.-)%s*$" end
  return cells
end

-- A section's table: its rows in order, each with the cells under their columns' names. Code in the first column loses
-- its back-quotes.
local function rows_of(heading)
  local rows, columns = {}, nil
  for line in section(heading):gmatch "[^\n]+" do
    local cells = line:find "^|" and cells_of(line)
    if cells and not columns then
      columns = cells
    elseif cells and not cells[1]:find "^%-" then
      local row = {}
      for position, cell in ipairs(cells) do row[columns[position]] = cell end
      row.first = cells[1]:match "^`(.*)`$" or cells[1]
      rows[#rows + 1] = row
    end
  end
  assert(#rows > 0, "the README has no table in section " .. heading)
  return rows
end

local function first_cells(heading, pattern)
  local list = {}
  for _, row in ipairs(rows_of(heading)) do list[#list + 1] = row.first:match(pattern or ".+") end
  return list
end

local function by_name(heading)
  local rows = {}
  for _, row in ipairs(rows_of(heading)) do rows[row.first] = row end
  return rows
end

-- ---- what the annotations say -----------------------------------------------------------------

-- Of a file of Lua: its classes with their parents and fields, its aliases' values, and the names of its functions by
-- the table that holds them.
local function annotations_of(path)
  local found = { classes = {}, aliases = {}, functions = {} }
  local class, alias
  for line in read(path):gmatch "[^\n]+" do
    local class_name, parents = line:match "^%-%-%-@class ([%w_.]+):?%s*(.*)$"
    local field, optional, kind, comment = line:match "^%-%-%-@field ([%w_]+)(%??) (%S+) ?(.*)$"
    local holder, name = line:match "^function ([%w_]+)[.:]([%w_]+)"
    if class_name then
      class = { parents = {}, fields = {} }
      for parent in parents:gmatch "[%w_.]+" do class.parents[#class.parents + 1] = parent end
      found.classes[class_name] = class
    elseif field then
      class.fields[field] = { type = kind, optional = optional == "?" or kind:sub(-1) == "?", comment = comment }
    elseif holder then
      found.functions[holder] = found.functions[holder] or {}
      found.functions[holder][name] = true
    elseif line:find "^%-%-%-@alias" then
      alias = {}
      found.aliases[line:match "^%-%-%-@alias ([%w_.]+)"] = alias
    elseif line:find "^%-%-%-|" then
      alias[#alias + 1] = line:match '"(.-)"'
    end
  end
  return found
end

local types = annotations_of "lua/heygen/types.lua"

-- A class's fields with those of its parents.
local function fields_of(class_name)
  local class = assert(types.classes[class_name], "no class " .. class_name)
  local fields = {}
  for name, field in pairs(class.fields) do fields[name] = field end
  for _, parent in ipairs(class.parents) do
    for name, field in pairs(fields_of(parent)) do fields[name] = field end
  end
  return fields
end

-- ---- what the code says -----------------------------------------------------------------------

local options = {}
for _, option in ipairs(probe.options()) do options[option.name] = option end

local function options_of(scope)
  local names = {}
  for name, option in pairs(options) do
    if not scope or option[scope] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

describe("the documentation", function()
  it("names every kind, in the code's order", function()
    assert.same(core.kinds, types.aliases["heygen.Kind"])
    assert.same(core.kinds, first_cells "Kinds")
  end)

  it("names every outcome, in the code's order", function()
    assert.same(core.outcomes, types.aliases["heygen.Outcome"])
    assert.same(core.outcomes, first_cells "Outcomes")
  end)

  describe("of the modules", function()
    -- The README's names of one holder, without their arguments.
    local function names_of(holder)
      local names = first_cells("All names", "^" .. holder .. "[.:]([%w_]+)")
      table.sort(names)
      return names
    end

    it("names all that heygen exports", function()
      local annotated = annotations_of "lua/heygen/init.lua"
      assert.same(sorted_keys(heygen), names_of "heygen")
      assert.same(sorted_keys(heygen), sorted_keys(annotated.classes.heygen.fields, annotated.functions.heygen))
    end)

    it("is true in saying that heygen.safe exports the same", function()
      local annotated = annotations_of "lua/heygen/safe.lua"
      assert.same(sorted_keys(heygen), sorted_keys(safe))
      for name in pairs(annotated.classes["heygen.safe"].fields) do assert.not_nil(safe[name], name) end
      for name in pairs(annotated.functions.safe) do assert.not_nil(safe[name], name) end
    end)

    it("names all that heygen.core exports", function()
      assert.same(sorted_keys(core), sorted_keys(types.classes["heygen.core"].fields, types.functions.core))
    end)

    it("names every method of clients", function()
      local methods = sorted_keys(core.Client)
      assert.same(methods, names_of "client")
      assert.same(methods, sorted_keys(types.functions.Client))
      local client <close> = safe.new { api_key = "test-key" }
      for _, method in ipairs(methods) do assert.is_function(client[method], method) end
    end)
  end)

  describe("of the options", function()
    local documented = by_name "Options"

    it("names every option, and where it may be given", function()
      assert.same(options_of(), sorted_keys(documented))
      assert.same(options_of "client", sorted_keys(fields_of "heygen.ClientOptions"))
      assert.same(options_of "call", sorted_keys(fields_of "heygen.CallOptions"))
      assert.same(options_of(), sorted_keys(fields_of "heygen.PlainOptions"))
      for name, option in pairs(options) do
        local where = documented[name].where
        assert.equal(option.client, where:find "client" ~= nil, name)
        assert.equal(option.call, where:find "call" ~= nil, name)
      end
    end)

    it("lets every option be left out", function()
      for name, field in pairs(fields_of "heygen.PlainOptions") do assert.is_true(field.optional, name) end
    end)

    local LUA_TYPES = { text = "string", seconds = "number", count = "integer", flag = "boolean", version = "string" }

    it("gives every option its type", function()
      local annotated = fields_of "heygen.PlainOptions"
      for name, option in pairs(options) do
        local type_name = LUA_TYPES[option.type]
        assert.equal(type_name, documented[name].type, name)
        assert.equal(option.type == "version" and "heygen.ApiVersion?" or type_name .. "?", annotated[name].type, name)
      end
    end)

    -- What the code does without the option, as it is written in Lua.
    local function default_of(name)
      local default = probe.setting(name)
      return type(default) == "string" and ('"%s"'):format(default) or ("%s"):format(default):gsub("%.0$", "")
    end

    it("gives the defaults and the ranges that the code has", function()
      local annotated = fields_of "heygen.PlainOptions"
      for name, option in pairs(options) do
        if option.type ~= "text" then
          local default = default_of(name)
          assert.equal(default, (documented[name].default:gsub("`", "")), name)
          assert.matches("default " .. default .. "%f[%s\0]", annotated[name].comment, 1, false, name)
        end
        if option.type == "seconds" or option.type == "count" then
          local range = ("%.14g to %.14g"):format(option.minimum, option.maximum)
          assert.equal(range, documented[name].range, name)
          assert.matches(": " .. range .. ",", annotated[name].comment, 1, true, name)
        end
      end
    end)

    it("names the API versions", function()
      local names = {}
      for index = options.api_version.minimum, options.api_version.maximum do
        names[#names + 1] = probe.setting("api_version", index)
      end
      assert.same(names, types.aliases["heygen.ApiVersion"])
      assert.equal('`"' .. table.concat(names, '"`, `"') .. '"`', documented.api_version.range)
    end)

    it("gives the defaults of texts", function()
      local client <close> = heygen.new { api_key = "test-key" }
      local base_url = tostring(client):match "%((.*)%)"
      assert.matches("else `" .. base_url .. "`", documented.base_url.default, 1, true)
      assert.matches('else "' .. base_url .. '"', fields_of "heygen.ClientOptions".base_url.comment, 1, true)
      assert.equal("`heygen-lua/" .. heygen._VERSION .. "`", documented.user_agent.default)
    end)

    it("names the proxies that there may be", function()
      local schemes = {}
      for scheme in documented.proxy.range:gmatch "%w+" do schemes[#schemes + 1] = scheme end
      for _, scheme in ipairs(schemes) do
        heygen.new({ api_key = "test-key", proxy = scheme .. "://proxy.example:3128" }):close()
      end
      assert.matches("(" .. table.concat(schemes, ", ") .. ")", options.proxy.accepted, 1, true)
    end)
  end)

  describe("of the results", function()
    local service, client

    setup(function()
      service = server.start { ids = { "gone" }, deprecated = true }
      service:plan("html", { { { status = 404, body = "<html>" } } })
      service:plan("busy", { { { status = 429, body = "{}", headers = { ["retry-after"] = "3" } } } })
      client = heygen.new { api_key = "test-key", base_url = service.url }
    end)
    teardown(function()
      client:close()
      service:stop()
    end)

    it("names every field of meta", function()
      local _, meta = client:delete_photo_avatar "gone"
      assert.same(sorted_keys(meta), sorted_keys(by_name "Body and meta"))
      assert.same(sorted_keys(meta), sorted_keys(fields_of "heygen.Meta"))
      assert.same(sorted_keys(meta.deprecation), sorted_keys(fields_of "heygen.Deprecation"))
      for name in pairs(meta.deprecation) do
        assert.matches("`" .. name .. "`", by_name "Body and meta".deprecation.what, 1, true)
      end
    end)

    it("names every field of errors", function()
      local seen = {}
      for _, id in ipairs { "html", "busy", "no-such-avatar" } do
        local _, err = pcall(client.delete_photo_avatar, client, id)
        assert.is_true(heygen.is_error(err))
        for name in pairs(err) do seen[name] = true end
      end
      assert.same(sorted_keys(seen), sorted_keys(by_name "Fields of an error"))
      assert.same(sorted_keys(seen), sorted_keys(fields_of "heygen.Error"))
    end)

    it("calls those fields optional that are not always there", function()
      local _, err = pcall(client.delete_photo_avatar, client, "")
      for name, field in pairs(fields_of "heygen.Error") do
        assert.equal(err[name] == nil, field.optional or field.type:find "|nil$" ~= nil, name)
      end
    end)
  end)

  describe("of the README itself", function()
    it("links to what is there", function()
      local anchors = {}
      for heading in readme:gmatch "\n##+ ([^\n]+)" do
        anchors["#" .. heading:lower():gsub("[^%w ]", ""):gsub(" ", "-")] = true
      end
      local count = 0
      for target in readme:gmatch "%]%(([^)]+)%)" do
        count = count + 1
        if target:find "^#" then
          assert.is_true(anchors[target], target)
        elseif not target:find "^https:" then
          read(target)
        end
      end
      assert.is_true(count > 0)
    end)

    it("names targets that make has", function()
      local makefile, count = read "Makefile", 0
      -- Elsewhere "make" is the name of a package, or a word.
      for _, before in ipairs { "`", "\n", "&& ", "sudo ", "=%.%.%. " } do
        for target in readme:gmatch(before .. "make (%l+)") do
          count = count + 1
          assert.matches("\n.PHONY: " .. target .. "\n", makefile, 1, true)
        end
      end
      assert.is_true(count > 0)
    end)
  end)
end)
