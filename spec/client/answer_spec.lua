-- What a body says, as the verdict takes it and passes it on. Whole answers are in spec/support/answers.lua, the known
-- messages in a spec of their own.

local verdicts = require "spec.support.verdicts"

local judge, answer, with = verdicts.judge, verdicts.answer, verdicts.with
local assert_judged, assert_all = verdicts.assert_judged, verdicts.assert_all

local NOT_FOUND = verdicts.NOT_FOUND

-- What the body says of itself: a 404 is "retired" without the service's envelope.
local function assert_enveloped(bodies)
  for _, body in ipairs(bodies) do assert_judged("rejected not_deleted", answer(404, body)) end
end

local function assert_bare(bodies)
  for _, body in ipairs(bodies) do assert_judged("retired not_deleted", answer(404, body)) end
end

describe("an answer's code", function()
  it("is passed on as the service gave it", function()
    for _, place in ipairs { '{"code":%s}', '{"error":{"code":%s}}' } do
      assert.equal(400562, judge(answer(403, place:format("400562"))).code)
      assert.equal("400562", judge(answer(403, place:format('"400562"'))).code)
      assert.equal("Strange", judge(answer(403, place:format('"Strange"'))).code)
      assert.equal("internal_error", judge(answer(404, place:format('"internal_error"'))).code)
      assert.is_nil(judge(answer(403, place:format("[400562]"))).code)
    end
    assert.equal("internal_error", judge(answer(404, NOT_FOUND)).code)
  end)

  it("is of two the first that is listed, else the first", function()
    for expected, body in pairs {
      [400562] = '{"code":400562,"error":{"code":"strange"}}',
      forbidden = '{"code":123456,"error":{"code":"forbidden"}}',
      ["400562"] = '{"code":"400562","error":{"code":"internal_error","message":"forbidden"}}',
      quota_exceeded = '{"code":400562,"error":{"code":"quota_exceeded"}}',
      strange = '{"code":123456,"error":{"code":"strange"}}',
      internal_error = '{"code":123456,"error":{"code":"internal_error"}}',
      [7123] = '{"code":7123,"error":{"code":404}}',
    } do
      assert.equal(expected, judge(answer(400, body)).code)
    end
  end)

  it("is no HTTP status that a framework repeats, and no text with a space or without a letter", function()
    for _, code in ipairs { "0", "1", "99", "101", "200", "404", "404.5", "999", "999.5", "-100", "-400144", "100.5",
      '"404"', '"200"', '"0"', '"99"', '"999"', '"0404"', '""', '" "', '"-1"', '"1.5"', '"Not Found"', '"40x 44"',
      '"avatar_not_found "', '"\\n"', "true", "false", "null", "[]", "{}", '["forbidden"]' } do
      for _, place in ipairs { '{"code":%s}', '{"code":%s,"message":"avatar not found"}', '{"error":{"code":%s}}' } do
        local body = place:format(code)
        assert.is_nil(judge(answer(400, body)).code, body)
        assert_bare { body }
        assert_judged("protocol unknown in_doubt", answer(200, body))
      end
    end
  end)

  it("is a word, or a number of 1,000 and more, however that is written", function()
    for _, code in ipairs { "1000", '"1000"', "7123", "1e3", "1000.5", "400144.5", "1e300", '"01000"', '"strange"',
      '"a"', '"Not-Found"', '"1e2"', '"E404"', '"AVATAR_NOT_FOUND"', '"99999999999999999999"', '"400144x"' } do
      assert_enveloped { '{"error":{"code":' .. code .. "}}" }
      assert_judged("rejected unknown in_doubt", answer(200, '{"error":{"code":' .. code .. "}}"))
      assert_judged("rejected unknown in_doubt", answer(200, '{"code":' .. code .. ',"data":1,"error":null}'))
    end
  end)
end)

