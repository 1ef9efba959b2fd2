-- lua/heygen/command/output.lua: what is told of an id.

local cjson = require "cjson"
local heygen = require "heygen"
local output = require "heygen.command.output"

local ERR = {
  kind = "server", outcome = "unknown", message = "try\27 later", status = 503, code = 7, request_id = "req-1",
  attempts = 3, elapsed = 0.5, hint = "wait", operation = "delete_photo_avatar", avatar_id = "a", body = "x",
}

describe("the output for people", function()
  local plain = output.new {}

  it("has one readable line for a failure", function()
    assert.equal("unknown: a: server: try  later (status 503, code 7, request req-1); wait",
      plain:line(output.record("a", "unknown", ERR)))
    assert.equal("not deleted: b: connection: refused: the cause",
      plain:line(output.record("b", "not_deleted", { kind = "connection", message = "refused", cause = "the cause" })))
  end)

  it("tells a hint once", function()
    local fresh = output.new {}
    local function line(id, hint)
      return fresh:line(output.record(id, "absent", { kind = "not_found", message = "no", hint = hint }))
    end
    assert.equal("absent: a: not_found: no; check it", line("a", "check it"))
    assert.equal("absent: b: not_found: no", line("b", "check it"))
    assert.equal("absent: c: not_found: no; or that", line("c", "or that"))
    assert.equal("absent: d: not_found: no", line("d", "check it"))
  end)

  it("names flags in hints, never Lua's options", function()
    assert.equal("x: y; try --api-version v3",
      output.reason_text { kind = "x", message = "y", hint = 'try api_version = "v3"' })
    assert.equal("x: y", output.reason_text { kind = "x", message = "y", hint = "call again with maybe_sent = true" })
    assert.equal("x: y; try --api-version v3", output.reason_text {
      kind = "x", message = "y", hint = 'call again with maybe_sent = true: a not found; try api_version = "v3"',
    })
    assert.equal("interrupted", output.reason_text { kind = "interrupted", message = "interrupted" })
    assert.is_nil(output.record("a", "unknown", { hint = "call again with maybe_sent = true" }).hint)
  end)

  it("says of an error what is wrong, and not where the program called the module", function()
    local _, err = pcall(heygen.new, { api_key = "k", base_url = "ftp://x" })
    local text = output.error_text(err)
    assert.matches("^invalid_argument: %-%-base%-url", text)
    assert.not_matches("%.lua", text)
    assert.equal("x  [31m", output.error_text "x\n\27[31m")
  end)

  it("has none for what is gone, nor for what was not tried", function()
    assert.is_nil(plain:line(output.record("a", "deleted", { status = 200 })))
    assert.is_nil(plain:line(output.record("a", "presumed_deleted", { status = 404 })))
    assert.is_nil(plain:line(output.record("a", "not_attempted")))
  end)

  it("has one for what is absent, unless that is fine", function()
    local record = output.record("a", "absent", { kind = "not_found", message = "no such avatar" })
    assert.equal("absent: a: not_found: no such avatar", plain:line(record))
    assert.is_nil(output.new({ missing_ok = true }):line(record))
  end)

  it("tells what a dry run would do", function()
    assert.equal("would delete a", plain:line(output.record("a", "not_attempted", { dry_run = true })))
  end)
end)

describe("the output as JSON", function()
  local json = output.new { json = true }

  it("has an object for each id, with what is known", function()
    local line = json:line(output.record("a", "unknown", ERR))
    assert.matches('^{"id":"a","outcome":"unknown","kind":"server",', line)
    assert.same({
      id = "a", outcome = "unknown", kind = "server", message = "try\27 later", status = 503, code = 7, hint = "wait",
      request_id = "req-1", attempts = 3, elapsed = 0.5,
    }, cjson.decode(line))
    assert.equal('{"id":"a","outcome":"not_attempted"}', json:line(output.record("a", "not_attempted")))
    assert.equal('{"id":"a","outcome":"deleted","earlier":true}',
      json:line(output.record("a", "deleted", { earlier = true })))
  end)
end)
