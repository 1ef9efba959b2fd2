--- Answers, and what each says. One row an answer: its status and body, then the kind and the outcome that it has to
--- come to, "none" being no error.
---
--- The id "my-avatar" was asked for over a connection of its own, nothing was in doubt before. `unknown` is doubt: the
--- call is in doubt after it. More members of a row: `retried`, the attempt is made again; `id`, another id that was
--- asked for; `headers` that the answer has.

---@class spec.Answer
---@field [1] integer status
---@field [2] string body
---@field [3] heygen.Kind|"none"
---@field [4] heygen.Outcome
---@field retried boolean?
---@field id string?
---@field headers table<string, string>?

---@type table<string, spec.Answer[]>
local answers = {}

local EMPTY = ""

-- What nobody asked for: "Not Found", compressed.
local GZIP = "\031\139\008\000\000\000\000\000\002\003\243\203/Qp\203/\205K\001\000M\140t\177\009\000\000\000"

-- A 2xx says yes.
answers.yes = {
  { 200, '{"code":100,"data":null,"msg":null,"message":null}', "none", "deleted" },
  { 200, '{"code":"100","data":null,"message":"Success"}', "none", "deleted" },
  { 200, '{"code":100}', "none", "deleted" },
  { 200, '{"code":100,"data":null,"warning":{"message":"v2 is going to be removed"}}', "none", "deleted" },
  { 200, '{"code":100,"message":"Service is under maintenance"}', "none", "deleted" },
  { 200, '{"data":{"id":"my-avatar"}}', "none", "deleted" },
  { 200, '{"data":{"id":"my-avatar","status":"failed"}}', "none", "deleted" },
  { 201, '{"code":100}', "none", "deleted" },
  { 200, '{"data":{"id":"MYAVATAR"}}', "none", "deleted" },
  { 204, EMPTY, "none", "deleted" },
  { 200, '{"error":null,"data":null}', "none", "deleted" },
  { 200, '{"error":null,"data":{"x":1}}', "none", "deleted" },
}

-- A 2xx says nothing, or something else.
answers.nothing = {
  { 202, '{"code":100}', "protocol", "unknown" },
  { 200, EMPTY, "protocol", "unknown" },
  { 200, "<html>maintenance</html>", "protocol", "unknown" },
  { 200, "[]", "protocol", "unknown" },
  { 200, '"ok"', "protocol", "unknown" },
  { 200, "null", "protocol", "unknown" },
  { 200, "{}", "protocol", "unknown" },
  { 200, '{"ok":true}', "protocol", "unknown" },
  { 200, '{"data":null}', "protocol", "unknown" },
  { 200, '{"error":null}', "protocol", "unknown" },
  { 200, '{"data":{}}', "protocol", "unknown" },
  { 200, '{"data":{"id":7}}', "protocol", "unknown" },
  { 200, '{"data":{"id":"another"}}', "protocol", "unknown" },
  { 200, '{"code":100,"data":{"id":"another"}}', "protocol", "unknown" },
  { 200, '{"data":{"id":"my-avatar-2"}}', "protocol", "unknown" },
  { 200, '{"code":200,"data":null}', "protocol", "unknown" },
  { 200, '{"error":null,"data":null,"code":7}', "protocol", "unknown" },
}

-- A 2xx says no.
answers.no = {
  { 200, '{"code":100,"error":{}}', "protocol", "unknown" },
  { 200, '{"data":{"id":"my-avatar"},"error":"x"}', "protocol", "unknown" },
  { 200, '{"code":100,"data":{"success":false}}', "protocol", "unknown" },
  { 200, '{"error":null,"data":{"deleted":false}}', "protocol", "unknown" },
  { 200, '{"code":100,"success":false}', "protocol", "unknown" },
  { 200, '{"status":500,"code":100}', "protocol", "unknown" },
  { 200, '{"data":null,"errors":[{"message":"no"}]}', "protocol", "unknown" },
  { 200, '{"status":"error","data":null}', "protocol", "unknown" },
  { 200, '{"code":100,"message":"photo avatar not found"}', "protocol", "unknown" },
  { 200, '{"code":100,"message":"Forbidden"}', "protocol", "unknown" },
  { 200, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}', "not_found", "absent" },
  { 200, '{"data":null,"error":{"code":"internal_error","message":"x"}}', "server", "unknown" },
  { 200, '{"code":400562,"message":"forbidden"}', "forbidden", "not_deleted" },
  { 200, '{"code":400144,"message":"x"}', "not_found", "absent" },
  { 200, '{"code":400123,"message":"x"}', "rate_limited", "not_deleted", retried = true },
  { 200, '{"code":400664}', "quota_exceeded", "not_deleted" },
  { 200, '{"code":7123,"message":"x"}', "rejected", "unknown" },
  { 200, '{"code":400112,"data":null,"code":100}', "protocol", "unknown" },
  { 200, '{"message":"photo avatar not found"}', "protocol", "unknown" },
}

