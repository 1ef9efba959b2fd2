--- Kept connections that break: here libcurl by itself would send the DELETE a second time.

local EARLY = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"

local endings = {
  { "a reset", "connection", { { reset = true } } },
  { "the end", "connection", { { close = true } } },
  { "a rough end", "connection", { { cut = true } } },
  { "a part of a status line and the end", "connection", { "HTTP/1.1 2", { close = true } } },
  { "a part of a status line and a reset", "connection", { "HTTP/1.1 2", { sleep = 0.05 }, { reset = true } } },
  { "103, and a 204 cut in its headers", "protocol", { EARLY .. "HTTP/1.1 204 X\r\nA: b\r\n", { close = true } } },
}

local cases = {}

local function add(name, result, attempts)
  cases[#cases + 1] = { name, result, attempts, warm = true }
end

for _, ending in ipairs(endings) do
  local name, kind, actions = table.unpack(ending)
  add(name, "none deleted 2 2", { actions })
  add(name .. ", after the deletion", "none presumed_deleted 2 2", { { { delete = true }, table.unpack(actions) } })
  add(name .. ", again and again", kind .. " unknown 3 3", { always = actions })
end

return cases
