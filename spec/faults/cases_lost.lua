--- Answers that never come, are cut off, malformed or odd: those of a single attempt, in calls that try again.

local answers = require "spec.support.answer_cases"

local cases = {}

-- Where only a limit ends the attempt there is one retry, to save time.
local function add(answer, ended)
  local name, kind, actions = table.unpack(answer)
  local options = answer.timeout and { timeout = answer.timeout, max_retries = 1 }
  local result = ended or (options and "%s unknown 2 2" or "%s unknown 3 3")
  cases[#cases + 1] = { name, result:format(kind), { always = actions }, options = options }
end

for _, answer in ipairs(answers.incomplete) do add(answer) end
-- Complete ones are not asked again, whatever they are worth.
for _, answer in ipairs(answers.useless) do add(answer, "%s unknown 1 1") end
for _, answer in ipairs(answers.complete) do add(answer, "%s deleted 1 1") end

return cases
