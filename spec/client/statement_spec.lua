-- What a body says, as the verdict takes it and passes it on. The kinds that codes and messages stand for are in the
-- verdict's spec.

local verdicts = require "spec.support.verdicts"

local NOT_FOUND = verdicts.NOT_FOUND
local judge, answer = verdicts.judge, verdicts.answer
local assert_judged, assert_all = verdicts.assert_judged, verdicts.assert_all

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

describe("a statement", function()
  it("reads the last of equal names, and names to the letter", function()
    assert_all("success deleted", {
      '{"code":400562,"code":100}', '{"error":"forbidden","error":null,"data":1}',
      '{"code":400562,"code":null,"data":1}', '{"Code":400562,"ERROR":"x","code":100}',
    })
    assert_all("forbidden not_deleted", { '{"code":100,"code":400562}', '{"data":1,"error":null,"error":"forbidden"}' })
    assert_all("not_found absent", { '{"message":"forbidden","message":"look not found"}' })
    assert_all("protocol unknown in_doubt", { '{"CODE":100}', '{"Data":1}', '{"code":100,"code":null}' })
  end)

  it("reads the last of equal names in a 4xx too", function()
    assert_judged("forbidden not_deleted", answer(404, '{"code":400144,"code":400562}'))
    assert_judged("retired not_deleted", answer(404, '{"code":400144,"code":null}'))
    assert_judged("not_found absent", answer(403, '{"error":{"code":"forbidden"},"error":{"code":"avatar_not_found"}}'))
  end)

  it("takes a code, an error and a message of a wrong type for what they are", function()
    assert_all("protocol unknown in_doubt", {
      '{"code":true,"data":1}', '{"code":[100],"data":1}', '{"code":{},"data":1}', '{"code":[400562]}',
      '{"error":false,"data":1}', '{"error":0,"data":1}', '{"error":[],"data":1}', '{"code":100,"error":false}',
      '{"error":["avatar not found"]}', '{"message":["avatar not found"]}', '{"msg":{"message":"forbidden"}}',
      '{"error":{"message":42}}', '{"error":{"message":{"message":"forbidden"}}}',
    })
  end)

  it("looks for messages in their places alone, and for those alone", function()
    assert_all("success deleted", { '{"data":{"message":"avatar not found","code":400562}}' })
    assert_all("protocol unknown in_doubt", { '{"detail":"avatar not found"}', '{"error":{"msg":"forbidden"}}' })
    for _, text in ipairs(verdicts.NO_MESSAGES) do
      assert_all("protocol unknown in_doubt", verdicts.bodies_with_message(text))
    end
  end)
end)