describe("an answer's words:", function()
  it("the service's message, wherever it stands and unchanged", function()
    for _, place in ipairs(verdicts.MESSAGE_PLACES) do
      assert.equal("It Went\nWrong: é", judge(answer(400, place:format('"It Went\\nWrong: é"'))).words)
    end
  end)

  it("of several messages the first that is known, else the first", function()
    local body = '{"error":{"message":"Oops"},"message":"Photo avatar not found","msg":"forbidden"}'
    local verdict = judge(answer(400, body))
    assert.equal("Photo avatar not found", verdict.words)
    assert.equal("not_found", verdict.kind)
    assert.equal("Hm", judge(answer(400, '{"error":{"message":""},"message":null,"msg":"Hm"}')).words)
    assert.equal("Oops", judge(answer(400, '{"message":"Oops","msg":"Photo avatar not found"}')).words)
  end)

  it("none where the service has none", function()
    for _, body in ipairs { "{}", "[]", '"forbidden"', '{"message":42,"msg":null,"error":{}}', '{"message":""}' } do
      assert.is_nil(judge(answer(400, body)).words, body)
    end
  end)
end)

describe("the service's envelope", function()
  it("is one with a listed code", function()
    for _, row in ipairs(verdicts.CODES) do
      for _, body in ipairs(verdicts.bodies_with_code(row[1])) do
        assert.is_false(judge(answer(404, body)).says_nothing, body)
      end
    end
  end)

  it("is one with a number as its code, a code or a message in its error, or an error beside data", function()
    assert_enveloped {
      '{"code":100}', '{"code":"100"}', '{"code":7123,"message":"x"}', '{"code":"7123"}',
      '{"error":{"code":"x"}}', '{"error":{"code":"not_found","message":"Not found"}}', '{"error":{"code":7123}}',
      '{"error":{"message":"x"}}', '{"error":{"message":"x","code":null}}', '{"error":{"message":"not found"}}',
      '{"error":"x","data":null}', '{"error":"Not Found","data":{}}', '{"error":"","data":null}',
    }
  end)

  it("is nothing else", function()
    assert_bare {
      "{}", "[]", "null", '"avatar not found"', "404", '[{"code":400144}]',
      '{"error":"avatar not found"}', '{"error":"Not Found","message":"avatar not found","statusCode":404}',
      '{"message":"avatar not found"}', '{"msg":"look not found"}', '{"detail":"avatar not found"}',
      '{"code":404,"message":"avatar not found"}', '{"code":"NotFound","message":"avatar not found"}',
      '{"code":"resource_not_found","message":"look my-avatar not found"}',
      '{"error":{"code":404,"message":"avatar not found"}}', '{"error":{"code":"404","message":"look not found"}}',
      '{"error":{"code":false,"message":"avatar not found"}}', '{"error":{"code":"","message":"avatar not found"}}',
      '{"error":{"status":404}}', '{"error":{}}', '{"error":{"message":null}}', '{"error":{"message":["x"]}}',
      '{"error":["avatar not found"],"data":null}', '{"error":true,"data":null}', '{"error":null,"data":null}',
      '{"errors":[{"code":"avatar_not_found","message":"avatar not found"}]}', '{"data":{"id":"my-avatar"}}',
      '{"data":{"error":{"code":"avatar_not_found"}}}', '{"data":{"code":400144,"message":"avatar not found"}}',
      '{"error":{"error":{"code":"avatar_not_found"}}}', '{"error":{"errors":[{"code":"avatar_not_found"}]}}',
      '{"Code":400144,"Error":{"code":"avatar_not_found"}}', '{"ERROR":"avatar not found","DATA":null}',
      '{"error":{"Code":"avatar_not_found"}}', '{"response":{"code":400144}}',
    }
  end)

  it("makes a message count", function()
    for _, body in ipairs {
      '{"code":7123,"message":"Avatar not found"}', '{"code":7123,"msg":"Avatar not found"}',
      '{"code":7123,"error":"Avatar not found"}', '{"error":{"message":"Avatar not found"}}',
      '{"error":{"code":"x"},"message":"Avatar not found"}', '{"error":"Avatar not found","data":null}',
      '{"error":{"code":404,"message":"Avatar not found"},"code":7123}', '{"code":100,"message":"Avatar not found"}',
    } do
      assert_judged("not_found absent", answer(404, body))
    end
  end)
end)

