--- What the sweep does while memory runs out. Each scenario has, besides its name:
---
---   prepare()     says what the service will do
---   run(try)      what is tried, without memory: it may raise
---   settle(try)   what is left to be done, with memory again
---   check(try)    raises when something wrong was said of an avatar; `try.succeeded` and `try.result` tell how it went
---   ids           of the avatars that are there before, by default { "avatar" }
---   threaded      whether a thread is started
---   tls           whether it is worth to be tried under TLS too: a handshake allocates some four thousand times
---   fields        of the try, to begin with: a run must not need memory to note something down
---
--- A try has a `client` of its own, its `ids`, and an empty `report`.

local heygen = require "heygen"

-- How often to poll before a request counts as lost, and for how long each time, in seconds.
local POLLS, PATIENCE = 1000, 5

---@class spec.memory.Site what a scenario knows of the other side
---@field service spec.Service
---@field options table of a client

---@param site spec.memory.Site
return function(site)
  local service = site.service

  local GONE = { deleted = true, presumed_deleted = true, not_deleted = false }

  -- The avatar existed before: what was said of it must be so. "unknown" says nothing, nor does Lua's lack of memory.
  local function check_outcome(id, outcome)
    local gone = not service:knows(id)
    assert(outcome ~= "absent", "an avatar that was there is called absent")
    assert(GONE[outcome] == nil or GONE[outcome] == gone, "an avatar has not the outcome that was said")
  end

  local function outcome_of_error(err)
    if heygen.is_error(err) then return err.outcome end
    assert(tostring(err):find "not enough memory", err)
    return nil
  end

  local function check_call(try)
    check_outcome("avatar", try.succeeded and try.result.outcome or outcome_of_error(try.result))
  end

  local function delete(try)
    local _, meta = try.client:delete_photo_avatar "avatar"
    return meta
  end

  local function answered(first, always)
    return function() service:plan("avatar", { first, always = always }) end
  end

  -- OpenSSL's lack of memory shows as a handshake that fails.
  local SHORTAGES = { resources = true, tls = true }

  local function expect_kind(kind)
    return function(try)
      assert(not try.succeeded, "it succeeded")
      if heygen.is_error(try.result) and not SHORTAGES[try.result.kind] then
        assert(try.result.kind == kind, ("%s instead of %s"):format(try.result.kind, kind))
      end
      check_call(try)
    end
  end

  local function poll_until_done(try)
    for _ = 1, POLLS do
      if not try.request or try.request:done() then return end
      try.client:poll(PATIENCE)
    end
    error "a request never finished"
  end

  local function check_report(try)
    local report, given, counted = try.report, 0, 0
    if report.not_attempted == nil then return end
    for _, name in ipairs { "deleted", "presumed_deleted", "absent", "not_deleted", "unknown", "not_attempted" } do
      counted = counted + (report[name] or error("no count of " .. name))
    end
    local gone = 0
    for _, id in ipairs(try.ids) do
      given = given + 1
      if not service:knows(id) then gone = gone + 1 end
    end
    local there = given - gone
    assert(counted == report.total and counted == given, "an id is in no count, or in two")
    assert(report.absent == 0, "an avatar that was there is called absent")
    local surely_gone = report.deleted + report.presumed_deleted
    local surely_there = report.not_deleted + report.not_attempted
    assert(surely_gone <= gone and surely_there <= there, "the report says what is not so")
    for id, result in pairs(report.results or {}) do
      check_outcome(id, (result.meta or result.err).outcome)
    end
  end

  local RESET = { { delete = true }, { reset = true } }
  local BUSY = { { status = 503, body = '{"error":{"code":"service_unavailable"}}' } }
  local REFUSAL = { { status = 403, body = '{"code":400562,"message":"forbidden"}' } }
  local RICH = {
    { delete = true },
    { status = 200, headers = { sunset = "soon" }, body = '{"code":100,"data":[1,null,{"a":"b"}],"warning":"w"}' },
  }

  return {
    { name = "a client is made", run = function() heygen.new(site.options):close() end },
    {
      name = "a call is refused",
      run = function(try) try.client:delete_photo_avatar "no id" end,
      check = expect_kind "invalid_argument",
    },
    { name = "an avatar is deleted", tls = true, prepare = answered(RICH), run = delete, check = check_call },
    {
      name = "the service refuses",
      tls = true,
      prepare = answered(REFUSAL, REFUSAL),
      run = delete,
      check = expect_kind "forbidden",
    },
    { name = "a call is tried again", prepare = answered(BUSY), run = delete, check = check_call },
    { name = "an answer is lost", tls = true, prepare = answered(RESET), run = delete, check = check_call },
    {
      name = "a call is traced",
      prepare = answered(BUSY),
      fields = { trace = false, kind = false },
      run = function(try)
        try.trace = try.trace or function(attempt) try.kind = attempt.kind or "none" end
        local _, meta = try.client:delete_photo_avatar("avatar", { trace = try.trace, timeout = 20 })
        return meta
      end,
      check = function(try)
        check_call(try)
        local last = try.succeeded and "none" or heygen.is_error(try.result) and try.result.kind
        assert(not try.kind or not last or try.kind == last, "the trace tells of another end")
      end,
    },
    {
      name = "a request is polled",
      threaded = true,
      tls = true,
      fields = { request = false, callbacks = 0 },
      run = function(try)
        try.request = try.client:delete_photo_avatar_async("avatar", function() try.callbacks = try.callbacks + 1 end)
        poll_until_done(try)
      end,
      settle = function(try)
        poll_until_done(try)
        -- A result that was there already may have lacked the memory for its callback.
        try.client:poll()
      end,
      check = function(try)
        assert(try.callbacks == (try.request and 1 or 0), "a callback ran not just once")
        local outcome
        if try.request then
          outcome = select(2, try.request:result()).outcome
        else
          outcome = outcome_of_error(try.result)
        end
        check_outcome("avatar", outcome)
      end,
    },
    {
      name = "a list is deleted",
      ids = { "avatar", "second", "third" },
      run = function(try)
        return try.client:delete_photo_avatars(try.ids, { report = try.report, max_concurrency = 2 })
      end,
      check = check_report,
    },
    {
      name = "a list is deleted by polling",
      threaded = true,
      fields = { request = false },
      ids = { "avatar", "second", "third" },
      run = function(try)
        try.request = try.client:delete_photo_avatars_async(try.ids, nil, { report = try.report })
        poll_until_done(try)
      end,
      settle = poll_until_done,
      check = check_report,
    },
  }
end
