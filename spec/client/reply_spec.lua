local probe = require "heygen_probe"

local KEY = "secret-key-0123456789"

local FIELD = { ["x-request-id"] = "request_id", deprecation = "deprecation", sunset = "sunset",
  ["retry-after"] = "retry_after" }
local LONGEST_FIELD, MOST_HEADER_BYTES, QUOTE_BYTES = 255, 64 * 1024, 1024

---What is made of these header lines, without their ends, and a body.
local function reply(lines, body, key)
  local ended = {}
  for i, line in ipairs(lines) do ended[i] = line .. "\r\n" end
  return probe.reply(ended, body, key)
end

---What is made of an answer with one more header.
local function with_header(line)
  return reply { "HTTP/1.1 200 OK", line, "" }
end

local function with_body(body, key)
  return reply({ "HTTP/1.1 200 OK", "" }, body, key)
end

describe("the headers of a reply", function()
  it("are none before the first line", function()
    assert.same({ lines = 0, status = 0, complete = false, received = false, oversized = false, header_bytes = 0 },
      reply {})
  end)

  it("give the status, and are complete with the blank line", function()
    local answer = reply { "HTTP/1.1 404 Not Found", "content-type: text/html" }
    assert.equal(404, answer.status)
    assert.is_true(answer.received)
    assert.is_false(answer.complete)
    answer = reply { "HTTP/1.1 404 Not Found", "content-type: text/html", "" }
    assert.equal(404, answer.status)
    assert.is_true(answer.complete)
  end)

  it("have the blank line also where its line end is bare", function()
    assert.is_true(probe.reply({ "HTTP/1.1 200 OK\n", "\n" }).complete)
  end)

  it("give the status of every form of status line", function()
    for line, status in pairs { ["HTTP/1.1 200"] = 200, ["HTTP/1.0 503 x"] = 503, ["HTTP/2 204 "] = 0,
      ["HTTP/1.1 999 ?"] = 999, ["HTTP/1.1 000"] = 0, ["HTTP/1.1 20"] = 20, ["HTTP/1.1"] = 0, ["HTTP/1.1 x"] = 0,
      ["HTTP/1.1 "] = 0, ["HTTP/3.1 200 OK"] = 0, ["HTTP/2.0 200"] = 0, ["HTTP/10 200"] = 0 } do
      assert.equal(status, reply({ line }).status, line)
    end
  end)

  it("stay out of the status where it has too many digits", function()
    assert.is_true(reply({ "HTTP/1.1 " .. ("2"):rep(100) }).status > 999)
  end)

  it("of an interim answer are forgotten at the next status line", function()
    local interim = { "HTTP/1.1 103 Early Hints", "x-request-id: early", "sunset: early", "" }
    local answer = reply(interim)
    assert.equal(103, answer.status)
    assert.equal("early", answer.request_id)
    interim[#interim + 1] = "HTTP/1.1 204 No Content"
    answer = reply(interim)
    assert.equal(204, answer.status)
    assert.is_false(answer.complete)
    assert.is_nil(answer.request_id)
    assert.is_nil(answer.sunset)
    answer = reply { "HTTP/1.1 100 Continue", "", "HTTP/1.1 200 OK", "x-request-id: final", "" }
    assert.equal(200, answer.status)
    assert.is_true(answer.complete)
    assert.equal("final", answer.request_id)
  end)

  it("that are kept are these four, whatever the case of their names", function()
    for name, field in pairs(FIELD) do
      local capitalized = name:gsub("%f[%a]%l", string.upper)
      for _, written in ipairs { name, name:upper(), capitalized } do
        assert.equal("value", with_header(written .. ": value")[field], written)
      end
    end
    for _, name in ipairs { "x-request-ids", "x-request-i", "x_request_id", "request-id", "x-sunset", "sunset ",
      " sunset" } do
      local answer = with_header(name .. ": value")
      for _, field in pairs(FIELD) do assert.is_nil(answer[field], name) end
    end
  end)

  it("are kept without blanks around them", function()
    for _, text in ipairs { "x-request-id:a b", "x-request-id: a b", "x-request-id: \t a b \t " } do
      assert.equal("a b", with_header(text).request_id, text)
    end
    assert.equal("Sat, 31 Oct 2026 00:00:00 GMT", with_header("Sunset: Sat, 31 Oct 2026 00:00:00 GMT").sunset)
    for _, text in ipairs { "x-request-id:", "x-request-id: ", "x-request-id", "x-request-id a" } do
      assert.is_nil(with_header(text).request_id, text)
    end
  end)

  it("are kept whole or not at all", function()
    local longest = ("x"):rep(LONGEST_FIELD)
    for name, field in pairs(FIELD) do
      assert.equal(longest, with_header(name .. ": " .. longest .. " ")[field])
      assert.is_nil(with_header(name .. ": " .. longest .. "x")[field])
      assert.is_nil(with_header(name .. ": " .. ("x"):rep(10000))[field])
    end
  end)

  it("that do not tell where the body ends end the answer", function()
    local function is_read(...)
      local lines = { "HTTP/1.1 200 OK", ... }
      return reply(lines).lines == #lines
    end
    assert.is_true(is_read("Content-Length: 50", "content-length:50", ""))
    assert.is_true(is_read("Content-Length: 50", "", "HTTP/1.1 200 OK", "Content-Length: 60", ""))
    assert.is_true(is_read("Content-Length: 50", "", "Content-Length: 60"), "a trailer")
    assert.is_false(is_read("Content-Length: 50", "Content-Length: 60"))
    assert.is_false(is_read("Content-Length: 50", "content-length: 5"))
    assert.is_true(is_read("Transfer-Encoding: Chunked", ""))
    assert.is_true(is_read("transfer-encoding: identity", ""))
    for _, coding in ipairs { "gzip, chunked", "gzip", "chunked, gzip", "deflate", "" } do
      assert.is_false(is_read("Transfer-Encoding: " .. coding), coding)
    end
  end)

  it("do not run into each other", function()
    local lines = { "HTTP/1.1 200 OK" }
    for name in pairs(FIELD) do lines[#lines + 1] = name .. ": " .. name:rep(100):sub(1, LONGEST_FIELD) end
    local answer = reply(lines)
    for name, field in pairs(FIELD) do assert.equal(name:rep(100):sub(1, LONGEST_FIELD), answer[field]) end
  end)

  it("that come after the body change nothing", function()
    local answer = reply { "HTTP/1.1 200 OK", "x-request-id: head", "", "x-request-id: trailer", "sunset: trailer", "" }
    assert.is_true(answer.complete)
    assert.equal("head", answer.request_id)
    assert.is_nil(answer.sunset)
  end)

  it("are 64 KiB at most, interim answers included", function()
    local status = "HTTP/1.1 200 OK\r\n"
    local filler = "a: " .. ("x"):rep(1024 - 5) .. "\r\n"
    local lines, size = { status }, #status
    while size + #filler <= MOST_HEADER_BYTES do
      lines[#lines + 1], size = filler, size + #filler
    end
    lines[#lines + 1] = "a:" .. ("x"):rep(MOST_HEADER_BYTES - size - 4) .. "\r\n"
    local answer = probe.reply(lines)
    assert.equal(#lines, answer.lines)
    assert.equal(MOST_HEADER_BYTES, answer.header_bytes)
    assert.is_false(answer.oversized)

    lines[#lines + 1] = "\r\n"
    answer = probe.reply(lines)
    assert.equal(#lines - 1, answer.lines)
    assert.is_true(answer.oversized)
    assert.is_false(answer.complete)

    local interim = {}
    for i = 1, 10000, 2 do interim[i], interim[i + 1] = "HTTP/1.1 103 Early Hints", "" end
    assert.is_true(reply(interim).oversized)
  end)

  it("are taken with any bytes in them but a NUL", function()
    assert.equal("\xff\x01", with_header("x-request-id: \xff\x01").request_id)
    assert.is_true(reply({ "\1\xff", ":", ": x", "" }).complete)
    for _, line in ipairs { "x-request-id: a\0b", "\0", "HTTP/1.1 200 OK\0" } do
      local answer = reply { "HTTP/1.1 200 OK", line, "" }
      assert.equal(1, answer.lines)
      assert.is_false(answer.complete)
    end
  end)

  it("end with an empty line alone", function()
    for _, line in ipairs { " ", "\t", " \t ", "\r", " \r" } do
      assert.is_false(reply({ "HTTP/1.1 204 No Content", "X-A: b", line }).complete, line)
    end
    assert.is_true(reply({ "HTTP/1.1 204 No Content", "X-A: b", " ", "" }).complete)
  end)

  it("go on in lines that begin with a blank", function()
    local function request_id_of(...)
      return reply({ "HTTP/1.1 200 OK", ... }).request_id
    end
    assert.equal("a b", request_id_of("x-request-id: a", "  b "))
    assert.equal("a b c", request_id_of("x-request-id: a", "\tb", " ", " c"))
    assert.equal("b", request_id_of("x-request-id:", " b"))
    assert.equal("a", request_id_of("x-request-id: a", "other: x", " x-request-id: b"))
    assert.is_nil(request_id_of("x-request-id: a", " " .. ("b"):rep(LONGEST_FIELD - 1)))
    assert.equal("7", reply({ "HTTP/1.1 429 Slow", "X-A: b", " ", "Retry-After: 7", "" }).retry_after)
    for _, line in ipairs { "Content-Length:", "Content-Length: 5", "Transfer-Encoding: chunked" } do
      assert.equal(2, reply({ "HTTP/1.1 200 OK", line, " 5", "" }).lines, line)
    end
  end)

  it("name the request's id in one of three ways, the first of them counts", function()
    local NAMES = { "X-Request-Id", "X-Amzn-Request-Id", "X-Amzn-Trace-Id" }
    for first = 1, 3 do
      assert.equal("id", with_header(NAMES[first] .. ": id").request_id)
      for second = first + 1, 3 do
        local one, other = NAMES[first] .. ": one", NAMES[second] .. ": other"
        assert.equal("one", reply({ "HTTP/1.1 200 OK", one, other }).request_id)
        assert.equal("one", reply({ "HTTP/1.1 200 OK", other, one }).request_id)
        assert.equal("other", reply({ "HTTP/1.1 200 OK", NAMES[first] .. ":", other }).request_id)
        assert.equal("other", reply({ "HTTP/1.1 200 OK", NAMES[first] .. ": " .. ("x"):rep(10000), other }).request_id)
      end
    end
    assert.equal("b", reply({ "HTTP/1.1 100 Go on", "x-request-id: a", "", "HTTP/1.1 200 OK", "x-amzn-trace-id: b" })
      .request_id)
  end)

  it("ask for the longest of several pauses", function()
    local FAR = "Fri, 01 Jan 2100 00:00:00 GMT"
    for _, values in ipairs { { "5", "70" }, { "70", "5" }, { "70", "soon" }, { "", "70" }, { "1.5", "70", "9" } } do
      local lines = { "HTTP/1.1 429 Slow down" }
      for i, value in ipairs(values) do lines[i + 1] = "Retry-After: " .. value end
      assert.equal("70", reply(lines).retry_after)
    end
    assert.equal(FAR, reply({ "HTTP/1.1 429 Slow down", "Retry-After: 70", "Retry-After: " .. FAR }).retry_after)
  end)
end)

describe("the body of a reply", function()
  it("is decoded where it is JSON, and an object is not quoted", function()
    local answer = with_body '{ "code" : 100 }'
    assert.equal('{"code":100}', answer.body)
    assert.is_nil(answer.quote)
    assert.is_nil(answer.cause)
  end)

  it("that is empty is none", function()
    local answer = with_body ""
    assert.is_nil(answer.body)
    assert.is_nil(answer.quote)
    assert.is_nil(answer.cause)
  end)

  it("that is JSON and no object is quoted", function()
    for _, text in ipairs { "[1]", '"x"', "null", "42" } do
      local answer = with_body(text)
      assert.equal(text, answer.body)
      assert.equal(text, answer.quote)
      assert.is_nil(answer.cause)
    end
  end)

  it("that is no JSON is quoted, and the cause says where it goes wrong", function()
    local answer = with_body "<html>"
    assert.is_nil(answer.body)
    assert.equal("<html>", answer.quote)
    assert.equal("expected a value at byte 1 of the body", answer.cause)
    assert.matches("at byte 12 of the body$", with_body('{"code":100x}').cause)
  end)

  it("is quoted up to 1 KiB", function()
    assert.equal(("x"):rep(QUOTE_BYTES), with_body(("x"):rep(QUOTE_BYTES)).quote)
    assert.equal(("x"):rep(QUOTE_BYTES), with_body(("x"):rep(QUOTE_BYTES + 1)).quote)
    assert.equal(("x"):rep(QUOTE_BYTES), with_body(("x"):rep(100000)).quote)
    assert.equal("a\0b", with_body("a\0b").quote)
  end)

  it("of an attempt that failed is quoted in the same way", function()
    assert.equal("", probe.quote("", KEY))
    assert.equal('{"code":1', probe.quote('{"code":1', KEY))
    assert.equal(("x"):rep(QUOTE_BYTES), probe.quote(("x"):rep(5000), KEY))
    assert.equal("bad ***!", probe.quote("bad " .. KEY .. "!", KEY))
  end)
end)

describe("the key in a reply", function()
  local function assert_hidden(answer)
    for name, value in pairs(answer) do
      if type(value) == "string" then assert.is_nil(value:find(KEY:sub(1, 8), 1, true), name .. ": " .. value) end
    end
  end

  it("is blotted out of a quote before that is cut", function()
    for before = QUOTE_BYTES - #KEY - 4, QUOTE_BYTES do
      local filler = ("x"):rep(before)
      local quote = with_body(filler .. KEY .. " and more", KEY).quote
      assert.equal((filler .. "*** and more"):sub(1, QUOTE_BYTES), quote)
    end
  end)

  it("is blotted out of the kept headers", function()
    for name, field in pairs(FIELD) do
      local answer = reply({ "HTTP/1.1 200 OK", name .. ": a " .. KEY .. " b", "" }, nil, KEY)
      assert.equal("a *** b", answer[field])
      assert_hidden(answer)
    end
  end)

  it("is blotted out of every name and text of a decoded body", function()
    local answer = with_body(('{"error":{"message":"key %s","%s":[["x%sx",{"a":"%s"}]]},"n":1}'):gsub("%%s", KEY), KEY)
    assert.equal('{"error":{"message":"key ***","***":[["x***x",{"a":"***"}]]},"n":1}', answer.body)
    assert_hidden(answer)
    assert.equal('"***"', with_body('"' .. KEY .. '"', KEY).body)
  end)

  it("that is short is blotted out of what is told apart from the body: its warning", function()
    for before, after in pairs {
      ['{"code":"a k7 b","warning":"a k7 b"}'] = '{"code":"a k7 b","warning":"a ** b"}',
      ['{"warning":{"message":"k7","k7":1,"v3_endpoint":"/k7"},"x":"k7"}'] =
        '{"warning":{"message":"**","k7":1,"v3_endpoint":"/**"},"x":"k7"}',
      ['["k7"]'] = '["k7"]',
    } do
      assert.equal(after, with_body(before, "k7").body)
    end
  end)

  it("that is short is not looked for in a decoded body, but elsewhere", function()
    local answer = reply({ "HTTP/1.1 200 OK", "x-request-id: code 7", "" }, '{"code":"code"}', "code")
    assert.equal('{"code":"code"}', answer.body)
    assert.equal("*** 7", answer.request_id)
    assert.equal("[***]", with_body("[code]", "code").quote)
  end)
end)