describe("an object with a name twice at its top level", function()
  it("is no answer", function()
    assert_bare {
      '{"code":400144,"code":400144}', '{"error":{"code":"avatar_not_found"},"error":{"code":"avatar_not_found"}}',
      '{"code":400144,"x":1,"y":2,"x":3}', '{"code":400144,"a":{},"\\u0061":1}', '{"code":400144,"":1,"":1}',
    }
    assert_all("protocol unknown in_doubt", {
      '{"code":100,"code":100}', '{"code":400562,"code":100}', '{"data":{"id":"my-avatar"},"x":1,"x":1}',
      '{"code":100,"c\\u006fde":100}', '{"error":"forbidden","error":null,"data":1}',
    })
  end)

  it("is none whose names differ in case, nor one with such an object in it", function()
    assert_all("success deleted", { '{"code":100,"Code":7,"CODE":8}', '{"code":100,"x":{"a":1,"a":2}}' })
  end)

  it("is found among many, in time", function()
    local names = {}
    for number = 1, 19000 do names[number] = ('"n%d":0'):format(number) end
    local many = table.concat(names, ",")
    assert_judged("success deleted", answer(200, '{"code":100,' .. many .. "}"))
    assert_judged("protocol unknown in_doubt", answer(200, '{"code":100,' .. many .. ',"n7":0}'))
  end)
end)

describe("a 2xx says that it is deleted", function()
  it("by code 100", function()
    assert_all("success deleted", {
      '{"code":100}', '{"code":"100"}', '{"code":1e2}', '{"code":100.0}', '{"code":"0100"}', '{"code":100,"data":null}',
      '{"code":100,"error":null}', '{"code":100,"data":{"id":"my-avatar"},"warning":{"message":"forbidden"}}',
      '{"code":100,"message":"Success"}', '{"code":100,"data":[1,2]}', '{"code":100,"data":{"id":7}}',
    })
  end)

  it("by an error that is null beside data, without a code", function()
    assert_all("success deleted", {
      '{"error":null,"data":{}}', '{"error":null,"data":false}', '{"code":null,"error":null,"data":[]}',
      '{"error":null,"data":"x","message":"Everything not found"}',
    })
  end)

  it("by the id that was asked for, without a code and an error", function()
    assert_all("success deleted", {
      '{"data":{"id":"my-avatar"}}', '{"data":{"id":"MY-Avatar"}}', '{"data":{"id":"myavatar"}}',
      '{"data":{"id":"-m-y-a-v-a-t-a-r-"}}', '{"data":{"id":"my-avatar"},"code":null,"error":null}',
      '{"data":{"id":"my-avatar","message":"avatar not found","code":400562}}',
    })
  end)

  it("by nothing else", function()
    assert_all("protocol unknown in_doubt", {
      "{}", '{"data":null}', '{"data":false}', '{"data":"my-avatar"}', '{"data":["my-avatar"]}',
      '{"data":[{"id":"my-avatar"}]}', '{"id":"my-avatar"}', '{"data":{"Id":"my-avatar"}}',
      '{"data":{"look":{"id":"my-avatar"}}}', '{"error":null}', '{"message":"ok"}', '{"message":"deleted"}',
      '{"deleted":true}', '{"success":true}', '{"status":"deleted"}', '{"code":null}', '{"code":null,"data":null}',
      '{"CODE":100}', '{"data":{"code":100}}', '{"msg":"100"}', '{"code":[100]}', '{"code":{"code":100}}',
      '{"code":true,"error":null,"data":1}', '{"code":100.5}', '{"code":"100 "}',
      '{"code":0,"data":{"id":"my-avatar"}}', '{"code":200,"data":{"id":"my-avatar"}}', '{"code":-100}',
      '{"code":200,"error":null,"data":null}', '{"Error":null,"data":null}', "[]", '[{"code":100}]', '"deleted"',
      "100", "null", "true",
    })
    for _, status in ipairs(verdicts.BODY_DECIDES) do assert_judged("protocol unknown in_doubt", answer(status)) end
  end)
end)

