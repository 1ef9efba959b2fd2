--- Runs checks.lua under each interpreter that is named, with the service beside it under this one:
---
---   lua5.4 spec/versions/run.lua INTERPRETER ...
---
--- The module for each is where make puts it. Two checks need a process of their own: Ctrl-C, and a module that was
--- built for another Lua. Prints what did not hold, and each one's counts; fails if something did not.

local process = require "spec.support.process"
local server = require "spec.support.server"

-- The ids that get another answer than the service's own.
local PLANS = {
  lost = { { { delete = true }, { reset = true } } },
  hanging = { always = { { hang = true } } },
  html = { always = { { status = 200, body = "<html>maintenance</html>" } } },
  moved = { always = { { status = 302, headers = { location = "https://elsewhere.example/" } } } },
  forbidden = { always = { { status = 403, body = '{"error":{"code":"forbidden","message":"x"}}' } } },
  gone = { always = { { status = 410, body = "<html>" } } },
  busy = { always = { { status = 409, body = '{"message":"x"}' } } },
  limited = { always = { { status = 429, body = "{}" } } },
  unpaid = { always = { { status = 402, body = "{}" } } },
  refused = { always = { { status = 400, body = '{"error":{"code":"invalid_parameter","message":"x"}}' } } },
  broken = { always = { { status = 501 } } },
  numbers = { always = { { status = 200,
    body = '{"code":"100","data":{"largest":9007199254740992,"negative":-7,"half":0.5}}' } } },
  nulls = { always = { { status = 200, body = '{"code":100,"data":{"none":null,"list":[null,1]}}' } } },
  bytes = { always = { { status = 200,
    body = '{"code":100,"data":{"text":"\u{E4}\u{20AC}\u{1F600}","escaped":"\\u00e4"}}' } } },
  deprecated = { always = { { status = 200, body = '{"code":100}',
    headers = { deprecation = "true", sunset = "Sat, 31 Oct 2026 00:00:00 GMT" } } } },
}

local IDS = { "plain", "method", "lost", "s1", "s2", "i1", "i2", "i3", "async", "ab1", "ab2", "traced", "awaited",
  "resumed", "finalized", "in-finalizer" }

local function here()
  local pipe <close> = assert(io.popen "pwd")
  return pipe:read "l"
end

local ROOT = here()

-- What an interpreter calls itself, and where make builds for it.
local function version_of(interpreter)
  local result = process.run { interpreter, "-e", "io.write(_VERSION, ' ', tostring(jit ~= nil))" }
  local version, is_jit = result.stdout:match "^Lua (%d%.%d) (%a+)$"
  assert(version, interpreter .. " does not run")
  return is_jit == "true" and "LuaJIT" or "Lua " .. version, version == "5.4" and "build" or "build/" .. version
end

local function environment_of(build, more)
  local environment = {
    HEYGEN_API_KEY = "test-key",
    LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(ROOT, ROOT),
    LUA_CPATH = ("%s/%s/?.so;;"):format(ROOT, build),
    LUA_PATH_5_4 = false,
    LUA_CPATH_5_4 = false,
  }
  for name, value in pairs(more or {}) do environment[name] = value end
  return environment
end

local function run_checks(interpreter, build)
  local service <close> = server.start { ids = IDS }
  local untrusted <close> = server.start { tls = true, certificate = "self_signed" }
  for id, plan in pairs(PLANS) do service:plan(id, plan) end
  local result = process.run({ interpreter, "spec/versions/checks.lua" }, {
    seconds = 300,
    environment = environment_of(build, {
      HEYGEN_API_BASE = service.url,
      UNTRUSTED_BASE = untrusted.url,
      REFUSED_BASE = "http://127.0.0.1:" .. server.refused_port(),
    }),
  })
  for line in (result.stdout .. result.stderr):gmatch "[^\n]+" do
    if not line:find "^ok " then print(("%s: %s"):format(interpreter, line)) end
  end
  return result.status == 0
end

local INTERRUPTED = [[
  local heygen = require "heygen"
  local fine, err = pcall(heygen.delete_photo_avatar, nil, "hanging", { timeout = 60 })
  print(fine, err.kind, err.outcome)
]]

local function check_interrupt(interpreter, build)
  local service <close> = server.start {}
  service:plan("hanging", PLANS.hanging)
  local child = process.start({ interpreter, "-e", INTERRUPTED }, {
    environment = environment_of(build, { HEYGEN_API_BASE = service.url }),
  })
  server.eventually(function() return service:deletes "hanging" == 1 end)
  child:signal "INT"
  local result = child:wait(30)
  return result.stdout == "false\tinterrupted\tunknown\n", "Ctrl-C: " .. result.stdout .. result.stderr
end

local function check_wrong_build(interpreter, _, name)
  if name == "Lua 5.4" then return true end
  local expected = ("heygen was built for Lua 5.4; this is %s: build it with make LUA="):format(name)
  local result = process.run({ interpreter, "-e", "print(pcall(require, 'heygen'))" },
    { environment = environment_of "build" })
  return result.stdout:find(expected, 1, true) ~= nil, "a build for another Lua: " .. result.stdout .. result.stderr
end

local all = true
for _, interpreter in ipairs(arg) do
  local name, build = version_of(interpreter)
  all = run_checks(interpreter, build) and all
  for _, check in ipairs { check_interrupt, check_wrong_build } do
    local fine, problem = check(interpreter, build, name)
    if not fine then print(("%s: NOT OK %s"):format(interpreter, problem)) end
    all = fine and all
  end
end
os.exit(all, true)
