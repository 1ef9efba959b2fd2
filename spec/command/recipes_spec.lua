-- lua/doc/command.md: the recipes, run as far as that goes without a cron, a systemd or a cluster.

local command = require "spec.support.command"
local process = require "spec.support.process"
local server = require "spec.support.server"

local function document()
  local file <close> = assert(io.open "lua/doc/command.md")
  return file:read "a"
end

-- The blocks of a language, in order.
local function blocks(language)
  local list = {}
  for text in document():gmatch("\n```" .. language .. "\n(.-)\n```\n") do list[#list + 1] = text end
  assert(#list > 0)
  return list
end

describe("the recipes", function()
  local service, folder

  before_each(function()
    service = server.start { ids = command.ids(40) }
    folder = command.folder()
    command.write(folder .. "/looks.txt", table.concat(command.ids(40), "\n") .. "\n")
    command.write(folder .. "/key", command.KEY .. "\n")
    assert(os.execute("chmod 600 " .. folder .. "/key"))
    -- What the recipes call heygen-delete.
    local environment = process.lua_environment()
    command.write(folder .. "/heygen-delete", ("#!/bin/sh\nexport HEYGEN_API_BASE=%s\n"):format(service.url)
      .. ("export LUA_PATH_5_4='%s' LUA_CPATH_5_4='%s'\n"):format(environment.LUA_PATH_5_4, environment.LUA_CPATH_5_4)
      .. ('exec %s %s "$@"\n'):format(process.INTERPRETER, command.PATH))
    assert(os.execute("chmod 755 " .. folder .. "/heygen-delete"))
  end)
  after_each(function()
    service:stop()
    command.remove(folder)
  end)

  -- A command line in a new session, without a terminal, in an environment that has nothing but what is named.
  local function run_bare(line, ...)
    local words = { "env", "-i", "PATH=" .. folder .. ":/usr/bin:/bin", ... }
    table.move({ "setsid", "-w", "sh", "-c", line }, 1, 5, #words + 1, words)
    return process.run(words, { directory = folder })
  end

  local function in_folder(line)
    return (line:gsub("/usr/local/bin/", folder .. "/"):gsub("/var/lib/heygen/", folder .. "/")
      :gsub("/etc/heygen/", folder .. "/"):gsub("%%d/", folder .. "/"):gsub("%%S/heygen/", folder .. "/"))
  end

  local function assert_silent_success(result)
    assert.same({ 0, "", "" }, { result.status, result.stdout, result.stderr })
    for _, id in ipairs(command.ids(40)) do assert.is_false(service:knows(id), id) end
  end

  it("for cron are silent, need no HOME and no terminal, and may be repeated", function()
    local line = in_folder(blocks "cron"[1]:match "^10 3 %* %* %* (.*)$")
    assert_silent_success(run_bare(line))
    assert_silent_success(run_bare(line))
    assert.equal(40, service:deletes())
    service:add "look-00001"
    service:plan("more", { always = { { status = 403, body = '{"code":400562,"message":"forbidden"}' } } })
    command.write(folder .. "/looks.txt", "look-00002\nmore\n")
    local result = run_bare(line)
    assert.equal(1, result.status)
    assert.matches("^not deleted: more: forbidden [^\n]*\n$", result.stderr)
  end)

  it("for systemd are units that it knows, and a line that runs", function()
    local units = blocks "ini"
    local line = in_folder(units[1]:match "\nExecStart=([^\n]*)")
    assert_silent_success(run_bare(line))
    if not os.execute "command -v systemd-analyze >/dev/null" then return pending "no systemd here" end
    local text = units[1]:gsub("/usr/local/bin/", folder .. "/")
    local service_unit = command.write(folder .. "/heygen-delete.service", text)
    local timer = command.write(folder .. "/heygen-delete.timer", units[2])
    local result = process.run { "systemd-analyze", "verify", "--man=no", service_unit, timer }
    for complaint in (result.stdout .. result.stderr):gmatch "[^\n]*heygen[^\n]*" do error(complaint) end
  end)

  it("for many machines delete every id once", function()
    local scripts = blocks "sh"
    assert_silent_success(run_bare(scripts[1], "HEYGEN_API_KEY=" .. command.KEY))
    assert.equal(40, service:deletes())
    assert_silent_success(run_bare(scripts[1], "HEYGEN_API_KEY=" .. command.KEY))
    assert.equal(40, service:deletes())
  end)

  it("for a cluster delete every id once", function()
    local script = in_folder((blocks "sh"[3]:gsub("/journals/", folder .. "/")))
    for index = 0, 3 do
      local result = run_bare(script, "HEYGEN_API_KEY=" .. command.KEY, "JOB_COMPLETION_INDEX=" .. index)
      assert.same({ 0, "" }, { result.status, result.stderr })
    end
    assert.equal(40, service:deletes())
    assert.is_false(service:knows "look-00040")
  end)

  it("for scripts go on from what a run has printed", function()
    service:plan("look-00007", { { { delete = true }, { reset = true } }, { { status = 503 } }, { { status = 503 } } })
    local result = run_bare(blocks "sh"[4], "HEYGEN_API_KEY=" .. command.KEY)
    assert.equal(0, result.status, result.stderr)
    assert.matches('"outcome":"presumed_deleted"', command.read(folder .. "/second.jsonl"))
  end)
end)