describe("a 2xx about another id", function()
  it("is doubt, whatever else it says, and spoils the connection", function()
    for _, id in ipairs { "another", "my-avatar-2", "my-avata", "my_avatar", "my avatar", "", "-", "y-avatar",
      "my-avatar ", "my.avatar", "ｍy-avatar" } do
      for _, place in ipairs { '{"data":{"id":"%s"}}', '{"code":100,"data":{"id":"%s"}}',
        '{"error":null,"data":{"id":"%s"}}', '{"code":400144,"data":{"id":"%s"}}',
        '{"code":"strange","data":{"id":"%s"}}',
        '{"error":{"code":"internal_error","message":"avatar not found"},"data":{"id":"%s"}}' } do
        local body = place:format(id)
        assert_all("protocol unknown in_doubt", { body })
        local verdict = judge(answer(200, body))
        assert.is_true(verdict.spoils_connection)
        assert.is_false(verdict.from_service)
      end
    end
  end)

  it("is not one whose id differs in case and dashes alone", function()
    for id, written in pairs { ["0a1b-2c3d"] = "0A1B2C3D", ["0A1B2C3D"] = "0a1b-2c3d", ["-"] = "-", ["--"] = "--",
      a = "-A-" } do
      local verdict = judge(answer(200, ('{"data":{"id":"%s"}}'):format(written), { id = id }))
      assert.is_nil(verdict.kind)
      assert.is_false(verdict.spoils_connection)
    end
    for id, written in pairs { ["-"] = "--", ["--"] = "", ["---"] = "-", a = "b", ["a.b"] = "a-b", ["a_b"] = "ab" } do
      assert.equal("protocol", judge(answer(200, ('{"data":{"id":"%s"}}'):format(written), { id = id })).kind)
    end
  end)

  it("is one with a string alone", function()
    for _, id in ipairs { "7", "null", "true", "{}", '["another"]' } do
      local verdict = judge(answer(200, '{"code":100,"data":{"id":' .. id .. "}}"))
      assert.is_nil(verdict.kind)
      assert.is_false(verdict.spoils_connection)
    end
  end)
end)

