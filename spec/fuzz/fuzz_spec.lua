-- The fuzz targets with their seeds, and with some thousand random inputs made of these; `make fuzz` goes further.

local seeds = require "spec.fuzz.seeds"
local targets = require "heygen_fuzz"

local MUTATIONS = 3000

-- Two seeds cut and joined, with a byte changed: always the same ones.
local function mutants(inputs)
  local state = 1
  local function draw(most)
    state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
    return (state >> 33) % most + 1
  end
  return function()
    local one, other = inputs[draw(#inputs)], inputs[draw(#inputs)]
    local mutant = one:sub(1, draw(#one + 1) - 1) .. other:sub(draw(#other + 1))
    local at = draw(#mutant + 1)
    return mutant:sub(1, at - 1) .. string.char(draw(256) - 1) .. mutant:sub(at + 1)
  end
end

local function check(target, input)
  local broken = targets[target](input)
  if broken then error(("%s: %s\ninput: %q"):format(target, broken, input), 2) end
end

describe("under arbitrary bytes", function()
  it("every target has seeds, and the other way round", function()
    for target in pairs(targets) do assert.is_true(#(seeds[target] or {}) > 0, target) end
    for target in pairs(seeds) do assert.is_function(targets[target], target) end
  end)

  for target, inputs in pairs(seeds) do
    it(target .. " keeps its promises", function()
      for _, input in ipairs(inputs) do check(target, input) end
      local next_mutant = mutants(inputs)
      for _ = 1, MUTATIONS do check(target, next_mutant()) end
    end)
  end
end)
