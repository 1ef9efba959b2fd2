--- Answers that have the key in them: nothing of it may come out again.

local canary = require "spec.faults.canary"

local function json(text)
  return (text:gsub(".", function(character) return ("\\u%04x"):format(character:byte()) end))
end

local KEY = canary.KEY
local HEADERS = { ["x-request-id"] = KEY, ["retry-after"] = KEY, sunset = KEY, deprecation = KEY, location = KEY }

return {
  { "a message", "forbidden not_deleted 1 1",
    { always = { { status = 403, body = ('{"error":{"code":"forbidden","message":"no %s"}}'):format(KEY) } } } },
  { "a message in codes", "forbidden not_deleted 1 1",
    { always = { { status = 403, body = ('{"error":{"code":"forbidden","message":"no %s"}}'):format(json(KEY)) } } } },
  { "a code", "rejected not_deleted 1 1",
    { always = { { status = 400, body = ('{"error":{"code":"%s"}}'):format(KEY) } } } },
  { "an error page", "server unknown 3 3", { always = { { status = 502, body = "<h1>" .. KEY .. "</h1>" } } } },
  { "a page of a success", "protocol unknown 1 1", { always = { { status = 200, body = "<h1>" .. KEY } } } },
  { "a success", "none deleted 1 1",
    { always = { { status = 200, body = ('{"code":100,"data":{"%s":["%s"]}}'):format(KEY, KEY) } } } },
  { "headers", "server unknown 3 3", { always = { { status = 500, headers = HEADERS, body = "{}" } } } },
  { "a redirect", "redirect not_deleted 1 1", { always = { { status = 302, headers = HEADERS, body = "" } } } },
  { "a status line", "none deleted 1 1", { always = { "HTTP/1.1 204 " .. KEY .. "\r\n\r\n" } } },
  { "garbage", "protocol unknown 3 3", { always = { KEY .. "\r\n\r\n", { close = true } } } },
  { "a cut body", "protocol unknown 3 3",
    { always = { "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" .. KEY, { close = true } } } },
  { "a body cut in the key", "protocol unknown 3 3",
    { always = { "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" .. KEY:sub(1, 12), { close = true } } } },
  { "a warning", "none deleted 1 1",
    { always = { { status = 200, body = ('{"code":100,"warning":{"message":"%s"}}'):format(KEY) } } } },
}
