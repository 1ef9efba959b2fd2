--- Valid answers, one status after the other, and answers whose status says one thing and whose body another.

local LOCATIONS = {
  https = "https://127.0.0.1:1/", http = "http://127.0.0.1:1/", file = "file:///etc/hostname", relative = "/v2/",
}

local cases = {}

local function add(name, result, actions)
  cases[#cases + 1] = { name, result, { always = actions } }
end

local function add_status(status, result)
  add(tostring(status), result, { { status = status, body = "{}" } })
  -- It comes from a proxy, and would for every id.
  cases[#cases].stops = status == 407
end

-- ---- statuses ---------------------------------------------------------------------------------

-- They say that the request belongs elsewhere.
local UNDONE = { [301] = true, [302] = true, [307] = true, [308] = true }
for status = 300, 308 do
  for scheme, location in pairs(LOCATIONS) do
    add(("%d to %s"):format(status, scheme), UNDONE[status] and "redirect not_deleted 1 1" or "redirect unknown 1 1",
      { { status = status, headers = { location = location }, body = "" } })
  end
end

-- Of the others between 400 and 451: rejected.
local REFUSALS = {
  [401] = "unauthorized not_deleted 1 1",
  [402] = "quota_exceeded not_deleted 1 1",
  [403] = "forbidden not_deleted 1 1",
  [404] = "retired not_deleted 1 1",
  [405] = "retired not_deleted 1 1",
  [408] = "timeout unknown 3 3",
  [409] = "conflict not_deleted 1 1",
  [410] = "retired not_deleted 1 1",
  [429] = "rate_limited not_deleted 3 3",
}
for status = 401, 451 do add_status(status, REFUSALS[status] or "rejected not_deleted 1 1") end

-- On a connection that was open before, one without an envelope may be the answer to nothing.
add("400", "rejected not_deleted 1 1", { { status = 400, body = '{"code":7123}' } })

for _, status in ipairs { 500, 502, 503, 504, 520, 521, 524, 529, 530 } do add_status(status, "server unknown 3 3") end
for _, status in ipairs { 501, 505, 507, 511, 525, 599 } do add_status(status, "server unknown 1 1") end
for _, status in ipairs { 600, 999 } do add_status(status, "protocol unknown 1 1") end

add_status(202, "protocol unknown 1 1")
add("204", "none deleted 1 1", { { status = 204 } })
for _, status in ipairs { 200, 201, 203, 206, 299 } do
  add(status .. " that says yes", "none deleted 1 1", { { status = status, body = '{"code":100,"data":null}' } })
  add(status .. " that says nothing", "protocol unknown 1 1", { { status = status, body = "{}" } })
end

-- ---- bodies -----------------------------------------------------------------------------------

-- A 200 that says no.
for body, result in pairs {
  ['{"code":400112,"message":"bad key"}'] = "unauthorized not_deleted 1 1",
  ['{"code":400562,"message":"forbidden"}'] = "forbidden not_deleted 1 1",
  ['{"data":null,"error":{"code":"avatar_not_found"}}'] = "not_found absent 1 1",
  ['{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}'] = "not_found absent 1 1",
  ['{"code":400123}'] = "rate_limited not_deleted 3 3",
  ['{"code":900001}'] = "quota_exceeded not_deleted 1 1",
  ['{"code":40001}'] = "rejected not_deleted 1 1",
  ['{"error":{"code":"request_in_progress"}}'] = "conflict not_deleted 3 3",
  ['{"code":123456}'] = "rejected unknown 1 1",
  ['{"error":{"code":"internal_error"}}'] = "server unknown 1 1",
  ['{"data":null,"error":"something"}'] = "protocol unknown 1 1",
  ["[]"] = "protocol unknown 1 1",
  ["null"] = "protocol unknown 1 1",
  ['{"code":100'] = "protocol unknown 1 1",
  ['{"code":100} '] = "none deleted 1 1",
  ['{"code":100}x'] = "protocol unknown 1 1",
} do
  add("200 with " .. body, result, { { status = 200, body = body } })
end

add("HTML with 200", "protocol unknown 1 1",
  { { status = 200, headers = { ["content-type"] = "text/html" }, body = "<!doctype html><title>Welcome</title>" } })

-- Waiting does not bring credit back.
for _, code in ipairs { "400664", "900001", '"quota_exceeded"', '"insufficient_credit"', '"trial_limit_exceeded"',
  '"trial_video_limit_exceeded"' } do
  add("429 with the quota code " .. code, "quota_exceeded not_deleted 1 1",
    { { status = 429, headers = { ["retry-after"] = "1" }, body = ('{"error":{"code":%s}}'):format(code) } })
end

return cases