-- 404 and 405.
answers.missing = {
  { 404, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}', "not_found", "absent" },
  { 404, '{"data":null,"error":{"code":"internal_error","message":"Avatar looks not found."}}', "not_found", "absent" },
  { 404, '{"data":null,"error":{"code":"internal_error","message":"workspace is closed"}}', "rejected", "not_deleted" },
  { 404, '{"code":400144,"message":"x"}', "not_found", "absent" },
  { 404, '{"error":{"code":"avatar_not_found","message":"x"}}', "not_found", "absent" },
  { 404, '{"error":{"code":"resource_not_found","message":"Avatar look my-avatar not found"}}', "not_found", "absent" },
  { 404, [[{"error":{"code":"not_found","message":"Look 'my-avatar' does not exist."}}]], "not_found", "absent" },
  { 404, '{"error":{"code":"resource_not_found","message":"Resource my-avatar not found"}}', "not_found", "absent" },
  { 404, '{"error":{"code":"resource_not_found","message":"Resource not found"}}', "rejected", "not_deleted" },
  { 404, '{"error":{"code":"not_found","message":"Not found"}}', "rejected", "not_deleted" },
  {
    404, '{"error":{"code":"resource_not_found","message":"Workspace of my-avatar not found"}}',
    "rejected", "not_deleted",
  },
  { 404, '{"error":{"code":"voice_not_found","message":"Voice my-avatar not found"}}', "rejected", "not_deleted" },
  {
    404, '{"error":{"code":"avatar_group_not_found","message":"Avatar group my-avatar not found"}}',
    "rejected", "not_deleted",
  },
  { 404, '{"error":{"code":"not_found","message":"Look my-avatar-2 not found"}}', "rejected", "not_deleted" },
  { 404, '{"error":"avatar not found","data":null}', "not_found", "absent" },
  { 404, '{"error":"avatar not found"}', "retired", "not_deleted" },
  { 404, '{"message":"Avatar not found"}', "retired", "not_deleted" },
  {
    404, '{"message":"Route DELETE:/v2/photo_avatar/my-avatar not found","error":"Not Found","statusCode":404}',
    "retired", "not_deleted",
  },
  { 404, '{"code":404,"message":"No route found"}', "retired", "not_deleted" },
  { 404, '{"error":{"code":404,"message":"Not found"}}', "retired", "not_deleted" },
  { 404, '{"detail":"Not Found"}', "retired", "not_deleted" },
  { 404, "<html>Not Found</html>", "retired", "not_deleted" },
  { 404, EMPTY, "retired", "not_deleted" },
  { 404, GZIP, "protocol", "not_deleted", headers = { ["content-encoding"] = "gzip" } },
  { 405, "<html>", "retired", "not_deleted" },
  { 405, '{"error":{"code":"method_not_allowed","message":"x"}}', "rejected", "not_deleted" },
}

-- Statuses that decide.
answers.deciding = {
  { 401, '{"data":null,"error":{"code":"internal_error","message":"Unauthorized"}}', "unauthorized", "not_deleted" },
  { 401, '{"code":400112,"message":"Unauthorized"}', "unauthorized", "not_deleted" },
  { 401, '{"error":{"code":"not_found","message":"avatar not found"}}', "unauthorized", "not_deleted" },
  { 402, '{"error":{"code":"plan_upgrade_required","message":"x"}}', "quota_exceeded", "not_deleted" },
  { 403, '{"error":{"code":"insufficient_api_key_scope","message":"x"}}', "forbidden", "not_deleted" },
  { 403, "<html>blocked</html>", "forbidden", "not_deleted" },
  { 403, '{"error":{"code":"avatar_not_found","message":"x"}}', "forbidden", "not_deleted" },
  { 403, '{"error":{"code":"quota_exceeded","message":"x"}}', "quota_exceeded", "not_deleted" },
  { 409, '{"error":{"code":"request_in_progress","message":"x"}}', "conflict", "not_deleted", retried = true },
  { 409, '{"message":"x"}', "conflict", "not_deleted" },
  { 409, '{"error":{"code":"avatar_not_found","message":"x"}}', "conflict", "not_deleted" },
  { 410, "<html>", "retired", "not_deleted" },
  { 410, '{"error":{"code":"gone","message":"v2 was removed"}}', "retired", "not_deleted" },
  { 410, '{"error":{"code":"avatar_not_found","message":"x"}}', "not_found", "absent" },
  { 429, "<html>", "rate_limited", "not_deleted", retried = true },
  { 429, '{"error":{"code":"rate_limit_exceeded","message":"x"}}', "rate_limited", "not_deleted", retried = true },
  { 429, '{"error":{"code":"quota_exceeded","message":"x"}}', "quota_exceeded", "not_deleted" },
  { 429, '{"error":{"code":"service_unavailable","message":"x"}}', "rate_limited", "not_deleted", retried = true },
  {
    429, '{"data":null,"error":{"code":"internal_error","message":"avatar not found"}}',
    "rate_limited", "not_deleted", retried = true,
  },
}

