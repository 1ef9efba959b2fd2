-- What a body says, as the verdict passes it on. The kinds that codes and messages stand for are in the verdict's spec.

local verdicts = require "spec.support.verdicts"

local NOT_FOUND = verdicts.NOT_FOUND
local judge, answer = verdicts.judge, verdicts.answer

describe("a statement's words:", function()
  it("the service's message, wherever it stands and unchanged", function()
    for _, place in ipairs(verdicts.MESSAGE_PLACES) do
      assert.equal("It Went\nWrong: é", judge(answer(400, place:format('"It Went\\nWrong: é"'))).words)
    end
  end)

  it("of several messages the one that decides", function()
    local verdict = judge(answer(400, '{"error":{"message":"Oops"},"message":"Photo avatar not found","msg":"Hm"}'))
    assert.equal("Photo avatar not found", verdict.words)
    assert.equal("Hm", judge(answer(400, '{"error":{"message":""},"message":null,"msg":"Hm"}')).words)
  end)

  it("none where the service has none", function()
    for _, body in ipairs { "{}", "[]", '"forbidden"', '{"message":42,"msg":null,"error":{}}', '{"message":""}' } do
      assert.is_nil(judge(answer(400, body)).words, body)
    end
  end)

  it("the code as the service gave it", function()
    for _, place in ipairs { '{"code":%s}', '{"error":{"code":%s}}' } do
      assert.equal(400562, judge(answer(403, place:format("400562"))).code)
      assert.equal("400562", judge(answer(403, place:format('"400562"'))).code)
      assert.equal("Strange", judge(answer(403, place:format('"Strange"'))).code)
      assert.equal("internal_error", judge(answer(404, place:format('"internal_error"'))).code)
      assert.is_nil(judge(answer(403, place:format("[400562]"))).code)
    end
    assert.equal("internal_error", judge(answer(404, NOT_FOUND)).code)
  end)

  it("of two codes the one that decides", function()
    assert.equal(400562, judge(answer(400, '{"code":400562,"error":{"code":"strange"}}')).code)
    assert.equal("forbidden", judge(answer(400, '{"code":123,"error":{"code":"forbidden"}}')).code)
    assert.equal(400562, judge(answer(400, '{"code":400562,"error":{"code":"strange","message":"forbidden"}}')).code)
  end)
end)
