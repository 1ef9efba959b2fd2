--- Answers that ask to come back later, with each form of Retry-After. Our own waits are, with the clock of these
--- specs, a quarter of a second and a half.

local fake_time = require "spec.support.fake_time"

local OWN = { 0.25, 0.5 }

local function date(seconds)
  return function() return fake_time.http_date(seconds) end
end

-- A form by its name, the value, and the waits that come of it; one that the deadline has no room for is not begun.
local forms = {
  { "none", false, OWN },
  { "seconds", "7", { 7, 7 } },
  { "no seconds", "0", OWN },
  { "a date", date(60), { 60, 0.5 } },
  { "a date now", date(0), OWN },
  { "a date past", date(-60), OWN },
  { "negative seconds", "-7", OWN },
  { "a fraction", "1.5", { 1.5, 1.5 } },
  { "nonsense", "soon", OWN },
  { "an empty value", "", OWN },
  { "seconds beyond the deadline", "3600", {} },
  { "a date beyond the deadline", date(3600), {} },
  { "more seconds than fit into a number", ("9"):rep(40), {} },
}

-- What a status comes to: kind and outcome.
local statuses = {
  { 408, "timeout unknown" },
  { 429, "rate_limited not_deleted" },
  { 500, "server unknown" },
  { 502, "server unknown" },
  { 503, "server unknown" },
  { 504, "server unknown" },
}

local cases = {}

for _, line in ipairs(statuses) do
  local status, result = table.unpack(line)
  for _, form in ipairs(forms) do
    local name, value, waits = table.unpack(form)
    local attempts = #waits + 1
    cases[#cases + 1] = {
      ("%d with Retry-After: %s"):format(status, name),
      ("%s %d %d"):format(result, attempts, attempts),
      function()
        local header = type(value) == "function" and value() or value
        return { always = { { status = status, body = "{}", headers = { ["retry-after"] = header } } } }
      end,
      waits = waits,
      -- A pause that no other id could outlast either.
      stops = (status == 429 or status == 503) and #waits == 0,
    }
  end
end

return cases
