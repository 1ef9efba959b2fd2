-- The README, the annotations and the code say the same: every name is in all three, and in none that another lacks.

local core = require "heygen.core"
local heygen = require "heygen"
local safe = require "heygen.safe"
local probe = require "heygen_probe"
local annotations = require "spec.support.annotations"
local readme = require "spec.support.readme"
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

local types = annotations.of "lua/heygen/types.lua"

local function fields_of(class_name)
  return annotations.fields(types, class_name)
end

local by_name, first_cells = readme.by_name, readme.first_cells

-- ---- what the code says -----------------------------------------------------------------------

local options = {}
for _, option in ipairs(probe.options()) do options[option.name] = option end

-- What takes options, by the README's word for it.
local client_of_options = heygen.new { api_key = "test-key" }
local TAKERS = {
  client = { heygen.new },
  call = {
    function(given) client_of_options:delete_photo_avatar("id", given) end,
    function(given) client_of_options:delete_photo_avatar_async("id", nil, given) end,
  },
  bulk = {
    function(given) client_of_options:delete_photo_avatars({}, given) end,
    function(given) client_of_options:delete_photo_avatars_async({}, nil, given) end,
  },
}

-- No option may be a coroutine: that is what is wrong with one that is taken.
local function is_taken(take, name)
  local _, err = pcall(take, { [name] = coroutine.create(print) })
  return err.message:find("option '" .. name .. "' is a thread", 1, true) ~= nil
end

local function is_taken_by_all(takers, name)
  local first = is_taken(takers[1], name)
  for _, take in ipairs(takers) do assert(is_taken(take, name) == first, name) end
  return first
end