-- Other 4xx.
answers.refusals = {
  { 400, '{"error":{"code":"invalid_parameter","message":"x","param":"look_id"}}', "rejected", "not_deleted" },
  {
    400, '{"code":401028,"message":"You have exceeded your limit of 3 photo avatars."}',
    "quota_exceeded", "not_deleted",
  },
  { 400, '{"code":400144,"message":"x"}', "not_found", "absent" },
  { 400, '{"error":{"code":"not_found","message":"x"}}', "rejected", "not_deleted" },
  { 400, '{"data":null,"error":{"code":"internal_error","message":"x"}}', "rejected", "not_deleted" },
  { 400, "<html>Bad Request</html>", "rejected", "not_deleted" },
  { 422, '{"error":{"code":"service_unavailable","message":"x"}}', "server", "unknown" },
  { 418, '{"message":"Unauthorized"}', "rejected", "not_deleted" },
  { 400, '{"code":400999,"message":"Unauthorized"}', "unauthorized", "not_deleted" },
}

-- Doubtful statuses.
answers.doubtful = {
  { 408, "<html>", "timeout", "unknown", retried = true },
  { 500, '{"code":100}', "server", "unknown", retried = true },
  { 500, '{"error":{"code":"avatar_not_found","message":"x"}}', "server", "unknown", retried = true },
  { 501, EMPTY, "server", "unknown" },
  { 502, "<html>", "server", "unknown", retried = true },
  { 521, "<html>cloudflare</html>", "server", "unknown", retried = true },
  { 505, EMPTY, "server", "unknown" },
  { 301, EMPTY, "redirect", "not_deleted" },
  { 302, EMPTY, "redirect", "not_deleted" },
  { 303, EMPTY, "redirect", "unknown" },
  { 304, EMPTY, "redirect", "unknown" },
  { 307, EMPTY, "redirect", "not_deleted" },
  { 600, '{"code":100}', "protocol", "unknown" },
  { 101, EMPTY, "protocol", "unknown" },
}

-- The group "my-group" was asked for.
answers.group = {
  { 200, '{"code":100}', "none", "deleted" },
  { 200, '{"data":{"id":"my-group"}}', "none", "deleted" },
  { 200, '{"data":{"id":"another"}}', "protocol", "unknown" },
  { 404, '{"error":{"code":"avatar_group_not_found","message":"x"}}', "not_found", "absent" },
  { 404, '{"error":{"code":"avatar_not_found","message":"Avatar my-group not found"}}', "not_found", "absent" },
  { 404, '{"data":null,"error":{"code":"internal_error","message":"avatar group not found"}}', "not_found", "absent" },
  {
    404, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}',
    "rejected", "not_deleted",
  },
  { 404, '{"error":{"code":"look_not_found","message":"Look my-group not found"}}', "rejected", "not_deleted" },
  { 404, '{"code":400144,"message":"x"}', "rejected", "not_deleted" },
}

-- Odd ids.
answers.odd_ids = {
  {
    404, '{"data":null,"error":{"code":"internal_error","message":"avatar not found"}}',
    "not_found", "absent", id = "avatar",
  },
  { 404, '{"error":{"code":"not_found","message":"look not found"}}', "not_found", "absent", id = "look" },
  {
    404, '{"error":{"code":"resource_not_found","message":"Team avatar not found"}}',
    "rejected", "not_deleted", id = "avatar",
  },
  { 404, '{"error":{"code":"x","message":"avatar not found"}}', "not_found", "absent", id = "not" },
}

return answers
