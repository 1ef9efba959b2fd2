-- One program for every version of Lua, in the syntax of 5.1: prints a line for each check, and the counts.
-- run.lua starts it, beside the service that it talks to; `lua checks.lua` needs HEYGEN_API_BASE and HEYGEN_API_KEY.

local heygen = require "heygen"
local safe = require "heygen.safe"

local VERSION = rawget(_G, "jit") and "LuaJIT" or _VERSION
local HAS_INTEGERS = rawget(math, "type") ~= nil
local unpack = table.unpack or unpack -- luacheck: ignore

local passed, failed, skipped = 0, 0, 0

-- Runs a check. A table of reasons by version says where it can't hold; `instead` is what holds there.
local function check(name, run, reasons)
  local reason = reasons and reasons[VERSION]
  if reason then
    skipped = skipped + 1
    return print(("-  %s: %s"):format(name, reason))
  end
  local fine, problem = pcall(run)
  if fine then passed = passed + 1 else failed = failed + 1 end
  print(fine and "ok " .. name or ("NOT OK %s: %s"):format(name, tostring(problem)))
end

local function equal(expected, value)
  if expected ~= value then
    error(("expected %s, but it is %s"):format(tostring(expected), tostring(value)), 2)
  end
end

local function raised(call, ...)
  local fine, err = pcall(call, ...)
  if fine then error("nothing was raised", 2) end
  if not heygen.is_error(err) then error("raised, but not as an error of heygen: " .. tostring(err), 2) end
  return err
end

local function finish(client)
  while client:poll(1) > 0 do end
end

-- A userdata or table whose collection calls the function: tables have no finalizer in 5.1.
local function with_finalizer(run)
  if rawget(_G, "newproxy") then
    local proxy = newproxy(true) -- luacheck: ignore
    getmetatable(proxy).__gc = run
    return proxy
  end
  return setmetatable({}, { __gc = run })
end

---- every way of calling ----

check("a plain call deletes", function()
  local body, meta = heygen.delete_photo_avatar(nil, "plain")
  equal(100, body.code)
  equal("deleted", meta.outcome)
  equal(200, meta.status)
  equal(1, meta.attempts)
end)

check("a client's call deletes", function()
  local client = heygen.new()
  local _, meta = client:delete_photo_avatar "method"
  equal("deleted", meta.outcome)
  client:close()
end)

check("missing_ok", function()
  local _, meta = heygen.delete_photo_avatar(nil, "no-such", { missing_ok = true })
  equal("absent", meta.outcome)
end)

check("a lost answer ends as presumed_deleted", function()
  local _, meta = heygen.delete_photo_avatar(nil, "lost")
  equal("presumed_deleted", meta.outcome)
  equal(2, meta.attempts)
end)

check("heygen.safe returns nil and the error", function()
  local body, err = safe.delete_photo_avatar(nil, "no-such")
  equal(nil, body)
  equal("not_found", err.kind)
  local client = assert(safe.new())
  equal(nil, (client:delete_photo_avatar "no-such"))
  equal(true, client:close())
end)

check("a bulk run of a sequence", function()
  local seen = 0
  local report = heygen.delete_photo_avatars(nil, { "s1", "s2", "no-such", "s1" }, {
    on_result = function() seen = seen + 1 end,
  })
  equal(4, report.total)
  equal(2, report.deleted)
  equal(1, report.absent)
  equal(1, report.duplicates)
  equal(100, report.results.s1.body.code)
  equal("not_found", report.results["no-such"].err.kind)
  equal(3, seen)
end)

check("a bulk run of an iterator", function()
  local next_id = 0
  local report = heygen.delete_photo_avatars(nil, function()
    next_id = next_id + 1
    return next_id <= 3 and "i" .. next_id or nil
  end)
  equal(3, report.deleted)
  equal(nil, report.results)
end)

check("an asynchronous call", function()
  local client = heygen.new()
  local calls = 0
  local request = client:delete_photo_avatar_async("async", function(body, meta)
    calls = calls + 1
    equal(100, body.code)
    equal("deleted", meta.outcome)
  end)
  finish(client)
  equal(1, calls)
  equal(true, request:done())
  equal(100, request:result().code)
  client:close()
end)

check("an asynchronous bulk run", function()
  local client = heygen.new()
  local report
  client:delete_photo_avatars_async({ "ab1", "ab2" }, function(finished) report = finished end)
  finish(client)
  equal(2, report.deleted)
  client:close()
end)

check("pollfd, events and timeout", function()
  local client = heygen.new()
  equal("number", type(client:pollfd()))
  equal("r", client:events())
  equal(nil, client:timeout())
  client:close()
end)