-- The sorted names of the options that one of these takes; of all options without any.
local function options_of(...)
  local names = {}
  for name in pairs(options) do
    local taken = select("#", ...) == 0
    for _, scope in ipairs { ... } do taken = taken or is_taken_by_all(TAKERS[scope], name) end
    if taken then names[#names + 1] = name end
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
      local annotated = annotations.of "lua/heygen/init.lua"
      assert.same(sorted_keys(heygen), names_of "heygen")
      assert.same(sorted_keys(heygen), sorted_keys(annotated.classes.heygen.fields, annotated.functions.heygen))
    end)

    it("is true in saying that heygen.safe exports the same", function()
      local annotated = annotations.of "lua/heygen/safe.lua"
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

    it("names every method of requests", function()
      local methods = sorted_keys(core.Request)
      assert.same(methods, names_of "request")
      assert.same(methods, sorted_keys(types.functions.Request))
      local client <close> = safe.new { api_key = "test-key" }
      local request = client:delete_photo_avatars_async {}
      for _, method in ipairs(methods) do assert.is_function(request[method], method) end
    end)

    it("names the methods that the annotations of heygen.safe name", function()
      local annotated = annotations.of "lua/heygen/safe.lua"
      for _, class in ipairs { "Client", "Request" } do
        local described = annotated.classes["heygen.safe." .. class].fields
        assert.same(sorted_keys(core[class]), sorted_keys(described, annotated.functions[class]))
      end
    end)
  end)

  describe("of the options", function()
    local documented = by_name "Options"

    it("names every option, and where it may be given", function()
      assert.same(options_of(), sorted_keys(documented))
      for name in pairs(options) do
        for scope, takers in pairs(TAKERS) do
          local named = documented[name].where:find(scope, 1, true) ~= nil
          assert.equal(is_taken_by_all(takers, name), named, name .. " of " .. scope)
        end
      end
    end)

    it("annotates every option where it may be given", function()
      assert.same(options_of "client", sorted_keys(fields_of "heygen.ClientOptions"))
      assert.same(options_of "call", sorted_keys(fields_of "heygen.CallOptions"))
      assert.same(options_of "bulk", sorted_keys(fields_of "heygen.BulkOptions"))
      assert.same(options_of("client", "call"), sorted_keys(fields_of "heygen.PlainOptions"))
      assert.same(options_of("client", "bulk"), sorted_keys(fields_of "heygen.PlainBulkOptions"))
    end)

    local annotated = fields_of "heygen.PlainBulkOptions"

    it("lets every option be left out", function()
      for name, field in pairs(annotated) do assert.is_true(field.optional, name) end
    end)

    -- An option's type in Lua, by how its errors begin to say what it may be. The others are strings.
    local ACCEPTED = {
      ["a number"] = "number", ["a whole number"] = "integer", ["true or false"] = "boolean",
      ["a function"] = "function", ["a table"] = "table",
    }
    -- Where the annotations are closer than that.
    local ANNOTATED = {
      api_version = "heygen.ApiVersion", trace = "heygen.Trace", on_result = "heygen.OnResult",
    }

    local function lua_type_of(option)
      for beginning, lua_type in pairs(ACCEPTED) do
        if option.accepted:sub(1, #beginning) == beginning then return lua_type end
      end
      return "string"
    end

    it("gives every option its type", function()
      for name, option in pairs(options) do
        local lua_type = lua_type_of(option)
        assert.equal(lua_type, documented[name].type, name)
        assert.equal((ANNOTATED[name] or lua_type) .. "?", annotated[name].type, name)
      end
    end)

    -- What the code does without the option, as it is written in Lua.
    local function default_of(name, option)
      local lua_type = lua_type_of(option)
      local in_range = option.preset >= option.minimum and option.preset <= option.maximum
      if lua_type == "function" or lua_type == "table" or not in_range then return "none" end
      if lua_type == "boolean" then return tostring(option.preset ~= 0) end
      if lua_type == "string" then return ('"%s"'):format(probe.setting(name)) end
      return ("%.14g"):format(option.preset)
    end

    it("gives the defaults and the ranges that the code has", function()
      for name, option in pairs(options) do
        local lua_type = lua_type_of(option)
        if option.type ~= "text" and option.type ~= "version" then
          local default = default_of(name, option)
          assert.equal(default, (documented[name].default:gsub("`", "")), name)
          assert.matches("default " .. default .. "%f[%s\0]", annotated[name].comment, 1, false, name)
        end
        if lua_type == "number" or lua_type == "integer" then
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

    it("gives the default of the API version", function()
      local default = '"' .. probe.setting "api_version" .. '"'
      assert.matches("else `" .. default .. "`", documented.api_version.default, 1, true)
      assert.matches("else " .. default, annotated.api_version.comment, 1, true)
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

  describe("of the waits", function()
    -- The numbers of the README's sentences, by the constants of the code.
    local CONSTANTS = {
      HG_RETRY_TOKENS = "begins with (%d+) tokens",
      HG_RETRY_COST = "A retry costs (%d+) tokens",
      HG_TIMEOUT_RETRY_COST = "(%d+) after a timeout",
      HG_SUCCESS_GAIN = "or (%d+) if it needed none",
      HG_BACKOFF_BASE = "a random time, at most ([%d.]+) seconds",
      HG_BACKOFF_CAP = "up to (%d+) seconds; or what",
      HG_BREAKER_ATTEMPTS = "after (%d+) attempts in a row",
      HG_BREAKER_PAUSE = "nothing more is sent for (%d+) seconds",
      HG_MAX_IDLE_SECONDS = "for up to (%d+) idle seconds",
    }

    it("gives the code's numbers", function()
      local header, text = read "src/client/options.h", readme.text:gsub("%s+", " ")
      for name, sentence in pairs(CONSTANTS) do
        local value = assert(header:match("%f[%w_]" .. name .. " =? ?([%d.]+)"), name)
        local said = assert(text:match(sentence), sentence)
        assert.equal(tonumber(value), tonumber(said), name)
      end
    end)
  end)

  describe("of the results", function()
    local service, client

    setup(function()
      service = server.start { ids = { "gone" }, deprecated = true }
      service:plan("html", { { { status = 404, body = "<html>" } } })
      service:plan("busy", { { { status = 429, body = "{}", headers = { ["retry-after"] = "3" } } } })
      service:plan("cut", { { { reset = true } } })
      service:plan("passing", { { { status = 503 } } })
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
      local function fail(run, ...)
        local _, err = pcall(run, client, ...)
        assert.is_true(heygen.is_error(err))
        for name in pairs(err) do seen[name] = true end
      end
      for _, id in ipairs { "html", "cut", "busy", "no-such-avatar" } do
        -- The last of these pauses the client: a fresh one each.
        client:close()
        client = heygen.new { api_key = "test-key", base_url = service.url }
        fail(client.delete_photo_avatar, id, { max_retries = 0 })
      end
      fail(client.delete_photo_avatars, { "no-such-avatar" }, { on_result = coroutine.yield })
      assert.same(sorted_keys(seen), sorted_keys(by_name "Fields of an error"))
      assert.same(sorted_keys(seen), sorted_keys(fields_of "heygen.Error"))
    end)

    it("calls those fields optional that are not always there", function()
      local _, err = pcall(client.delete_photo_avatar, client, "")
      err.where = nil -- not of one that a callback is handed
      for name, field in pairs(fields_of "heygen.Error") do
        assert.equal(err[name] == nil, field.optional or field.type:find "|nil$" ~= nil, name)
      end
    end)

    it("names every field of an attempt", function()
      local seen = {}
      local function trace(attempt)
        for name in pairs(attempt) do seen[name] = true end
      end
      service:plan("cut", { { { reset = true } } })
      pcall(client.delete_photo_avatar, client, "cut", { max_retries = 0, trace = trace })
      pcall(client.delete_photo_avatar, client, "passing", { trace = trace })
      assert.same(sorted_keys(seen), sorted_keys(by_name "Fields of an attempt"))
      assert.same(sorted_keys(seen), sorted_keys(fields_of "heygen.Attempt"))
    end)

    it("names every field of a report, and of its results", function()
      service:add "gone"
      local stopped <close> = heygen.new { api_key = "no-key", base_url = service.url }
      local seen = stopped:delete_photo_avatars { "gone" }
      assert.same(sorted_keys(seen), sorted_keys(by_name "The report"))
      assert.same(sorted_keys(seen), sorted_keys(fields_of "heygen.Report"))
      local results = client:delete_photo_avatars({ "gone", "no-such-avatar" }).results
      assert.same(sorted_keys(results.gone, results["no-such-avatar"]), sorted_keys(fields_of "heygen.BulkResult"))
    end)
  end)

  describe("of the README itself", function()
    it("links to what is there", function()
      local anchors = {}
      for heading in readme.text:gmatch "\n##+ ([^\n]+)" do
        anchors["#" .. heading:lower():gsub("[^%w %-]", ""):gsub(" ", "-")] = true
      end
      local count = 0
      for target in readme.text:gmatch "%]%(([^)]+)%)" do
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
        for target in readme.text:gmatch(before .. "make (%l+)") do
          count = count + 1
          assert.matches("\n.PHONY: " .. target .. "\n", makefile, 1, true)
        end
      end
      assert.is_true(count > 0)
    end)
  end)
end)
