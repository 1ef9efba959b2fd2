-- heygen.core as a module: what it shows, and the lists that come from C.

local core = require "heygen.core"

local KINDS = {
  "invalid_argument", "misuse", "resources", "connection", "tls", "timeout", "protocol", "redirect", "unauthorized",
  "forbidden", "not_found", "retired", "conflict", "rate_limited", "quota_exceeded", "rejected", "server", "cancelled",
  "interrupted",
}
local OUTCOMES = { "deleted", "presumed_deleted", "absent", "not_deleted", "unknown" }

local MEMBERS = {
  new = "function", delete_photo_avatar = "function", delete_photo_avatars = "function", is_error = "function",
  json_decode = "function", Client = "table", Request = "table", kinds = "table", outcomes = "table",
  null = "userdata",
  own_file = "function", take = "function", throw = "function", wait = "function", system = "table",
  _VERSION = "string",
}

describe("heygen.core", function()
  it("has these members and no others", function()
    local found = {}
    for name, value in pairs(core) do found[name] = type(value) end
    assert.same(MEMBERS, found)
  end)

  it("lists the kinds and the outcomes", function()
    assert.same(KINDS, core.kinds)
    assert.same(OUTCOMES, core.outcomes)
  end)

  it("has the null of other JSON modules", function()
    assert.equal(require("cjson").null, core.null)
  end)

  it("has a bare version", function()
    assert.matches("^%d+%.%d+%.%d+$", core._VERSION)
  end)

  it("shows its methods, for the safe twin", function()
    local function names_of(methods)
      local names = {}
      for name in pairs(methods) do names[#names + 1] = name end
      table.sort(names)
      return names
    end
    assert.same({
      "close", "delete_photo_avatar", "delete_photo_avatar_async", "delete_photo_avatars", "delete_photo_avatars_async",
      "events", "poll", "pollfd", "timeout",
    }, names_of(core.Client))
    assert.same({ "cancel", "done", "result" }, names_of(core.Request))
  end)

  it("can be opened once more in the same state", function()
    package.loaded["heygen.core"] = nil
    local again = require "heygen.core"
    package.loaded["heygen.core"] = core
    assert.is_true(core.is_error(select(2, pcall(again.new, 1))))
    assert.is_true(again.is_error(select(2, pcall(core.new, 1))))
  end)
end)
