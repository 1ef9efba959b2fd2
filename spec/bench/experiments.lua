--- What the benchmark measures: experiments, whose contestants take turns, and the rows of the table that come of them.

local nginx = require "spec.bench.nginx"
local programs = require "spec.bench.programs"

local experiments = {}

---@class bench.Size
---@field rounds integer
---@field blocking integer deletions of a program
---@field bulk integer
---@field peer integer
---@field bulk_peer integer
---@field delayed integer for each place of the concurrency
---@field counted integer deletions whose instructions are counted
---@field counted_tls boolean[] without TLS, and with it, which takes callgrind long
---@field memory integer
---@field cold_starts integer of 64 calls each
---@field counts integer[] over which the cost is to be flat
---@field concurrencies integer[]

experiments.FULL = {
  rounds = 5, blocking = 10000, bulk = 20000, peer = 1000, bulk_peer = 10000, delayed = 20, counted = 500,
  counted_tls = { false, true }, memory = 1000000, cold_starts = 100,
  counts = { 1000, 10000, 100000, 1000000 }, concurrencies = { 1, 8, 32, 128, 512, 1000 },
}
experiments.SMOKE = {
  rounds = 1, blocking = 10, bulk = 100, peer = 5, bulk_peer = 50, delayed = 2, counted = 5,
  counted_tls = { false }, memory = 500, cold_starts = 2,
  counts = { 50, 100 }, concurrencies = { 1, 64 },
}

---@class bench.Row
---@field what string
---@field of string the contestant
---@field over string|number|nil what its value is divided by: a contestant, the best of the others, a number or nothing
---@field value string the name of the value in the contestants' results
---@field inverse boolean? the ratio is turned over: the higher the better
---@field unit string of the value
---@field scale number from the value to its unit
---@field at_most number? the goal of the ratio, or of the value where there is none
---@field at_least number?

---@class bench.Experiment
---@field name string
---@field contestants { name: string, measure: (fun(): table<string, number>)? }[] without `measure`: missing
---@field missing string? what it needs and this machine hasn't
---@field rows bench.Row[]
---@field rounds integer

--- The least of all contestants but this module, where a row is compared with it.
experiments.BEST = "the best peer"

local MICROSECONDS = { unit = "µs", scale = 1e6 }
local MILLISECONDS = { unit = "ms", scale = 1e3 }
local THOUSANDS = { unit = "k", scale = 1e-3 }
local KIBIBYTES = { unit = "KiB", scale = 1 }
local FRAMES = { unit = "frames", scale = 1 }

---@param unit { unit: string, scale: number }
---@param row table
---@return bench.Row
local function row_in(unit, row)
  row.of = row.of or "ours"
  row.unit, row.scale = unit.unit, unit.scale
  return row
end

local function contestant(bench, method, program, workload)
  return {
    name = program.name,
    measure = program.command and function() return bench[method](bench, program, workload) end,
  }
end

local function workload(bench, tls, count, concurrency)
  return {
    url = tls and bench.service.tls_url or bench.service.url,
    ca_file = tls and bench.service.ca_file or nil,
    count = count,
    concurrency = concurrency,
  }
end

local function pair(bench, method, kind, work)
  local ours, limit = programs.pair(kind)
  return { contestant(bench, method, ours, work), contestant(bench, method, limit, work) }
end

