--- What a service that can't be relied on does: plans for the loopback service, drawn at random, always the same ones
--- for the same seed.

local misbehaviour = {}

-- Each with its weight: most answers are what they should be. What begins with `delete` has deleted,
-- whatever it says; nothing else that misbehaves has.
local ACTIONS = {
  { 700, { { answer = true } } },
  { 20, { { delete = true }, { status = 204 } } },
  { 20, { { answer = true }, { close = true } } },
  -- lost answers
  { 10, { { reset = true } } },
  { 10, { { delete = true }, { reset = true } } },
  { 10, { { delete = true }, { close = true } } },
  { 10, { { delete = true }, "HTTP/1.1 200 OK\r\ncontent-le", { cut = true } } },
  { 10, { { delete = true }, 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"code":100,', { reset = true } } },
  { 10, { { delete = true }, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No", { cut = true } } },
  { 5, { { delete = true }, { drip = "HTTP/1.1 204 No Content\r\n", every = 0.002 }, { cut = true } } },
  { 2, { { delete = true }, { hang = true } } },
  -- nonsense
  { 10, { "no HTTP at all\r\n\r\n", { close = true } } },
  { 10, { { status = 200, body = "<html>hello</html>" } } },
  { 10, { { delete = true }, { status = 200, body = '{"code":100,"data":nul' } } },
  { 10, { "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", { close = true } } },
  { 5, { "HTTP/1.1 200 OK\r\nx-filler: ", { send = "x", times = 70000 }, "\r\n\r\n", { close = true } } },
  { 5, { "HTTP/1.1 200 OK\r\n\r\n", { send = "[1,2,3]\n", times = 200000 }, { close = true } } },
  -- trouble
  { 15, { { status = 500 } } },
  { 15, { { status = 503, headers = { ["retry-after"] = "1" } } } },
  { 15, { { delete = true }, { status = 502, body = "<html>bad gateway</html>" } } },
  { 10, { { status = 429, headers = { ["retry-after"] = "2" } } } },
  { 5, { { status = 408 } } },
  -- refusals
  { 10, { { status = 403, body = '{"code":400562,"message":"forbidden"}' } } },
  { 10, { { status = 409, body = '{"error":{"code":"request_in_progress"}}' } } },
  { 10, { { status = 200, body = '{"code":400175,"message":"invalid"}' } } },
}

local total = 0
for _, entry in ipairs(ACTIONS) do total = total + entry[1] end

local function draw_actions()
  local left = math.random(total)
  for _, entry in ipairs(ACTIONS) do
    left = left - entry[1]
    if left <= 0 then return entry[2] end
  end
end

--- What is done at the first attempts for an id, and at all later ones.
---@return table plan as Service:plan takes it
function misbehaviour.plan()
  return { draw_actions(), draw_actions(), draw_actions(), always = { { answer = true } } }
end

return misbehaviour
