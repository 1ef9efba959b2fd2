local probe = require "heygen_probe"

describe("the operations", function()
  it("are the deletion of a look and that of a group", function()
    local names = {}
    for name, row in pairs(probe.operations) do
      names[#names + 1] = name
      assert.equal("DELETE", row.method)
    end
    table.sort(names)
    assert.same({ "delete_avatar_group", "delete_photo_avatar" }, names)
  end)

  it("have nouns of their own", function()
    assert.same({ "photo avatar", "avatar", "look", "avatar look", "photo avatar look" },
      probe.operations.delete_photo_avatar.nouns)
    assert.same({ "avatar group", "photo avatar group", "group", "avatar" },
      probe.operations.delete_avatar_group.nouns)
  end)

  it("have codes of their own for what does not exist", function()
    assert.same({ "400144", "400174", "avatar_not_found", "avatar_look_not_found", "look_not_found",
      "photo_avatar_not_found" }, probe.operations.delete_photo_avatar.no_such_codes)
    assert.same({ "avatar_group_not_found", "photo_avatar_group_not_found", "avatar_not_found" },
      probe.operations.delete_avatar_group.no_such_codes)
  end)
end)
