--- Where the fuzzing begins: inputs by target. As a program, `lua5.4 spec/fuzz/seeds.lua FOLDER` writes each to a
--- file of its own below FOLDER/TARGET, as libFuzzer wants them.

local judged_answers = require "spec.support.answers"

local json_texts = {
  "", "null", "true", "[false]", "-0", "1.5e-7", "9007199254740993", "[1,[2,[3,[]]],{}]", '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
  '"\\u00e9\\ud83d\\ude00"', '"é€\u{1F600}"', '{"a":1,"a":null,"A":2}', '{"code":"100","data":{}}', "1e309", "01",
  '"\\ud83d"', '"\\u0000"', "\xEF\xBB\xBF1", "[1,]", '{"a"}', "1 2", '"\xED\xA0\x80"', "[" .. ("1"):rep(80) .. "]",
  "0." .. ("0"):rep(80) .. "1", ("["):rep(64) .. ("]"):rep(64), ("["):rep(65) .. ("]"):rep(65),
  ('{"a":'):rep(64) .. "1" .. ("}"):rep(64), "  {\t\"a\"\r\n:\n[ ] }  ",
}

-- The answers that the service gives, and some that it does not: status line and headers, then the body.
local answers = {
  { "HTTP/1.1 200 OK", '{"code":100,"data":null,"msg":null,"message":null}' },
  { "HTTP/1.1 200 OK", '{"data":{"id":"avatar"}}' },
  { "HTTP/1.1 200 OK", '{"error":null,"data":{}}' },
  { "HTTP/1.1 200 OK", '{"code":"100","data":null}' },
  { "HTTP/1.1 200 OK", '{"code":400562,"message":"forbidden"}' },
  { "HTTP/1.1 200 OK", "<html>It works!</html>" },
  { "HTTP/1.1 200 OK", '{"code":100,"data":nul' },
  { "HTTP/1.1 202 Accepted", '{"code":100,"data":null}' },
  { "HTTP/1.1 204 No Content", "" },
  { "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content", "" },
  { "HTTP/1.1 101 Switching Protocols", "" },
  { "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/", "" },
  { "HTTP/1.1 401 Unauthorized", '{"error":"Invalid API key","data":null}' },
  { "HTTP/1.1 404 Not Found", '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}' },
  { "HTTP/1.1 404 Not Found", '{"error":{"code":"avatar_not_found","message":"Avatar look not found","param":"id"}}' },
  { "HTTP/1.1 404 Not Found", '{"code":400144,"msg":"Look not found"}' },
  { "HTTP/1.1 404 Not Found", '{"message":"Avatar not found","statusCode":404}' },
  { "HTTP/1.1 404 Not Found", '{"code":"NotFound","error":"Avatar not found"}' },
  { "HTTP/1.1 404 Not Found", '{"error":{"code":404,"message":"Avatar not found"}}' },
  { "HTTP/1.1 404 Not Found", '{"error":{"code":"x","message":"Avatar not found for this session"}}' },
  { "HTTP/1.1 404 Not Found", '{"error":{"code":"x","message":"Background for avatar not found"}}' },
  { "HTTP/1.1 404 Not Found", '{"error":{"code":"x","message":"No such avatar my-avatar-2"}}' },
  { "HTTP/1.1 404 Not Found", '{"error":{"code":"x","message":"Look my-ava not found"}}' },
  { "HTTP/1.1 404 Not Found", "<!doctype html>" },
  { "HTTP/1.1 408 Request Timeout", "" },
  { "HTTP/1.1 410 Gone", "{}" },
  { "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7", '{"code":400123,"message":"slow down"}' },
  { "HTTP/1.1 429 Too Many Requests", '{"error":{"code":"trial_limit_exceeded"}}' },
  { "HTTP/1.1 500 Oops\r\nx-request-id: 1", '{"code":400144,"message":"avatar not found"}' },
  { "HTTP/1.1 503 Unavailable", "" },
  { "HTTP/1.1 999 ?", "" },
  { "HTTP/1.1 000 ?", "" },
  { "HTTP/1.1 200 OK\r\ndeprecation: true\r\nsunset: Sat, 31 Oct 2026 00:00:00 GMT", '{"data":null,"warning":{}}' },
}

local function text_of(answer)
  return answer[1] .. "\r\n\r\n" .. answer[2]
end

