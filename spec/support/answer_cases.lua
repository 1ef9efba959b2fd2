--- Answers that are cut off, malformed, or odd: what the service sends, and the kind of error that a call has to make
--- of it, "none" where it is a success after all.
---
--- Each case is { name, kind, actions }, the actions being those of actions.lua. A case with a `timeout` can end only
--- by that many seconds; all others end by themselves.

local BODY = '{"code":100,"data":null,"msg":null,"message":null}'
local LENGTH = ("Content-Length: %d\r\n\r\n"):format(#BODY)
local TWO_LENGTHS = ("Content-Length: %d\r\nContent-Length: %d\r\n\r\n"):format(#BODY, #BODY + 10)
local CHUNK = ("%x\r\n%s\r\n"):format(#BODY, BODY)
local EARLY = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
local SWITCH = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"

local function head(rest)
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" .. rest
end

local CHUNKED = head("Transfer-Encoding: chunked\r\n\r\n")

local function gzip(text)
  local pipe <close> = assert(io.popen(("printf %%s '%s' | gzip -c"):format(text)))
  return pipe:read("a")
end

local GZIP = gzip(BODY)
local GZIP_CHUNKS = ("%x\r\n%s\r\n0\r\n\r\n"):format(#GZIP, GZIP)

local cases = {}

-- No complete answer: whatever it began with, it promises nothing.
cases.incomplete = {
  { "reset before the answer", "connection", { { reset = true } } },
  { "end before the answer", "connection", { { close = true } } },
  { "end in the status line", "connection", { "HTTP/1.1 20", { close = true } } },
  { "end after the status line", "protocol", { "HTTP/1.1 204 No Content\r\n", { close = true } } },
  { "end in the headers", "protocol", { head(""), { close = true } } },
  { "reset in the headers", "connection", { head(""), { sleep = 0.05 }, { reset = true } } },
  { "103, and the end in the next status line", "connection", { EARLY .. "HTTP/1.1 204", { close = true } } },
  { "103, and the end in the next headers", "protocol", { EARLY .. "HTTP/1.1 204 X\r\nA: b\r\n", { close = true } } },
  { "103, and the end", "connection", { EARLY, { close = true } } },
  { "reset in the body", "connection", { head(LENGTH), BODY:sub(1, 9), { sleep = 0.05 }, { reset = true } } },
  { "a body shorter than its length", "protocol", { head("Content-Length: 500\r\n\r\n"), BODY, { close = true } } },
  { "a body without a length, cut", "protocol", { head("\r\n"), BODY:sub(1, 20), { close = true } } },
  { "a body without a length, cut roughly", "protocol", { head("\r\n"), BODY:sub(1, 20), { cut = true } } },
  { "end inside a chunk", "protocol", { CHUNKED, CHUNK:sub(1, 20), { close = true } } },
  { "end before the last chunk", "protocol", { CHUNKED, CHUNK, { close = true } } },
  { "a chunk size that is none", "protocol", { CHUNKED, "zz\r\n" .. BODY, { close = true } } },
  { "a huge chunk size", "protocol", { CHUNKED, ("f"):rep(21) .. "\r\n" .. BODY, { close = true } } },
  { "a negative length", "protocol", { head("Content-Length: -5\r\n\r\n"), BODY, { close = true } } },
  { "two lengths, then the end", "protocol", { head(TWO_LENGTHS), BODY, { close = true } } },
  { "two lengths, then silence", "protocol", { head(TWO_LENGTHS), BODY, { hang = true } } },
  {
    "a compressed transfer that nobody asked for",
    "protocol",
    { head("Transfer-Encoding: gzip, chunked\r\n\r\n"), GZIP_CHUNKS, { hang = true } },
  },
  { "NUL in a header", "protocol", { head("A: a\0b\r\n" .. LENGTH), BODY } },
  { "one huge header", "protocol", { head("A: " .. ("a"):rep(110000) .. "\r\n" .. LENGTH), BODY } },
  { "garbage", "protocol", { "\1\2\3garbage\r\n\r\n", { close = true } } },
  { "HTTP/0.9", "protocol", { BODY, { close = true } } },
  { "HTTP/3 in an HTTP/1 answer", "protocol", { "HTTP/3.1 200 OK\r\n" .. LENGTH, BODY } },
  { "another protocol", "protocol", { "ICY 200 OK\r\n" .. LENGTH, BODY } },
  { "a space before the status line", "protocol", { " " .. head(LENGTH), BODY } },
  { "status 000", "protocol", { "HTTP/1.1 000 X\r\n" .. LENGTH, BODY } },
  { "status 20", "protocol", { "HTTP/1.1 20 X\r\n" .. LENGTH, BODY } },
  { "status 99", "protocol", { "HTTP/1.1 99 X\r\n" .. LENGTH, BODY } },
  { "status 2000", "protocol", { "HTTP/1.1 2000 X\r\n" .. LENGTH, BODY } },
  { "headers without end", "protocol", { head(""), { send = "A: b\r\n", times = math.huge } } },
  { "interim answers without end", "protocol", { { send = EARLY, times = math.huge } } },
  { "a body without end", "protocol", { head("\r\n"), { send = '{"a":1,', times = math.huge } } },
  { "chunks without end", "protocol", { CHUNKED, { send = "5\r\nabcde\r\n", times = math.huge } } },
  { "silence", "timeout", { { hang = true } }, timeout = 1 },
  { "silence after the headers", "timeout", { head(LENGTH), { hang = true } }, timeout = 1 },
  { "a slow drip of headers", "timeout", { { drip = head(LENGTH), every = 0.2 } }, timeout = 1 },
  { "a slow drip of the body", "timeout", { head(LENGTH), { drip = BODY, every = 0.2 } }, timeout = 1 },
}

-- Complete, and still no promise.
cases.useless = {
  { "status 999", "protocol", { "HTTP/1.1 999 X\r\n" .. LENGTH, BODY } },
  { "101, then silence", "protocol", { SWITCH, { hang = true } } },
  { "101, then the end", "protocol", { SWITCH, { close = true } } },
  { "an empty body", "protocol", { head("Content-Length: 0\r\n\r\n") } },
  { "a length that cuts the body", "protocol", { head("Content-Length: 20\r\n\r\n"), BODY:sub(1, 20) } },
  {
    "a compressed body that nobody asked for",
    "protocol",
    { head("Content-Encoding: gzip\r\n\r\n"), GZIP, { close = true } },
  },
  { "304 without a body", "redirect", { "HTTP/1.1 304 Not Modified\r\n\r\n" } },
}

-- Odd, but complete: the service did say so.
cases.complete = {
  { "interim answers before it", "none", { EARLY:rep(3), { answer = true } } },
  { "a body without a length", "none", { head("\r\n"), BODY, { close = true } } },
  {
    "a length too large for any number",
    "none",
    { head(("Content-Length: %s\r\n\r\n"):format(("9"):rep(25))), BODY, { close = true } },
  },
  { "chunks and a trailer", "none", { CHUNKED, CHUNK .. "0\r\nA: b\r\n\r\n" } },
  { "chunks of one byte", "none", { CHUNKED, (BODY:gsub(".", "1\r\n%0\r\n")) .. "0\r\n\r\n" } },
  { "a drip that ends in time", "none", { { drip = head(LENGTH) .. BODY, every = 0.001 } } },
  { "a thousand headers", "none", { head(("A: aaaaaaaaaaaaaaaaaaa\r\n"):rep(1000) .. LENGTH), BODY } },
  { "a long header", "none", { head("A: " .. ("a"):rep(40000) .. "\r\n" .. LENGTH), BODY } },
  { "bare line feeds", "none", { ("HTTP/1.1 200 OK\nContent-Length: %d\n\n"):format(#BODY), BODY } },
  { "HTTP/1.0", "none", { "HTTP/1.0 200 OK\r\n\r\n", BODY, { close = true } } },
  { "204 with a length", "none", { "HTTP/1.1 204 No Content\r\nContent-Length: 50\r\n\r\n", { close = true } } },
  { "204 and a rough end", "none", { "HTTP/1.1 204 No Content\r\n\r\n", { cut = true } } },
}

return cases
