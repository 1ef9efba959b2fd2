local probe = require "heygen_probe"

local ID = "my-avatar"
local LOOKS, GROUPS = "delete_photo_avatar", "delete_avatar_group"
local NOUNS = { [LOOKS] = probe.operations[LOOKS].nouns, [GROUPS] = probe.operations[GROUPS].nouns }

local PREDICATES = {
  "not found", "is not found", "was not found", "were not found", "could not be found", "does not exist",
  "do not exist", "doesn't exist", "don't exist",
}
-- How an id may stand in a message; %s is the id.
local WRITTEN = { "%s", "'%s'", '"%s"', "`%s`", "(%s)" }

local function assert_kind(expected, texts, id, operation)
  for _, text in ipairs(texts) do
    local kind = probe.message_kind(text, id or ID, operation)
    if kind ~= expected then
      assert.equal(expected, kind, ("%q of the id %s, %s"):format(text, id or ID, operation or LOOKS))
    end
  end
end

local function assert_known(...) assert_kind("not_found", ...) end

local function assert_unknown(...) assert_kind(nil, ...) end

-- Every text that names what is not found: a noun and, unless it is nil, the id.
local function texts_about(noun, id)
  local texts = {}
  local named = id and { noun .. " " .. id, noun .. " with id " .. id } or { noun }
  for _, subject in ipairs(named) do
    for _, predicate in ipairs(PREDICATES) do
      for _, article in ipairs { "", "the ", "requested ", "the requested " } do
        texts[#texts + 1] = article .. subject .. " " .. predicate
      end
    end
    texts[#texts + 1] = "no such " .. subject
  end
  if id then
    texts[#texts + 1] = ("no %s with id %s"):format(noun, id)
    texts[#texts + 1] = ("no %s found with id %s"):format(noun, id)
  end
  return texts
end

describe("a message", function()
  it("says not found with each noun of the operation, and its plural", function()
    for operation, nouns in pairs(NOUNS) do
      for _, noun in ipairs(nouns) do
        assert_known(texts_about(noun), ID, operation)
        assert_known(texts_about(noun .. "s"), ID, operation)
      end
    end
  end)

  it("may name the id, as a word of its own", function()
    for operation, nouns in pairs(NOUNS) do
      for _, noun in ipairs(nouns) do
        for _, written in ipairs(WRITTEN) do
          assert_known(texts_about(noun, written:format(ID)), ID, operation)
        end
      end
    end
  end)

  it("names the id letter by letter", function()
    for _, other in ipairs { "my-avatar-2", "my-avata", "y-avatar", "MY-AVATAR", "myavatar", "my_avatar", "my avatar",
      "x" } do
      for _, written in ipairs(WRITTEN) do assert_unknown(texts_about("look", written:format(other))) end
    end
  end)

  it("has no id in half a pair of quotes, nor in two pairs", function()
    for _, written in ipairs { "'my-avatar", "my-avatar'", "(my-avatar", "my-avatar)", "'my-avatar\"", "('my-avatar')",
      "''my-avatar''", "( my-avatar )", "<my-avatar>", "[my-avatar]", "my-avatar,", ":my-avatar", "my-avatar:" } do
      assert_unknown(texts_about("look", written))
    end
  end)

  it("may speak of a resource, but of the one with the id alone", function()
    for _, operation in ipairs { LOOKS, GROUPS } do
      for _, written in ipairs(WRITTEN) do
        assert_known(texts_about("resource", written:format(ID)), ID, operation)
        assert_unknown(texts_about("resource", written:format "another"), ID, operation)
      end
      assert_unknown(texts_about "resource", ID, operation)
      assert_unknown(texts_about "resources", ID, operation)
    end
  end)

  it("says nothing of another operation's nouns", function()
    for _, noun in ipairs { "avatar group", "photo avatar group", "group" } do
      assert_unknown(texts_about(noun))
      assert_unknown(texts_about(noun, ID))
    end
    for _, noun in ipairs { "look", "avatar look", "photo avatar", "photo avatar look" } do
      assert_unknown(texts_about(noun), ID, GROUPS)
      assert_unknown(texts_about(noun, ID), ID, GROUPS)
    end
    for _, noun in ipairs { "voice", "video", "workspace", "user", "template", "talking photo", "team avatar", "route",
      "avatar voice", "endpoint", "page", "" } do
      assert_unknown(texts_about(noun))
      assert_unknown(texts_about(noun, ID))
    end
  end)

  it("is read without regard to case, to how wide its spaces are, and to a period at its end", function()
    for _, text in ipairs { "look not found", "the requested look my-avatar does not exist",
      "no avatar found with id 'my-avatar'", "no such photo avatar" } do
      local upper = text:upper():gsub("MY%-AVATAR", ID)
      assert_known { text, upper, text .. ".", text .. " .", "  " .. text .. "\n", "\t" .. text .. ".  ",
        (text:gsub(" ", "  ")), (text:gsub(" ", "\r\n\t")), (text:gsub(" ", (" "):rep(10000))) }
      assert_unknown { text .. "..", text .. "!", "." .. text, (text:gsub(" ", "")), (text:gsub(" ", "_")),
        (text:gsub(" ", ".")), (text:gsub(" ", "\u{A0}")) }
    end
  end)

  it("is known as a whole alone", function()
    for _, text in ipairs { "avatar not found", "look my-avatar not found", "no such avatar", "forbidden",
      "unauthorized", "no look with id my-avatar" } do
      for _, whole in ipairs { "error: %s", "%s: my-avatar", "%s for this session", "background for %s",
        "%s, try again", "%s. Sorry.", "a %s", '"%s"', "(%s)", "not %s", "%s or deleted", "%s yet", "%s-", "x%s",
        "%sx" } do
        assert_unknown { whole:format(text) }
      end
    end
  end)

  it("is nothing that only looks like one", function()
    assert_unknown {
      "", " ", ".", "not found", "is not found", "found", "avatar", "avatar found", "avatars", "my-avatar",
      "my-avatar not found", "'my-avatar' not found", "the my-avatar not found", "avatar is found",
      "avatar will not be found", "avatar not found not found", "avatar cannot be found", "avatar missing",
      "avatar has not been found", "avatar was deleted", "avatar not foun", "avatar no found", "avatarnot found",
      "avatares not found", "avatarss not found", "looks's not found", "photo not found", "photo look not found",
      "avatar photo not found", "the the look not found", "requested the look not found", "this look not found",
      "your avatar not found", "an avatar was not found", "look id not found", "look id my-avatar not found",
      "look with my-avatar not found", "look with id not found", "look with id: my-avatar not found",
      "look my-avatar my-avatar not found", "my-avatar look not found", "look not found my-avatar",
      "look not found: my-avatar", "no look", "no looks", "no look found", "no look my-avatar",
      "no avatar found with id", "no avatar with id", "no avatar with id another", "no the avatar with id my-avatar",
      "no such", "no such look found", "the no such look", "no such look does not exist", "no such my-avatar",
      "such look", "Route DELETE:/v2/photo_avatar/my-avatar not found", "Endpoint /v2/photo_avatar not found",
      "Workspace of my-avatar not found", "avatar_not_found", "forbid", "forbidden look", "not forbidden",
      "unauthorised", "unauthorized key", "403 forbidden",
    }
  end)

  it("is told by the id in whatever way that is written", function()
    for _, id in ipairs { "avatar", "look", "not", "found", "with", "id", "no", "such", "the", "s", "is", "a.", "...",
      "-", "resource", "avatars", "0123456789abcdef0123456789abcdef", ("x"):rep(256) } do
      for _, written in ipairs(WRITTEN) do
        assert_known(texts_about("photo avatar", written:format(id)), id)
        assert_known(texts_about("resource", written:format(id)), id)
      end
      assert_known(texts_about "avatar", id)
      assert_unknown({ "team avatar not found", "not found", "the voice not found", "found not found" }, id)
    end
    assert_known({ "no such look a.", "no such look a..", "look 'a.' not found." }, "a.")
    assert_known({ "no such look a." }, "a")
    assert_unknown({ "look a. not found", "no such look a.." }, "a")
  end)

  it("may be that something is forbidden or unauthorized", function()
    assert_kind("forbidden", { "forbidden", "Forbidden", "FORBIDDEN.", " forbidden\n" })
    assert_kind("unauthorized", { "unauthorized", "Unauthorized", "Unauthorized." })
  end)

  it("may be of any length", function()
    assert_unknown { ("avatar "):rep(10000), ("x"):rep(100000), (" "):rep(100000), "look not found" .. ("."):rep(1000) }
    assert_known { (" "):rep(100000) .. "look not found" .. ("\n"):rep(100000) }
  end)
end)
