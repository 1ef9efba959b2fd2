-- The benchmark: run.lua [smoke] [WORD]. Runs the experiments whose names have WORD in them, and prints a table in
-- Markdown. "smoke" runs each in a short form that proves that the programs work, and judges no times.

local experiments = require "spec.bench.experiments"
local nginx = require "spec.bench.nginx"
local programs = require "spec.bench.programs"
local statistics = require "spec.bench.statistics"

local function say(...)
  io.stderr:write(...)
  io.stderr:write "\n"
end

-- Every contestant in turn, round after round, each round beginning with the next: the results, by name and round.
local function measure(experiment)
  local present, results = {}, {}
  if experiment.missing then
    say("  skipped, since it is missing: ", experiment.missing)
    return results
  end
  for _, contestant in ipairs(experiment.contestants) do
    if contestant.measure then
      present[#present + 1] = contestant
      results[contestant.name] = {}
    else
      say("  skipped, since it or what it needs is missing: ", contestant.name)
    end
  end
  for round = 1, experiment.rounds do
    for turn = 1, #present do
      local contestant = present[(round + turn) % #present + 1]
      results[contestant.name][round] = contestant.measure()
    end
  end
  return results
end

-- What a row's contestant is compared with in a round, and whose it is.
local function other_of(row, results, round)
  if row.over == experiments.BEST then
    local best, name = math.huge, nil
    for contestant, rounds in pairs(results) do
      if contestant ~= row.of and rounds[round][row.value] < best then
        best, name = rounds[round][row.value], contestant
      end
    end
    return name and best, name
  end
  if type(row.over) == "number" then return row.over, "ideal" end
  return results[row.over] and results[row.over][round][row.value], row.over
end

local function format_number(number)
  return (number >= 100 and "%.0f" or number >= 10 and "%.1f" or number >= 0.1 and "%.2f" or "%.3f"):format(number)
end

local function with_spread(numbers)
  local median, least, most = statistics.summary(numbers)
  if #numbers == 1 then return format_number(median) end
  return ("%s (%s–%s)"):format(format_number(median), format_number(least), format_number(most))
end

-- A row's cells, or nil when one of the two is missing.
local function cells_of(row, results)
  local values, others, ratios, name = {}, {}, {}, nil
  for round, result in ipairs(results[row.of] or {}) do
    values[round] = result[row.value] * row.scale
    if row.over then
      local other
      other, name = other_of(row, results, round)
      if not other then return nil end
      others[round] = other * row.scale
      ratios[round] = row.inverse and others[round] / values[round] or values[round] / others[round]
    end
  end
  if #values == 0 then return nil end
  local judged = statistics.summary(row.over and ratios or values)
  local goal = row.at_most and "≤ " .. format_number(row.at_most) or
    row.at_least and "≥ " .. format_number(row.at_least) or "stated"
  local reached = (not row.at_most or judged <= row.at_most) and (not row.at_least or judged >= row.at_least)
  return {
    row.what,
    ("%s %s"):format(format_number(statistics.summary(values)), row.unit),
    row.over and ("%s %s, %s"):format(format_number(statistics.summary(others)), row.unit, name) or "",
    row.over and with_spread(ratios) or with_spread(values),
    goal,
    reached and "" or "missed",
  }
end

local function print_row(cells)
  print("| " .. table.concat(cells, " | ") .. " |")
end

local function cpu_of_all(experiment, results)
  local parts = {}
  for _, contestant in ipairs(experiment.contestants) do
    local values = {}
    for round, result in ipairs(results[contestant.name] or {}) do values[round] = result.cpu * 1e6 end
    if #values > 0 then
      parts[#parts + 1] = ("%s %s"):format(contestant.name, format_number(statistics.summary(values)))
    end
  end
  return ("%s, µs of the processor: %s"):format(experiment.name, table.concat(parts, ", "))
end

local function run(size, word)
  local service <close> = nginx.start()
  local bench = programs.bench(service)
  local notes = {}
  print_row { "what", "ours", "beside it", "ratio, or value", "goal", "" }
  print_row { "---", "---", "---", "---", "---", "---" }
  for _, experiment in ipairs(experiments.all(bench, size)) do
    if experiment.name:find(word, 1, true) then
      say("measures ", experiment.name)
      local results = measure(experiment)
      for _, row in ipairs(experiment.rows) do
        local cells = cells_of(row, results)
        if cells and size == experiments.SMOKE then cells[6] = "" end
        if cells then print_row(cells) end
      end
      if #experiment.contestants > 2 and experiment.name:find "peers" then
        notes[#notes + 1] = cpu_of_all(experiment, results)
      end
    end
  end
  for _, note in ipairs(notes) do print("\n" .. note) end
end

if not nginx.is_present() then
  say "The benchmark needs nginx."
  os.exit(1)
end
io.stdout:setvbuf "line"
local smoke = arg[1] == "smoke"
run(smoke and experiments.SMOKE or experiments.FULL, arg[smoke and 2 or 1] or "")
