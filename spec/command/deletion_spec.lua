-- lua/heygen/command/deletion.lua: runs that end before their end, and others that go on with their journal.

local cjson = require "cjson"
local command = require "spec.support.command"
local deletion = require "heygen.command.deletion"
local ledger = require "heygen.command.ledger"
local server = require "spec.support.server"

-- How long what happens at once may take, in seconds.
local PATIENCE = 30

-- A client that does as a script says: an id that the script does not name is begun and not attempted; one whose
-- outcome is "unheard" is attempted, and nothing is told of it.
local function scripted_client(outcomes, begun)
  return {
    delete_photo_avatars = function(_, next_id, options)
      local report = options.report
      report.not_attempted = 0
      for id in next_id do
        begun[#begun + 1] = id
        local outcome = outcomes[id]
        if not outcome then
          report.not_attempted = report.not_attempted + 1
        elseif outcome ~= "unheard" then
          options.on_result(id, {}, { outcome = outcome })
        end
      end
      return report
    end,
  }
end

-- A journal that notes everything in `lines`, but for what begins with `full_at`.
local function scripted_journal(lines, full_at)
  local function note(line)
    if full_at and line:find(full_at, 1, true) == 1 then return nil, "full" end
    lines[#lines + 1] = line
    return true
  end
  return {
    announce = function(_, ids)
      for _, id in ipairs(ids) do
        local fine, problem = note("start " .. id)
        if not fine then return nil, problem end
      end
      return true
    end,
    done = function(_, id, outcome) return note(("done %s %s"):format(id, outcome)) end,
  }
end

describe("a deletion", function()
  local begun, lines, told

  before_each(function() begun, lines, told = {}, {}, {} end)

  local function delete(outcomes, known, full_at)
    local run = deletion.new {
      options = { client = { max_concurrency = 1 } },
      client = scripted_client(outcomes, begun),
      journal = scripted_journal(lines, full_at),
      ledger = ledger.new({ "a", "b", "c" }, known),
      output = { line = function(_, record) told[#told + 1] = record.id .. " " .. record.outcome end },
    }
    run:delete_all()
    run:settle(nil, false)
    return run
  end

  it("does not begin what can't be noted", function()
    local run = delete({ a = "deleted", b = "deleted" }, nil, "start b")
    assert.same({ "a" }, begun)
    assert.same({ "a deleted", "b not_attempted", "c not_attempted" }, told)
    assert.equal("Stopped early: full", run.ending)
  end)

  it("begins nothing more once a result can't be noted, and tells of it", function()
    local run = delete({ a = "deleted", b = "deleted" }, nil, "done a")
    assert.same({ "a" }, begun)
    assert.same({ "a deleted", "b not_attempted", "c not_attempted" }, told)
    assert.equal("Stopped early: full", run.ending)
  end)

  it("notes of what was begun and not sent that it was not", function()
    delete({ a = "deleted", c = "deleted" })
    assert.same({ "start a", "done a deleted", "start b", "start c", "done c deleted", "done b not_attempted" }, lines)
    assert.same({ "a deleted", "c deleted", "b not_attempted" }, told)
  end)

  it("takes what nothing was heard of for unknown, where some of it was attempted", function()
    delete({ a = "deleted", c = "unheard" })
    assert.same({ "start a", "done a deleted", "start b", "start c", "done b unknown", "done c unknown" }, lines)
    assert.same({ "a deleted", "b unknown", "c unknown" }, told)
  end)

  it("leaves a doubt that an earlier run has left", function()
    delete({ b = "deleted", c = "deleted" }, { a = "started" })
    assert.same({ "a", "b", "c" }, begun)
    assert.same({ "start a", "start b", "done b deleted", "start c", "done c deleted" }, lines)
    assert.same({ "b deleted", "c deleted", "a unknown" }, told)
  end)
end)

local GONE = { deleted = true, presumed_deleted = true, absent = true }

describe("heygen-delete with a journal", function()
  local service, folder, journal

  before_each(function()
    service = server.start {}
    folder = command.folder()
    journal = folder .. "/journal"
  end)
  after_each(function()
    service:stop()
    command.remove(folder)
  end)

  local function run(arguments, options)
    return command.run(service, { "-y", "--journal", journal, table.unpack(arguments) }, options)
  end

  local function header()
    return command.journal_head(service.url)
  end

  local function sorted_lines(text)
    local lines = {}
    for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
    table.sort(lines)
    return lines
  end

  it("notes every start before the id is sent, and every result", function()
    service:add { "a", "b" }
    service:plan("b", { { { status = 403, body = '{"message":"forbidden"}' } } })
    assert.equal(1, run({ "--concurrency", "1", "a", "b", "no-such" }).status)
    assert.equal(command.timeless(header()) .. "start a\ndone a deleted\nstart b\ndone b not_deleted forbidden\n"
      .. "start no-such\ndone no-such absent not_found\n", command.timeless(command.read(journal)))
  end)

  it("has the start in the file while the request is on its way", function()
    service:plan("a", { { { hang = true } } })
    local child = command.start(service, { "-y", "--journal", journal, "a" })
    server.eventually(function() return service:deletes "a" == 1 end, PATIENCE)
    assert.equal(command.timeless(header()) .. "start a\n", command.timeless(command.read(journal)))
    child:signal "KILL"
    assert.equal(9, child:wait(PATIENCE).signal)
  end)

  it("does not send again what is known to be gone", function()
    service:add { "c" }
    command.write(journal, header() .. "start a\ndone a deleted\nstart b\ndone b presumed_deleted\n")
    local result = run { "a", "b", "c" }
    assert.same({ 0, "3 photo avatars: 2 deleted, 1 presumed deleted (2 in earlier runs)\n" },
      { result.status, result.stdout })
    assert.equal(1, service:deletes())
    assert.equal("3 photo avatars: 2 deleted, 1 presumed deleted (3 in earlier runs)\n", run({ "a", "b", "c" }).stdout)
    assert.equal(1, service:deletes())
  end)

  it("takes what was absent for a failure again, unless that is fine", function()
    command.write(journal, header() .. "start a\ndone a absent not_found\n")
    assert.equal(1, run({ "a" }).status)
    assert.equal(0, run({ "--missing-ok", "a" }).status)
    assert.equal(0, service:deletes())
  end)

  it("sends first, as maybe sent, what was in doubt; all else as new", function()
    service:add { "started-there", "failed" }
    command.write(journal, header() .. "start started-there\nstart started-gone\n"
      .. "start unknown-gone\ndone unknown-gone unknown timeout\nstart failed\ndone failed not_deleted server\n"
      .. "start failed-gone\ndone failed-gone not_deleted server\n")
    local result = run {
      "--json", "--concurrency", "1", "new", "failed", "failed-gone", "started-there", "started-gone", "unknown-gone",
    }
    local outcomes, order = {}, {}
    for line in result.stdout:gmatch "[^\n]+" do
      local object = cjson.decode(line)
      outcomes[object.id] = object.outcome
      order[#order + 1] = object.id
    end
    assert.same({
      ["started-there"] = "deleted", ["started-gone"] = "presumed_deleted", ["unknown-gone"] = "presumed_deleted",
      failed = "deleted", ["failed-gone"] = "absent", new = "absent",
    }, outcomes)
    assert.same({ "started-there", "started-gone", "unknown-gone", "new", "failed", "failed-gone" }, order)
  end)

  it("keeps a doubt that it could not settle", function()
    command.write(journal, header() .. "start a\nstart b\n")
    service:plan("a", { { { status = 401, body = "{}" } } })
    local result = run { "--concurrency", "1", "a", "b", "c" }
    assert.equal(3, result.status)
    assert.matches("3 photo avatars: 2 unknown, 1 not attempted\n", result.stdout)
    result = run { "a", "b" }
    assert.same({ 0, "2 photo avatars: 2 presumed deleted\n" }, { result.status, result.stdout })
  end)

  it("notes of ids that were ready when it stopped that they were not sent", function()
    service:add(command.ids(20))
    for _, id in ipairs(command.ids(20)) do service:plan(id, { { { status = 401, body = "{}" } } }) end
    -- The rate holds back all but the first ones.
    assert.equal(3, run({ "--rate", "2", table.unpack(command.ids(20)) }).status)
    local sent = 0
    for id, word in pairs(command.last_words(command.read(journal))) do
      local was_sent = service:deletes(id) > 0
      sent = sent + (was_sent and 1 or 0)
      assert.equal(was_sent and "not_deleted" or "not_attempted", word, id)
    end
    assert.is_true(sent >= 1)
  end)

  it("repairs a last line that was cut off", function()
    service:add { "a", "b" }
    command.write(journal, header() .. "start a\ndone a del")
    local result = run { "a", "b" }
    assert.same({ 0, "2 photo avatars: 2 deleted\n" }, { result.status, result.stdout })
    local expected = "start a\ndone a del (cut off)\nstart a\ndone a deleted\nstart b\ndone b deleted\n"
    assert.same(sorted_lines(command.timeless(header() .. expected)),
      sorted_lines(command.timeless(command.read(journal))))
  end)

  it("lets one process at a time use it", function()
    service:plan("a", { { { hang = true } } })
    service:add "b"
    local child = command.start(service, { "-y", "--journal", journal, "a" })
    server.eventually(function() return service:deletes "a" == 1 end, PATIENCE)
    local result = run { "b" }
    child:signal "KILL"
    child:wait(PATIENCE)
    assert.equal(2, result.status)
    assert.matches("another process may be using this journal", result.stderr)
    assert.equal(0, service:deletes "b")
    -- The lock ends with its process, however that ends.
    assert.equal(0, run({ "a", "b" }).status)
  end)

  it("stops before it sends what it can't note, and goes on when there is room again", function()
    local ids = command.ids(500)
    service:add(ids)
    local list = table.concat(ids, "\n")
    -- A limit for files acts like a full disk: a write ends half-way, and the next one fails.
    local full = run({}, { stdin = list, shell = 'trap "" XFSZ; ulimit -f 8; exec "$@"' })
    assert.equal(3, full.status, full.stderr)
    assert.matches("Stopped early: [^\n]*journal: File too large\nRun it again with the same journal to go on%.\n$",
      full.stderr)
    local last = command.last_words(command.read(journal))
    local deletes = service:deletes()
    assert.is_true(deletes > 0 and deletes < 500)
    for _, id in ipairs(ids) do
      if service:deletes(id) > 0 then assert.is_string(last[id], id) end
      if GONE[last[id]] then assert.equal(1, service:deletes(id)) end
    end

    local rest = run({}, { stdin = list })
    assert.equal(0, rest.status, rest.stdout)
    for _, id in ipairs(ids) do
      assert.is_false(service:knows(id))
      if GONE[last[id]] then assert.equal(1, service:deletes(id)) end
    end
  end)

  it("sends nothing when the disk is full from the start", function()
    service:add "a"
    local result = run({ "a" }, { shell = 'trap "" XFSZ; exec 2>&1 >/dev/null; ulimit -f 0; exec "$@" 2>/dev/null' })
    assert.equal(2, result.status)
    assert.equal(0, service:deletes())
  end)

  it("stops while the service is down, after a rest that did not help, and goes on when it is up again", function()
    local ids = command.ids(300)
    service:add(ids)
    for _, id in ipairs(ids) do service:plan(id, { always = { { status = 503, body = "{}" } } }) end
    -- The time of its waits is jumped over.
    local patient = { LUA_INIT_5_4 = 'require "spec.support.fake_time".install { flowing = true }' }
    local down = run(ids, { environment = patient })
    assert.equal(4, down.status, down.stderr)
    assert.matches("\nStopped early: server:", down.stderr)
    local unknown, unbegun = down.stdout:match "^300 photo avatars: (%d+) unknown, (%d+) not attempted\n$"
    assert.equal(300, unknown + unbegun, down.stdout)
    local last = command.last_words(command.read(journal))
    for position, id in ipairs(ids) do
      if service:deletes(id) > 0 then assert.equal("unknown", last[id], id) end
      if position > 200 then assert.equal(0, service:deletes(id)) end
      service:plan(id, {})
    end
    local up = run(ids)
    assert.same({ 0, "300 photo avatars: 300 deleted\n" }, { up.status, up.stdout })
  end)

  it("ends cleanly at Ctrl-C, with a summary and a complete journal", function()
    local ids = command.ids(50)
    service:add(ids)
    for position = 21, 28 do service:plan(ids[position], { { { hang = true } } }) end
    local child = command.start(service, { "-y", "--json", "--journal", journal, table.unpack(ids) })
    server.eventually(function() return service:deletes() == 28 end, PATIENCE)
    server.eventually(function() return select(2, child:output("stdout"):gsub("\n", "")) == 20 end, PATIENCE)
    child:signal "INT"
    local result = child:wait(PATIENCE)
    assert.equal(130, result.status)
    assert.equal("50 photo avatars: 20 deleted, 8 unknown, 22 not attempted\nInterrupted.\n"
      .. "Run it again with the same journal to go on.\n", result.stderr)
    assert.equal(50, select(2, result.stdout:gsub("\n", "")))
    for _, word in pairs(command.last_words(command.read(journal))) do
      assert.is_true(word == "deleted" or word == "unknown" or word == "not_attempted", word)
    end
    local again = run(ids)
    assert.same({ 0, "50 photo avatars: 50 deleted (20 in earlier runs)\n" }, { again.status, again.stdout })
  end)
end)