describe("a 2xx says otherwise", function()
  -- What is added to a body that says that it is deleted.
  local OTHERWISE = {
    '"error":{}', '"error":""', '"error":"x"', '"error":false', '"error":0', '"error":[]', '"error":{"code":100}',
    '"error":{"code":"strange"}', '"error":{"code":"internal_error","message":"x"}', '"error":{"code":"forbidden"}',
    '"errors":[{"message":"no"}]', '"errors":["x"]', '"errors":[null]', '"errors":{"id":"x"}', '"errors":"x"',
    '"errors":true', '"errors":2', '"success":false', '"deleted":false',
    '"status":400', '"status":404', '"status":500', '"status":400.5', '"status":"error"', '"status":"ERROR"',
    '"status":"err"', '"status":"Errored"', '"status":"fail"', '"status":"Failed"', '"status":"failure"',
    '"status":"failing"', '"status":"500"', '"message":"photo avatar not found"', '"message":"Forbidden"',
    '"message":"No such avatar."', '"msg":"look my-avatar does not exist"', '"msg":"Unauthorized"',
    '"message":"x","msg":"avatar not found"',
  }

  it("by an error, errors, a denial, a status, or a known message", function()
    local bodies = {}
    for _, more in ipairs(OTHERWISE) do
      bodies[#bodies + 1] = '{"code":100,' .. more .. "}"
      bodies[#bodies + 1] = '{"data":{"id":"my-avatar"},"code":100,' .. more .. "}"
      if not more:find('"error"', 1, true) then
        bodies[#bodies + 1] = '{"data":{"id":"my-avatar"},' .. more .. "}"
        bodies[#bodies + 1] = '{"error":null,"data":1,' .. more .. "}"
      end
    end
    for _, denial in ipairs { '"success":false', '"deleted":false' } do
      bodies[#bodies + 1] = '{"code":100,"data":{' .. denial .. "}}"
      bodies[#bodies + 1] = '{"data":{"id":"my-avatar",' .. denial .. "}}"
      bodies[#bodies + 1] = '{"error":null,"data":{' .. denial .. "}}"
    end
    assert_all("protocol unknown in_doubt", bodies)
  end)

  it("by nothing else", function()
    for _, more in ipairs { '"errors":[]', '"errors":{}', '"errors":null', '"errors":""', '"errors":0',
      '"errors":false', '"success":true', '"success":null', '"deleted":true', '"status":200', '"status":399',
      '"status":"ok"', '"status":"OK"', '"status":null', '"status":"deleted"', '"status":"no error"',
      '"status":"interrupted"', '"status":"er"', '"status":"fai"', '"status":"200"', '"status":{"code":500}',
      '"message":"not found"', '"message":"background for avatar not found"',
      '"message":"Service is under maintenance"', '"message":"forbidden fruit"', '"msg":["avatar not found"]',
      '"warning":{"message":"avatar not found"}', '"detail":"avatar not found"', '"x":{"error":"x"}',
      '"message":"voice not found"' } do
      assert_all("success deleted", { '{"code":100,' .. more .. "}", '{"data":{"id":"my-avatar"},' .. more .. "}",
        '{"error":null,"data":1,' .. more .. "}" })
    end
    assert_all("success deleted", {
      '{"code":100,"data":{"status":"failed","errors":[1],"error":"x","message":"look not found"}}',
    })
  end)

  it("alone, and is of the kind of its code or its message; else doubt", function()
    for expected, bodies in pairs {
      ["forbidden not_deleted"] = { '{"code":400562,"message":"avatar not found"}',
        '{"code":400562,"error":null,"data":1}',
        '{"error":{"code":"forbidden"},"data":{"id":"my-avatar"}}', '{"error":{"message":"Forbidden."}}' },
      ["not_found absent"] = { '{"code":"400144","message":"forbidden"}', '{"code":7123,"message":"look not found"}',
        '{"error":"photo avatar not found","data":null}', '{"code":"internal_error","msg":"Look Not Found"}', NOT_FOUND,
        '{"code":400144,"data":null,"error":null,"success":true}' },
      ["unauthorized not_deleted"] = { '{"error":{"code":"internal_error","message":"Unauthorized"}}' },
      ["conflict not_deleted retry"] = { '{"error":{"code":"request_in_progress"}}', '{"code":"conflict"}' },
      ["rate_limited not_deleted retry"] = { '{"code":400123}', '{"error":{"code":"rate_limit_exceeded"}}' },
      ["server unknown in_doubt"] = { '{"error":{"code":"internal_error","message":"x"}}',
        '{"code":"service_unavailable"}',
        '{"code":400562,"error":{"code":"internal_error","message":"odd"}}' },
      ["rejected unknown in_doubt"] = { '{"code":7123}', '{"error":{"code":"strange","message":"x"}}',
        '{"code":"strange","data":{"id":"my-avatar"}}', '{"error":{"code":"not_found","message":"Not found"}}',
        '{"error":{"code":"avatar_group_not_found"}}' },
      ["protocol unknown in_doubt"] = { '{"success":false,"data":null}',
        '{"data":null,"errors":[{"message":"Unauthorized"}]}',
        '{"status":"error","data":null,"message":"internal error, try again"}', '{"data":{"deleted":false}}',
        '{"data":null,"message":"Service is under maintenance"}', '{"message":"background for avatar not found"}',
        '{"message":"photo avatar not found"}', '{"message":"forbidden"}', '{"error":"avatar not found"}',
        '{"error":{"code":404,"message":"avatar not found"}}', '{"data":null,"message":"avatar not found"}',
        '{"error":false,"data":1}', '{"error":["avatar not found"]}', '{"error":{"msg":"forbidden"}}' },
    } do
      assert_all(expected, bodies)
    end
  end)

  it("and is doubt where the code is the server's, with code 100 or without", function()
    assert_judged("protocol unknown in_doubt", answer(200, '{"code":100,"error":{"code":"internal_error"}}'))
    assert_judged("success presumed_deleted in_doubt", with(answer(200, NOT_FOUND), { in_doubt = true }))
  end)
end)
