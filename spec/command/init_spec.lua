-- lua/heygen/command/init.lua and src/command/heygen-delete: the command as a process, without a terminal.

local cjson = require "cjson"
local command = require "spec.support.command"
local heygen = require "heygen"
local process = require "spec.support.process"
local server = require "spec.support.server"

local NO_CREDIT = { status = 402, body = '{"code":900001,"message":"no credit"}' }

describe("heygen-delete", function()
  local service, folder

  before_each(function()
    service = server.start { ids = { "a", "b", "c" } }
    folder = command.folder()
  end)
  after_each(function()
    service:stop()
    command.remove(folder)
  end)

  local function run(arguments, options)
    return command.run(service, arguments, options)
  end

  -- Nothing was sent, and the words are on standard error.
  local function assert_refused(result, ...)
    assert.equal(2, result.status, result.stderr)
    assert.equal("", result.stdout)
    for _, words in ipairs { ... } do assert.matches(words, result.stderr, 1, true) end
    assert.equal(0, service:deletes())
  end

  local function objects(text)
    local by_id, count = {}, 0
    for line in text:gmatch "([^\n]*)\n" do
      local object = cjson.decode(line)
      assert.is_nil(by_id[object.id], "told twice: " .. object.id)
      by_id[object.id] = object
      count = count + 1
    end
    return by_id, count
  end

  it("deletes what it is given, and sums up", function()
    local result = run { "--yes", "a", "b" }
    assert.same({ 0, "2 photo avatars: 2 deleted\n", "" }, { result.status, result.stdout, result.stderr })
    assert.is_false(service:knows "a")
    assert.is_false(service:knows "b")
    assert.is_true(service:knows "c")
  end)

  it("reads standard input where nothing else is named, and for -", function()
    assert.equal("3 photo avatars: 3 deleted (1 duplicate)\n", run({ "-y" }, { stdin = "a\nb\nc\na\n" }).stdout)
    service:add { "a", "b", "c" }
    assert.equal("2 photo avatars: 2 deleted\n", run({ "-y", "c", "-" }, { stdin = "a\n" }).stdout)
    assert.equal("1 photo avatar: 1 deleted\n", run({ "-y", "--file", "-" }, { stdin = "b\n" }).stdout)
  end)

  it("has nothing to do without ids, and does not ask", function()
    local result = run({}, { stdin = "# none today\n" })
    assert.same({ 0, "0 photo avatars: nothing to delete\n" }, { result.status, result.stdout })
  end)

  it("tells of failures in a line each, with status 1", function()
    local result = run { "-y", "a", "no-such" }
    assert.equal(1, result.status)
    assert.matches("^absent: no%-such: not_found: photo avatar not found %(status 404, [^\n]*\n$", result.stderr)
    assert.equal("2 photo avatars: 1 deleted, 1 absent\n", result.stdout)
  end)

  it("takes an avatar that is not there for gone when that is fine", function()
    local result = run { "-y", "--missing-ok", "a", "no-such" }
    assert.same({ 0, "2 photo avatars: 1 deleted, 1 absent\n" }, { result.status, result.stdout })
  end)

  it("prints failures alone with -q", function()
    local result = run { "-q", "-y", "a", "no-such" }
    assert.same({ 1, "" }, { result.status, result.stdout })
    assert.matches("^absent: no%-such: [^\n]*\n$", result.stderr)
    result = run { "-y", "--quiet", "b" }
    assert.same({ 0, "", "" }, { result.status, result.stdout, result.stderr })
    result = run { "-q", "-y", "--json", "c", "no-such" }
    assert.same({ 1, "" }, { result.status, result.stderr })
    assert.matches('^{"id":"no%-such","outcome":"absent",[^\n]*\n$', result.stdout)
    result = run({ "-q", "-y", "a" }, { environment = { HEYGEN_API_KEY = "wrong-key" } })
    assert.equal(3, result.status)
    assert.matches("\nStopped early: unauthorized: [^\n]*\n$", result.stderr)
  end)

  it("tells how far it is, a line a minute, where there is no terminal", function()
    -- Every look at the clock is half a minute later.
    local jumping = 'local system, now = require("heygen.core").system, 0;'
      .. "system.now = function() now = now + 30 return now end"
    for flag, lines in pairs { ["--missing-ok"] = true, ["-q"] = false } do
      service:add { "a", "b", "c" }
      local arguments = { "-y", "--concurrency", "1", flag, "a", "b", "c" }
      local result = run(arguments, { environment = { LUA_INIT_5_4 = jumping } })
      assert.equal(0, result.status, result.stderr)
      local count = select(2, result.stderr:gsub("heygen%-delete: %d+%%  %d of 3 done, 0 failed, [^\n]+ left\n", ""))
      assert.equal(lines, count > 0, result.stderr)
    end
  end)

  it("has nothing but problems on standard error with --json", function()
    local result = run { "-y", "--json", "a", "b" }
    assert.same({ 0, "" }, { result.status, result.stderr })
    assert.equal(2, select(2, objects(result.stdout)))
  end)

  it("tells a hint once that many ids share", function()
    local missing = {}
    for number = 1, 50 do missing[number] = "missing-" .. number end
    local result = run { "-y", table.unpack(missing) }
    assert.equal(50, select(2, result.stderr:gsub("\n", "")))
    local by_id = objects(run({ "-y", "--json", "missing-1" }).stdout)
    local hint = by_id["missing-1"].hint
    local _, finish = result.stderr:find(hint, 1, true)
    assert.is_number(finish)
    assert.is_nil(result.stderr:find(hint, finish, true))
  end)

  it("goes on from its own --json output", function()
    service:plan("b", { always = { { status = 503 } } })
    local first = run { "-y", "--json", "--retries", "0", "a", "b", "no-such" }
    service:plan("b", {})
    local second = run({ "-y", "--json" }, { stdin = first.stdout })
    local by_id = objects(second.stdout)
    assert.same({ "deleted", true }, { by_id.a.outcome, by_id.a.earlier })
    assert.equal("deleted", by_id.b.outcome)
    assert.equal(1, service:deletes "a")
    local third = run({ "-y", "--missing-ok" }, { stdin = first.stdout })
    assert.equal("3 photo avatars: 1 deleted, 1 presumed deleted, 1 absent (1 in earlier runs)\n", third.stdout)
  end)

  it("takes its key from a file that can be read", function()
    assert_refused(run { "-y", "--key-file", folder, "a" }, "can't be read: Is a directory")
  end)

  it("fails where its help or its version can't be told", function()
    for _, flag in ipairs { "--help", "--version" } do
      local result = run({ flag }, { shell = 'exec "$@" >/dev/full' })
      assert.equal(2, result.status)
      assert.matches("standard output: No space left on device", result.stderr)
    end
    local result = run({ "-y", "a" }, { shell = 'exec "$@" >/dev/full' })
    assert.equal(3, result.status)
    assert.matches("standard output: No space left on device", result.stderr)
  end)

  it("trusts the CA certificates that it is told of, and names its own flags where they are missing", function()
    local secure <close> = server.start { tls = true, ids = { "a" } }
    local result = command.run(secure, { "-y", "--retries", "0", "a" })
    assert.equal(3, result.status)
    assert.matches("--ca-file or --ca-path", result.stderr, 1, true)
    assert.not_matches("ca_file", result.stderr)
    result = command.run(secure, { "-y", "--ca-file", secure.ca_file, "a" })
    assert.equal(0, result.status, result.stderr)
  end)

  it("goes by a proxy", function()
    local proxy <close> = server.proxy { status = 502 }
    -- This machine itself is never reached by a proxy.
    local result = run({ "-y", "--retries", "0", "--proxy", proxy.url, "--base-url", "https://api.example.com", "a" }, {
      environment = { NO_PROXY = false, no_proxy = false },
    })
    assert.equal(1, result.status)
    assert.equal(1, #proxy:requests())
  end)

  it("stops for good at a certificate and at a proxy that asks for a password, and for now at a handshake", function()
    local arguments = { "-y", "--timeout", "5", "a", "b" }
    local jumping = { environment = {
      LUA_INIT_5_4 = 'require "spec.support.fake_time".install { flowing = true }', NO_PROXY = false, no_proxy = false,
    } }
    local expired <close> = server.start { tls = true, certificate = "expired" }
    local result = command.run(expired, { "--ca-file", expired.ca_file, table.unpack(arguments) }, jumping)
    assert.equal(3, result.status, result.stderr)
    local proxy <close> = server.proxy { status = 407 }
    result = run({ "--proxy", proxy.url, "--base-url", "https://api.example.com", table.unpack(arguments) }, jumping)
    assert.equal(3, result.status, result.stderr)
    local old <close> = server.start { tls = true, protocol = "tlsv1_1" }
    result = command.run(old, { "-y", "--ca-file", old.ca_file, table.unpack(command.ids(200)) }, jumping)
    assert.equal(4, result.status, result.stderr)
    assert.matches("\nStopped early: tls: ", result.stderr)
  end)

  it("goes by a deadline", function()
    service:plan("a", { always = { { hang = true } } })
    local result = run { "-y", "--deadline", "0.2", "a" }
    assert.equal(1, result.status)
    assert.matches("unknown: a: timeout", result.stderr)
  end)

  it("asks on what is probably no id, and --yes does not answer", function()
    for _, id in ipairs { "id", "NULL", "nil", "README.md" } do
      assert_refused(run { "-y", id }, ('"%s" is '):format(id), "--yes does not answer it")
      assert_refused(run { "-n", id }, ('"%s" is '):format(id))
    end
  end)

  it("prints one JSON object per id, and the summary elsewhere", function()
    local result = run { "-y", "--json", "a", "b", "no-such" }
    assert.equal(1, result.status)
    local by_id, count = objects(result.stdout)
    assert.equal(3, count)
    assert.same({ "deleted", 200, 1 }, { by_id.a.outcome, by_id.a.status, by_id.a.attempts })
    local absent = by_id["no-such"]
    assert.same({ "absent", "not_found", 404 }, { absent.outcome, absent.kind, absent.status })
    assert.equal("3 photo avatars: 2 deleted, 1 absent\n", result.stderr)
  end)

  it("stops at a key that is refused, and tells of what was not tried", function()
    local ids = command.ids(100)
    local result = run({ "-y", "--json" }, {
      stdin = table.concat(ids, "\n"),
      environment = { HEYGEN_API_KEY = "wrong-key" },
    })
    assert.equal(3, result.status)
    local by_id, count = objects(result.stdout)
    assert.equal(100, count)
    local counts = {}
    for _, object in pairs(by_id) do counts[object.outcome] = (counts[object.outcome] or 0) + 1 end
    assert.equal(100, counts.not_deleted + counts.not_attempted)
    assert.equal(service:deletes(), counts.not_deleted)
    assert.is_true(counts.not_deleted <= 8)
    assert.matches("\nStopped early: unauthorized: ", result.stderr)
    assert.not_matches("wrong%-key", result.stderr .. result.stdout)
  end)

  it("stops when the quota is used up", function()
    service:plan("b", { { NO_CREDIT } })
    local result = run { "-y", "--concurrency", "1", "a", "b", "c" }
    assert.equal(3, result.status)
    assert.equal("3 photo avatars: 1 deleted, 1 not deleted, 1 not attempted\n", result.stdout)
    assert.matches("\nStopped early: quota_exceeded: no credit", result.stderr)
    assert.equal(0, service:deletes "c")
  end)

  it("stops when nobody can be told any more", function()
    local ids = command.ids(100)
    service:add(ids)
    local result = run({ "-y", "--json" }, { stdin = table.concat(ids, "\n"), shell = 'exec "$@" >/dev/full' })
    assert.equal(3, result.status)
    assert.matches("Stopped early: standard output: No space left on device", result.stderr)
    assert.is_true(service:deletes() <= 8)
  end)

  describe("sends nothing", function()
    it("without --yes where nobody can be asked", function()
      assert_refused(run { "a" }, "heygen-delete: there is no terminal to ask on: --yes")
    end)

    it("when one of the ids is none", function()
      local file = command.write(folder .. "/ids", "a\nb\nnot an id\n")
      assert_refused(run { "-y", "--file", file }, file .. ', line 3: not a valid id: "not an id"')
      assert_refused(run({ "-y" }, { stdin = "a\n\n/\n" }), 'standard input, line 3: not a valid id')
      assert_refused(run { "-y", "a", command.KEY }, "argument 2: is the API key")
    end)

    it("without a key, or with one that can't be", function()
      for _, value in ipairs { "", false } do
        local result = run({ "-y", "a" }, { environment = { HEYGEN_API_KEY = value } })
        assert_refused(result, "no API key: set HEYGEN_API_KEY")
      end
      local result = run({ "-y", "a" }, { environment = { HEYGEN_API_KEY = "se cret" } })
      assert_refused(result, "the key has a character that no key has")
      assert.not_matches("se cret", result.stderr, 1, true)
    end)

    it("with a key in quotes, or with the name of its variable", function()
      for _, value in ipairs { '"se-cret"', "HEYGEN_API_KEY=se-cret" } do
        local result = run({ "-y", "a" }, { environment = { HEYGEN_API_KEY = value } })
        assert_refused(result, "the key ", "leave them out")
        assert.not_matches("se-cret", result.stderr, 1, true)
      end
    end)

    it("with wrong usage", function()
      assert_refused(run { "--no-such-option", "a" }, "unknown option '--no-such-option'", "see heygen-delete --help")
      assert_refused(run { "--key", "k", "a" }, "unknown option '--key'")
      assert_refused(run { "-y", "--concurrency", "0", "a" }, "--concurrency is 0; expected a whole number from 1")
      assert_refused(run { "-y", "--api-version", "v1", "a" }, "--api-version", '"v2" or "v3"')
      assert_refused(run { "-y", "--base-url", "http://example.com", "a" }, "--base-url")
      assert_refused(run { "-y", "--file", folder .. "/missing" }, "No such file")
    end)

    it("with a foreign journal, or one of another service", function()
      local journal = command.write(folder .. "/journal", "dear diary\n")
      assert_refused(run { "-y", "--journal", journal, "a" }, journal .. ": this is no journal of heygen-delete")
      command.write(journal, "heygen-delete journal 1 https://api.heygen.com v2\n")
      assert_refused(run { "-y", "--journal", journal, "a" }, "another service: https://api.heygen.com")
      command.write(journal, "heygen-delete journal 2 looks https://api.heygen.com\n")
      assert_refused(run { "-y", "--journal", journal, "a" }, "another service: https://api.heygen.com")
      command.write(journal, ("heygen-delete journal 2 groups %s\n"):format(service.url))
      assert_refused(run { "-y", "--journal", journal, "a" }, "about other things: groups")
    end)
  end)

  it("uses the key of a file, with a warning when others can read it", function()
    local file = command.write(folder .. "/key", command.KEY .. "\n")
    local exposed = "heygen-delete: warning: " .. file .. ": the key file is readable"
    for mode, warning in pairs { ["600"] = "", ["644"] = exposed } do
      assert(os.execute(("chmod %s %s"):format(mode, file)))
      service:add "a"
      local result = run({ "-y", "--key-file", file, "a" }, { environment = { HEYGEN_API_KEY = "wrong-key" } })
      assert.equal(0, result.status)
      assert.equal(warning, result.stderr:sub(1, #warning))
      assert.equal(warning == "", result.stderr == "")
    end
  end)

  it("speaks v3", function()
    assert.equal(0, run({ "-y", "--api-version", "v3", "a" }).status)
    assert.equal("/v3/avatars/looks/a", service:requests()[1].path)
  end)

  it("passes on concurrency, timeout, retries and rate", function()
    service:plan("a", { always = { { status = 503 } } })
    assert.equal(1, run({ "-y", "--retries", "0", "a" }).status)
    assert.equal(1, service:deletes "a")

    service:plan("b", { always = { { hang = true } } })
    local result = run { "-y", "--retries", "0", "--timeout", "0.1", "b" }
    assert.matches("unknown: b: timeout: ", result.stderr)

    assert.equal(0, run({ "-y", "--concurrency", "1", "--rate", "1000", "c" }).status)
  end)

  it("in a dry run tells what it would delete, and sends and writes nothing", function()
    local journal = folder .. "/journal"
    local result = run { "--dry-run", "--journal", journal, "a", "b" }
    assert.equal(0, result.status)
    assert.equal("would delete a\nwould delete b\n", result.stdout)
    assert.equal(("2 photo avatars would be deleted at %s. Nothing was sent.\n"):format(service.url), result.stderr)
    assert.equal(0, service:deletes())
    assert.is_nil(io.open(journal))

    command.write(journal, command.journal_head(service.url) .. "start a\ndone a deleted\nstart b\n")
    local by_id, count = objects(run({ "-n", "--json", "--journal", journal, "a", "b", "c" }).stdout)
    assert.equal(3, count)
    assert.same({
      a = { id = "a", outcome = "deleted", earlier = true },
      b = { id = "b", outcome = "unknown", dry_run = true },
      c = { id = "c", outcome = "not_attempted", dry_run = true },
    }, by_id)
  end)

  it("tells when the service announces the end of the API version", function()
    local old <close> = server.start { ids = { "a", "b" }, deprecated = true }
    local result = command.run(old, { "-y", "a", "b" })
    assert.equal("2 photo avatars: 2 deleted\nNote: the service announces the end of this API version, "
      .. "Sat, 31 Oct 2026 00:00:00 GMT: see --api-version.\n", result.stdout)
  end)

  it("shows its help and its version, without a key", function()
    local options = { environment = { HEYGEN_API_KEY = false } }
    assert.matches("^Usage: heygen%-delete ", run({ "--help" }, options).stdout)
    local version = "^heygen%-delete " .. heygen._VERSION:gsub("%p", "%%%0") .. " %(libcurl %d+%.%d+%.%d+[^\n]*%)\n$"
    assert.matches(version, run({ "--version" }, options).stdout)
  end)

  it("runs from the source tree, wherever it is called from", function()
    local link = folder .. "/tree"
    -- A tree of its own, with the module where `make` puts it.
    assert(os.execute(("mkdir -p %s/build && cp -R lua src %s && cp -R %s/heygen %s/build"):format(
      link, link, os.getenv "BUILD" or "build", link)))
    local result = process.run({ link .. "/src/command/heygen-delete", "--version" }, {
      directory = "/",
      environment = { LUA_PATH = false, LUA_CPATH = false, LUA_PATH_5_4 = false, LUA_CPATH_5_4 = false },
    })
    assert.equal(0, result.status, result.stderr)
    assert.equal("heygen-delete " .. heygen._VERSION, result.stdout:match "^heygen%-delete %S+")
  end)
end)