local function peers(bench, how, work)
  local ours = programs.pair(how == "one" and "blocking" or "bulk")
  local contestants = { contestant(bench, "cost", ours, work) }
  for _, peer in ipairs(programs.peers(bench.service, how)) do
    contestants[#contestants + 1] = contestant(bench, "cost", peer, work)
  end
  return contestants
end

local function protocol(tls)
  return tls and "TLS" or "HTTP"
end

local function blocking(bench, size, tls)
  return {
    name = "blocking calls, " .. protocol(tls),
    contestants = pair(bench, "cost", "blocking", workload(bench, tls, size.blocking, 1)),
    rows = {
      row_in(MICROSECONDS, {
        what = "CPU of a blocking call, " .. protocol(tls), value = "cpu", over = "the limit", at_most = 1.10,
      }),
    },
    rounds = size.rounds,
  }
end

local function instructions(bench, size, tls)
  return {
    name = "instructions, " .. protocol(tls),
    missing = programs.missing "valgrind",
    contestants = pair(bench, "instructions", "blocking", workload(bench, tls, size.counted, 1)),
    rows = {
      row_in(THOUSANDS, {
        what = "instructions of the same, " .. protocol(tls), value = "instructions",
        over = "the limit", at_most = 1.10,
      }),
    },
    rounds = 1,
  }
end

local function first_call(bench, size)
  local contestants = {}
  for position, name in ipairs { "ours", "curl" } do
    contestants[position] = {
      name = name,
      measure = function() return bench:first_call(programs.first_calls[name]) end,
    }
  end
  return {
    name = "first calls",
    missing = programs.missing("ca-certificates", "unshare --mount"),
    contestants = contestants,
    rows = {
      row_in(MILLISECONDS, { what = "CPU of a first call, TLS", value = "cpu", over = "curl", at_most = 0.35 }),
    },
    rounds = size.rounds * 4,
  }
end

local function bulk(bench, size, tls, concurrency)
  local name = ("bulk at %d, %s"):format(concurrency, protocol(tls))
  return {
    name = name,
    contestants = pair(bench, "cost", "bulk", workload(bench, tls, size.bulk, concurrency)),
    rows = {
      row_in(MICROSECONDS, {
        what = "throughput of " .. name, value = "wall", over = "the limit", inverse = true, at_least = 0.95,
      }),
      row_in(MICROSECONDS, { what = "CPU of " .. name, value = "cpu", over = "the limit", at_most = 1.3 }),
    },
    rounds = size.rounds,
  }
end

local function delayed(bench, size, concurrency)
  local work = workload(bench, false, size.delayed * concurrency, concurrency)
  work.url = work.url .. "/delayed"
  return {
    name = ("bulk at %d, 50 ms away"):format(concurrency),
    contestants = { contestant(bench, "cost", programs.pair "bulk", work) },
    rows = {
      row_in(MICROSECONDS, {
        what = ("time of bulk at %d, 50 ms away"):format(concurrency),
        value = "wall", over = nginx.DELAY / concurrency, at_most = 1.08,
      }),
    },
    rounds = size.rounds,
  }
end

local function against_peers(bench, size, how, tls, goal)
  local count, concurrency = size.peer, 1
  if how == "many" then count, concurrency = size.bulk_peer, 8 end
  local name = (how == "one" and "calls, " or "bulk, ") .. protocol(tls)
  return {
    name = name .. ", beside the peers",
    contestants = peers(bench, how, workload(bench, tls, count, concurrency)),
    rows = {
      row_in(MICROSECONDS, {
        what = "CPU per delete, " .. name, value = "cpu", over = experiments.BEST, inverse = true, at_least = goal,
      }),
    },
    rounds = size.rounds,
  }
end

local function frames(bench, size)
  return {
    name = "frames",
    missing = programs.missing "ca-certificates",
    contestants = pair(bench, "frames", "frames", workload(bench, true, 64 * size.cold_starts, 64)),
    rows = {
      row_in(MICROSECONDS, { what = "poll(0, 1), 99 % of the frames", value = "permille_990", at_most = 50 }),
      row_in(MICROSECONDS, { what = "poll(0, 1), 99.9 % of the frames", value = "permille_999", over = "the limit" }),
      row_in(MICROSECONDS, {
        what = "poll(0, 1), the slowest frame", value = "longest", over = "the limit", at_most = 1 / 20,
      }),
      row_in(FRAMES, { what = "poll(0, 1), measured in a round", value = "count", at_least = 10000 }),
    },
    rounds = math.min(size.rounds, 3),
  }
end

local function memory(bench, size)
  return {
    name = "memory",
    contestants = { contestant(bench, "memory", programs.memory(), workload(bench, false, size.memory, 200)) },
    rows = {
      row_in(KIBIBYTES, { what = "memory of require", value = "loaded" }),
      row_in(KIBIBYTES, { what = "memory of the first client, used", value = "first" }),
      row_in(KIBIBYTES, { what = "memory of a further client, used", value = "client" }),
      row_in(KIBIBYTES, { what = "memory of a request in flight", value = "request" }),
      row_in(KIBIBYTES, {
        what = ("memory that the last 9/10 of %d ids add"):format(size.memory), value = "growth", at_most = 2048,
      }),
    },
    rounds = 1,
  }
end

-- The cost of bulk over a range: the last is not to be above the first.
local function flat(bench, size, name, works)
  local contestants, rows = {}, {}
  local ours = programs.pair "bulk"
  for position, work in ipairs(works) do
    local made = contestant(bench, "cost", ours, work)
    made.name = ("%d %s"):format(work[name], name == "count" and "ids" or "at once")
    contestants[position] = made
    rows[position] = row_in(MICROSECONDS, {
      what = "CPU per delete, " .. made.name, value = "cpu", of = made.name,
      over = position > 1 and contestants[1].name or nil, at_most = position > 1 and 1.10 or nil,
    })
  end
  return { name = "cost by " .. name, contestants = contestants, rows = rows, rounds = math.min(size.rounds, 3) }
end

local function flat_over_counts(bench, size)
  local works = {}
  for position, count in ipairs(size.counts) do works[position] = workload(bench, false, count, 8) end
  return flat(bench, size, "count", works)
end

local function flat_over_concurrencies(bench, size)
  local works = {}
  for position, concurrency in ipairs(size.concurrencies) do
    works[position] = workload(bench, false, size.bulk, concurrency)
  end
  return flat(bench, size, "concurrency", works)
end

--- All of them.
---@param bench bench.Bench
---@param size bench.Size
---@return bench.Experiment[]
function experiments.all(bench, size)
  local all = { blocking(bench, size, false), blocking(bench, size, true) }
  for _, tls in ipairs(size.counted_tls) do all[#all + 1] = instructions(bench, size, tls) end
  all[#all + 1] = first_call(bench, size)
  for _, tls in ipairs { false, true } do
    for _, concurrency in ipairs { 8, 32 } do all[#all + 1] = bulk(bench, size, tls, concurrency) end
  end
  for _, concurrency in ipairs { 8, 32 } do all[#all + 1] = delayed(bench, size, concurrency) end
  all[#all + 1] = against_peers(bench, size, "one", false, 5)
  all[#all + 1] = against_peers(bench, size, "one", true, 10)
  all[#all + 1] = against_peers(bench, size, "many", false, 10)
  all[#all + 1] = frames(bench, size)
  all[#all + 1] = memory(bench, size)
  all[#all + 1] = flat_over_counts(bench, size)
  all[#all + 1] = flat_over_concurrencies(bench, size)
  return all
end

return experiments
