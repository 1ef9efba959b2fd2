--- Runs checks.lua under each interpreter that is named, with the service beside it under this one:
---
---   lua5.4 spec/versions/run.lua INTERPRETER=BUILD ...
---
--- BUILD is the folder that holds heygen/core.so for that interpreter. Prints each one's counts; fails if one failed.

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

local function run(interpreter, build)
  local service <close> = server.start { ids = IDS }
  local untrusted <close> = server.start { tls = true, certificate = "self_signed" }
  for id, plan in pairs(PLANS) do service:plan(id, plan) end
  local root = here()
  local result = process.run({ interpreter, "spec/versions/checks.lua" }, {
    seconds = 300,
    environment = {
      HEYGEN_API_BASE = service.url,
      HEYGEN_API_KEY = "test-key",
      UNTRUSTED_BASE = untrusted.url,
      REFUSED_BASE = "http://127.0.0.1:" .. server.refused_port(),
      LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(root, root),
      LUA_CPATH = ("%s/?.so;;"):format(build),
      LUA_PATH_5_4 = false, LUA_CPATH_5_4 = false,
    },
  })
  for line in (result.stdout .. result.stderr):gmatch "[^\n]+" do
    if not line:find "^ok " then print(("%s: %s"):format(interpreter, line)) end
  end
  return result.status == 0
end

local all = true
for _, argument in ipairs(arg) do
  local interpreter, build = argument:match "^(.-)=(.*)$"
  all = run(interpreter, build) and all
end
os.exit(all, true)