check("an error of a callback leaves poll, and the rest is delivered by the next", function()
  local client = heygen.new()
  local delivered = 0
  for number = 1, 3 do
    client:delete_photo_avatar_async("no-such", function()
      delivered = delivered + 1
      if number == 2 then error "of the callback" end
    end)
  end
  local problems = 0
  repeat
    local fine, left = pcall(client.poll, client, 1)
    if not fine then problems = problems + 1 end
  until fine and left == 0
  equal(3, delivered)
  equal(1, problems)
  client:close()
end)

check("a trace tells of each attempt", function()
  local attempts = {}
  heygen.delete_photo_avatar(nil, "traced", { trace = function(attempt) attempts[#attempts + 1] = attempt end })
  equal(1, #attempts)
  equal("DELETE", attempts[1].method)
end)

---- every kind of error ----

local function error_of(id, options)
  local key = options.key
  options.key = nil
  options.max_retries, options.api_version = 0, "v2"
  return raised(heygen.delete_photo_avatar, key, id, options)
end

local KINDS = {
  { "connection", "x", { base_url = os.getenv "REFUSED_BASE" }, "not_deleted" },
  { "tls", "x", { base_url = os.getenv "UNTRUSTED_BASE" }, "not_deleted" },
  { "timeout", "hanging", { timeout = 0.2 }, "unknown" },
  { "protocol", "html", nil, "unknown" },
  { "redirect", "moved", nil, "not_deleted" },
  { "unauthorized", "x", { key = "wrong-key" }, "not_deleted" },
  { "forbidden", "forbidden", nil, "not_deleted" },
  { "not_found", "no-such", nil, "absent" },
  { "retired", "gone", nil, "not_deleted" },
  { "conflict", "busy", nil, "not_deleted" },
  { "rate_limited", "limited", nil, "not_deleted" },
  { "quota_exceeded", "unpaid", nil, "not_deleted" },
  { "rejected", "refused", nil, "not_deleted" },
  { "server", "broken", nil, "unknown" },
}
for _, case in ipairs(KINDS) do
  local kind, id, options, outcome = unpack(case, 1, 4)
  check("an error of kind " .. kind, function()
    local err = error_of(id, options or {})
    equal(kind, err.kind)
    equal(outcome, err.outcome)
    equal("string", type(tostring(err)))
    equal(true, tostring(err):find(kind, 1, true) ~= nil)
    equal("string", type("failed: " .. err))
  end)
end

check("an error of kind invalid_argument", function()
  equal("invalid_argument", raised(heygen.delete_photo_avatar, nil, "a/b").kind)
  equal("invalid_argument", raised(heygen.delete_photo_avatar, nil, "x", { no_such_option = 1 }).kind)
  equal("invalid_argument", raised(heygen.new, { timeout = 0 / 0 }).kind)
end)

check("an error of kind misuse", function()
  local client = heygen.new()
  client:close()
  equal("misuse", raised(client.delete_photo_avatar, client, "x").kind)
end)

check("an error of kind cancelled", function()
  local client = heygen.new()
  local request = client:delete_photo_avatar_async "hanging"
  request:cancel()
  finish(client)
  local _, err = request:result()
  equal("cancelled", err.kind)
  client:close()
end)

check("every kind and outcome is listed", function()
  local known = {}
  for _, kind in ipairs(heygen.kinds) do known[kind] = true end
  for _, case in ipairs(KINDS) do equal(true, known[case[1]]) end
  equal(5, #heygen.outcomes)
end)

check("where names the line of the caller", function()
  local err = raised(function()
    local body = heygen.delete_photo_avatar(nil, "no-such")
    return body
  end)
  equal(true, err.where:find("checks%.lua:%d+$") ~= nil)
  equal(1, tostring(err):find(err.where, 1, true))
end)

---- values ----

check("whole numbers print without a fraction", function()
  local body = heygen.delete_photo_avatar(nil, "numbers")
  equal("100", tostring(body.code))
  equal("9007199254740992", ("%d"):format(body.data.largest))
  equal("-7", tostring(body.data.negative))
  equal(0.5, body.data.half)
  if HAS_INTEGERS then equal("integer", math.type(body.data.largest)) end -- luacheck: ignore
end)

check("a null member is absent, a null in an array is heygen.null", function()
  local body = heygen.delete_photo_avatar(nil, "nulls")
  equal(nil, body.data.none)
  equal(heygen.null, body.data.list[1])
  equal("userdata", type(heygen.null))
  local found, cjson = pcall(require, "cjson")
  if found then equal(cjson.null, heygen.null) end
end)

check("bytes above 127 come as they are", function()
  local body = heygen.delete_photo_avatar(nil, "bytes")
  equal("\195\164\226\130\172\240\159\152\128", body.data.text)
  equal("\195\164", body.data.escaped)
end)

check("an id with bytes above 127 is refused", function()
  equal("invalid_argument", raised(heygen.delete_photo_avatar, nil, "\195\164").kind)
  equal("invalid_argument", raised(heygen.delete_photo_avatar, nil, "a\0b").kind)
end)

---- coroutines ----

-- Runs a function in a coroutine that poll resumes, and returns what it returns.
local function in_coroutine(client, run)
  local results
  local thread = coroutine.create(function() results = { run() } end)
  local fine, problem = coroutine.resume(thread)
  if not fine then error(problem, 0) end
  finish(client)
  if not results then error "the coroutine has not ended" end
  return unpack(results, 1, 4)
end

check("await in a coroutine", function()
  local client = heygen.new()
  local body, meta = in_coroutine(client, function() return client:delete_photo_avatar_async("awaited"):await() end)
  equal(100, body.code)
  equal("deleted", meta.outcome)
  client:close()
end)

check("await raises what the call ended with", function()
  local client = heygen.new()
  local err = in_coroutine(client, function()
    local request = client:delete_photo_avatar_async "no-such"
    finish(client) -- the result is there: nothing to wait for, so that pcall is no obstacle
    return raised(request.await, request)
  end)
  equal("not_found", err.kind)
  client:close()
end)

check("await through pcall", function()
  local client = heygen.new()
  local err = in_coroutine(client, function()
    local request = client:delete_photo_avatar_async "no-such"
    return raised(request.await, request)
  end)
  equal(VERSION == "Lua 5.1" and "misuse" or "not_found", err.kind)
  client:close()
end)

check("safe await", function()
  local client = assert(safe.new())
  local _, err = in_coroutine(client, function()
    return assert(client:delete_photo_avatar_async "no-such"):await()
  end)
  equal("not_found", err.kind)
  client:close()
end)

check("await below table.sort is misuse", function()
  local client = heygen.new()
  local err = in_coroutine(client, function()
    local request = client:delete_photo_avatar_async "no-such"
    local problem
    pcall(table.sort, { 1, 2 }, function()
      problem = raised(request.await, request)
      error "enough"
    end)
    return problem
  end)
  equal("misuse", err.kind)
  client:close()
end, { ["Lua 5.2"] = "5.2 can't be asked whether a coroutine can yield" })

check("await outside a coroutine is misuse", function()
  local client = heygen.new()
  local request = client:delete_photo_avatar_async "no-such"
  equal("misuse", raised(request.await, request).kind)
  finish(client)
  client:close()
end)

check("await in a coroutine that another one resumes is misuse, and the request goes on", function()
  local client = assert(safe.new())
  local request = assert(client:delete_photo_avatar_async "resumed")
  local err
  local thread = coroutine.wrap(function() err = select(2, request:await()) end)
  thread()
  thread()
  equal("misuse", err.kind)
  finish(client)
  equal(100, request:result().code)
  client:close()
end)

---- collection ----

check("a client is closed by collection", function()
  local before = collectgarbage "count"
  for _ = 1, 50 do heygen.new():delete_photo_avatar_async "hanging" end
  collectgarbage()
  collectgarbage()
  equal(true, collectgarbage "count" < before + 200)
end)

check("a call within a finalizer", function()
  local outcome
  with_finalizer(function()
    local _, meta = heygen.delete_photo_avatar(nil, "finalized", { missing_ok = true })
    outcome = meta.outcome
  end)
  collectgarbage()
  collectgarbage()
  equal("deleted", outcome)
end)

check("await in a coroutine that a finalizer began", function()
  local client = heygen.new()
  local body
  with_finalizer(function()
    local thread = coroutine.create(function() body = client:delete_photo_avatar_async("in-finalizer"):await() end)
    coroutine.resume(thread)
  end)
  collectgarbage()
  collectgarbage()
  finish(client)
  equal(100, body.code)
  client:close()
end)

check("a variable that is to be closed", function()
  local chunk = assert((loadstring or load)([[ -- luacheck: ignore
    local heygen = ...
    local kept
    do local client <close> = heygen.new(); kept = client end
    return kept
  ]]))
  equal("misuse", raised(chunk(heygen).delete_photo_avatar, chunk(heygen), "x").kind)
end, {
  ["Lua 5.1"] = "<close> came with 5.4", LuaJIT = "<close> came with 5.4", ["Lua 5.2"] = "<close> came with 5.4",
  ["Lua 5.3"] = "<close> came with 5.4",
})

check("a deprecation is warned of", function()
  local words
  if VERSION == "Lua 5.4" or VERSION == "Lua 5.5" then
    words = "warned" -- the warning goes to the interpreter's own system, see run.lua
  else
    rawset(_G, "warn", function(text) words = text end)
  end
  heygen.new():delete_photo_avatar("deprecated", { api_version = "v2" })
  equal("string", type(words))
end)

print(("%s: %d passed, %d failed, %d skipped"):format(VERSION, passed, failed, skipped))
os.exit(failed == 0 and 0 or 1)
