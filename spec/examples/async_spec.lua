-- The examples of asynchronous calls work as they stand.

local process = require "spec.support.process"
local server = require "spec.support.server"

local IDS = { "my-avatar", "another-avatar", "no-such-avatar", "lost-answer", "refused" }

-- What each example prints of them, in whatever order.
local RESULTS = {
  "another-avatar\tdeleted\t100",
  "lost-answer\tpresumed_deleted\t",
  "my-avatar\tdeleted\t100",
  "no-such-avatar\tabsent\tnot_found",
  "refused\tnot_deleted\tforbidden",
}

local service

before_each(function()
  service = server.start { ids = { "my-avatar", "another-avatar", "lost-answer" } }
  service:plan("lost-answer", { { { delete = true }, { reset = true } } })
  service:plan("refused", { always = { { status = 403, body = "{}" } } })
end)
after_each(function() service:stop() end)

local function environment()
  local variables = process.lua_environment()
  variables.HEYGEN_API_BASE = service.url
  variables.HEYGEN_API_KEY = "test-key"
  return variables
end

-- Runs an example; returns what it printed last, after the results.
local function run(command)
  table.move(IDS, 1, #IDS, #command + 1, command)
  local result = process.run(command, { environment = environment() })
  assert.equal("", result.stderr)
  assert.equal(0, result.status)
  local results, last = {}, nil
  for line in result.stdout:gmatch "[^\n]+" do
    if line:find "\t" then results[#results + 1] = line:gsub("(presumed_deleted\t).*", "%1") else last = line end
  end
  table.sort(results)
  assert.same(RESULTS, results)
  assert.equal(#IDS + 1, service:deletes())
  return last
end

describe("the example with", function()
  it("plain coroutines", function()
    assert.is_nil(run { process.INTERPRETER, "spec/examples/coroutines.lua" })
  end)

  it("a loop of frames", function()
    local last = run { process.INTERPRETER, "spec/examples/frames.lua" }
    assert.is_true(tonumber(last:match "^(%d+) frames, the slowest poll took %d+%.%d+ ms$") >= #IDS)
  end)

  for _, name in ipairs { "luv", "cqueues" } do
    it(name, function()
      local last = run { process.INTERPRETER, ("spec/examples/%s.lua"):format(name) }
      assert.is_true(tonumber(last:match "ticked (%d+) times") > 0)
    end)

    it(name .. ", and no ids, ends at once", function()
      local result = process.run({ process.INTERPRETER, ("spec/examples/%s.lua"):format(name) }, {
        environment = environment(),
      })
      assert.same({ 0, "" }, { result.status, result.stderr })
      assert.is_false(result.timed_out)
    end)
  end
end)

describe("the C host", function()
  -- The lines of host.c, but for the objects that the build has already.
  local WAYS = {
    ["that loads the module"] = "-rdynamic",
    ["that has the module linked in"] = '-DLINKED_IN -pthread "$BUILD"/obj/src/*/*.o '
      .. "$(pkg-config --libs libcurl libcjson) " .. (os.getenv "SANITIZE" and "-fsanitize=$SANITIZE" or ""),
  }

  local function compile(flags)
    local path = os.tmpname()
    local pipe = assert(io.popen(([[
      for name in lua5.4 lua-5.4 lua54 lua; do
        if pkg-config --exists "$name >= 5.4 $name < 5.5"; then break; fi
      done
      exec env -u LD_PRELOAD ${CC:-cc} -std=c11 -Wall -Wextra -Werror -o %s spec/examples/host.c \
        %s $(pkg-config --cflags --libs $name) -lm -ldl 2>&1
    ]]):format(path, flags)))
    local words = pipe:read "a"
    assert(pipe:close(), words)
    return path
  end

  for way, flags in pairs(WAYS) do
    it(way, function()
      local path = compile(flags)
      local last = run { path }
      os.remove(path)
      assert.is_true(tonumber(last:match "^(%d+) frames, the slowest took %d+%.%d+ ms$") >= #IDS)
    end)
  end
end)
