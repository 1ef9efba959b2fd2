--- Attempts after which nothing is certain, and what then comes of the call.

local function answer(status, body, headers)
  return { { status = status, body = body or "{}", headers = headers } }
end

local NOT_FOUND = answer(404, '{"data":null,"error":{"code":"internal_error","message":"photo avatar not found"}}')
local GATEWAY = answer(404, "<h1>Not Found</h1>")

-- What begins the doubt, and the actions of which the last ends the connection.
local doubts = {
  { "a lost answer", { { close = true } } },
  { "a cut answer", { "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", { close = true } } },
  { "500", answer(500, "{}", { connection = "close" }) },
  { "503", answer(503, "<h1>", { connection = "close" }) },
}

local function before(action, actions)
  return { action, table.unpack(actions) }
end

-- What follows, and what it comes to: the further attempts, made from the doubt's actions.
local ends = {
  { "401", "unauthorized unknown 2 2", { answer(401) } },
  { "402", "quota_exceeded unknown 2 2", { answer(402) } },
  { "403", "forbidden unknown 2 2", { answer(403) } },
  { "the service's 404", "none presumed_deleted 2 2", { NOT_FOUND } },
  { "a gateway's 404", "retired unknown 2 2", { GATEWAY } },
  { "410", "retired unknown 2 2", { answer(410) } },
  { "409", "conflict unknown 2 2", { answer(409) } },
  { "429 for good", "rate_limited unknown 3 3", { always = answer(429) } },
  { "429, and the service's 404", "none presumed_deleted 3 3", { answer(429), NOT_FOUND } },
  { "a success", "none deleted 2 2", { { { answer = true } } } },
  { "the deadline", "timeout unknown 2 2", { always = { { hang = true } } }, options = { deadline = 2 },
    flowing = true, protocol = "HTTP" },
  { "a wait that the deadline has no room for", "server unknown 2 2",
    { answer(503, "{}", { ["retry-after"] = "120" }) } },
}

local cases = {}

for _, doubt in ipairs(doubts) do
  local name, actions = table.unpack(doubt)
  for _, ending in ipairs(ends) do
    local case = { name .. ", then " .. ending[1], ending[2], { actions, table.unpack(ending[3]) } }
    case[3].always = ending[3].always
    case.options, case.flowing, case.protocol = ending.options, ending.flowing, ending.protocol
    cases[#cases + 1] = case
  end
  cases[#cases + 1] = { name .. ", then a refused connection", "connection unknown 3 1",
    { before({ refuse = true }, actions) }, ends_service = true }
end

-- No doubt: none was sent, or the service has refused it.
cases[#cases + 1] = { "429, then the service's 404", "not_found absent 2 2", { answer(429), NOT_FOUND } }
cases[#cases + 1] = { "429, then a refused connection", "connection not_deleted 3 1",
  { before({ refuse = true }, answer(429, "{}", { connection = "close" })) }, ends_service = true }

-- A doubt that came with the call.
for _, case in ipairs {
  { "an earlier process, then the service's 404", "none presumed_deleted 1 1", { NOT_FOUND } },
  { "an earlier process, then 403", "forbidden unknown 1 1", { answer(403) } },
  { "an earlier process, then 429 for good", "rate_limited unknown 3 3", { always = answer(429) } },
} do
  case.options = { maybe_sent = true }
  cases[#cases + 1] = case
end

return cases