-- A key's length byte and characters, as the targets read them.
local function key(text, longest)
  assert(#text <= longest, "the key is too long for the target")
  return string.char(#text - 1) .. text:gsub(".", function(character) return string.char(character:byte() - 33) end)
end

local function verdicts()
  local seeds = {}
  -- libcurl's word (fine, a connection that could not be had, nothing received), the flags, and which id was asked for.
  for _, circumstances in ipairs { "\0\1\0", "\0\3\1", "\0\5\2", "\0\x0F\3", "\7\0\4", "\x34\1\5", "\0\x11\6",
    "\0\x63\0", "\0\x81\0" } do
    for _, answer in ipairs(answers) do seeds[#seeds + 1] = circumstances .. text_of(answer) end
  end
  for _, rows in pairs(judged_answers) do
    for _, row in ipairs(rows) do
      seeds[#seeds + 1] = "\0\1\0" .. text_of { ("HTTP/1.1 %d X"):format(row[1]), row[2] }
    end
  end
  return seeds
end

local function replies()
  local seeds = {}
  for _, secret in ipairs { "test-key-of-mine", "a", "*" } do
    for _, answer in ipairs(answers) do seeds[#seeds + 1] = key(secret, 16) .. text_of(answer) end
    local echo = ('HTTP/1.1 401 No\r\nx-request-id: KEY\r\n\r\n{"KEY":["KEY"],"message":"KEY"'):gsub("KEY", secret)
    seeds[#seeds + 1] = key(secret, 16) .. echo
    seeds[#seeds + 1] = key(secret, 16) .. echo .. "}"
    for length = 255, 257 do -- at the limit of what is kept of a header
      seeds[#seeds + 1] = key(secret, 16) .. "HTTP/1.1 200 OK\r\nsunset: " .. ("x"):rep(length) .. "\r\n\r\n"
    end
  end
  return seeds
end

local function secrets()
  local seeds = {}
  for _, secret in ipairs { "test-key-1234567890", "a&b<c>d\"e'f", "%25%41\\u0041", ("\\"):rep(20), "***", "*a*" } do
    for spelling = 0, 6 do
      local spelled = string.char(0xC4 + spelling):rep(#secret)
      seeds[#seeds + 1] = key(secret, 24) .. "see " .. spelled .. " there"
      seeds[#seeds + 1] = key(secret, 24) .. spelled .. "\xFF" .. spelled:sub(1, -3)
    end
  end
  return seeds
end

local function retry_afters()
  local seeds = {}
  for _, header in ipairs {
    "", "0", "7", "120", "1.5", "-3", "abc", "99999999999999999999", "7 ", "Mon", "Mon, 12:34",
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 31 Oct 2026 00:00:00 GMT",
    "Sun, 06 Nov 1994 08:50:37 GMT\nSun, 06 Nov 1994 08:49:37 GMT", "7\nSun, 06 Nov 1994 08:49:37 GMT",
  } do
    seeds[#seeds + 1] = "\x2E\xBD\x0B\x60\x80\x02" .. header
  end
  return seeds
end

local function addresses()
  local seeds = {}
  local proxies = {
    "", "http://proxy.example:3128", "proxy:1080", "SOCKS5h://u:p%40@[::1]:9", "https://u@h@h", "http://:80",
    "http://%00@h", "http://u:p@h:99999", "http://h/p?q#f", "socks4a://a:b:c@h", "[zz", "@@@", "ftp://h",
  }
  local ids = { "avatar_1", "0123456789abcdef0123456789abcdef", ".", "..", "a/b", "a?b", ("x"):rep(257), "a\0b" }
  for index, base in ipairs {
    "https://api.heygen.com", "https://api.heygen.com/", "HTTPS://EXAMPLE.com:8443/a/b//", "http://127.0.0.1:8080",
    "http://[::1]", "http://LOCALHOST/x", "http://localhost.evil.example", "https://user@host", "https://host/?q",
    "https://[fe80::1]:443/p", "https://[::1\0]", "https://host#f", "https://127.1", "ftp://host", "https://host:0",
    "https://ho%73t", "https://h\\i",
  } do
    local proxy = proxies[index % #proxies + 1]
    seeds[#seeds + 1] = ("%c%s\n%s\n%s\n%s"):format(
      index % 2, base, ids[index % #ids + 1], "the-key-" .. index, proxy)
  end
  return seeds
end

local seeds = {
  address = addresses(),
  json = json_texts,
  reply = replies(),
  retry_after = retry_afters(),
  secret = secrets(),
  verdict = verdicts(),
}

local function write_all(folder)
  for target, inputs in pairs(seeds) do
    assert(os.execute(("mkdir -p '%s/%s'"):format(folder, target)))
    for number, input in ipairs(inputs) do
      local file <close> = assert(io.open(("%s/%s/%03d"):format(folder, target, number), "wb"))
      file:write(input)
    end
  end
end

-- Required as a module, it is given its own name.
if ... ~= "spec.fuzz.seeds" then write_all(assert(..., "usage: lua5.4 spec/fuzz/seeds.lua FOLDER")) end

return seeds
