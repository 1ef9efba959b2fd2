-- Other programs, as the specs run them, and the loopback service's own life.

local process = require "spec.support.process"
local raw_client = require "spec.support.raw_client"
local server = require "spec.support.server"
local socket = require "socket"

local LUA = process.INTERPRETER
local SERVICE = assert(package.searchpath("spec.support.service", package.path))

describe("process.run", function()
  it("gives output, errors and status", function()
    local result = process.run({ "sh", "-c", "cat; echo \"$1\" >&2; exit 3", "sh", "it's" }, { stdin = "in\0put" })
    assert.same({ "in\0put", "it's\n", 3, nil, false },
      { result.stdout, result.stderr, result.status, result.signal, result.timed_out })
  end)

  it("tells a signal from a status", function()
    local result = process.run { "sh", "-c", "kill -TERM $$" }
    assert.same({ nil, 15, false }, { result.status, result.signal, result.timed_out })
  end)

  it("kills what takes too long", function()
    local result = process.run({ "sleep", "60" }, { seconds = 0.1 })
    assert.is_true(result.timed_out)
    assert.not_equal(0, result.status)
    assert.is_true(result.elapsed < 50)
  end)

  it("sets and takes away variables, and changes the directory", function()
    local result = process.run({ "sh", "-c", "echo \"$NEW\" \"${HOME-none}\"; pwd" },
      { environment = { NEW = "a'b", HOME = false }, directory = "/" })
    assert.equal("a'b none\n/\n", result.stdout)
  end)
end)

describe("process.start", function()
  it("gives an id, takes signals, and shows output meanwhile", function()
    local child = process.start { LUA, "-e", "print('ready') io.flush() require('socket').sleep(60)" }
    server.eventually(function() return child:output("stdout") == "ready\n" end, 30)
    child:signal("TERM")
    local result = child:wait(30)
    assert.same({ 15, "ready\n", false }, { result.signal, result.stdout, result.timed_out })
  end)

  it("gives the status of one that ends by itself, and kills one that does not", function()
    assert.equal(7, process.start({ "sh", "-c", "exit 7" }):wait(30).status)
    local result = process.start({ "sleep", "60" }):wait(0.1)
    assert.same({ 9, true }, { result.signal, result.timed_out })
  end)
end)

describe("process.lua_environment", function()
  it("finds this process's modules from another directory", function()
    local path = os.getenv("LUA_PATH_5_4") or os.getenv("LUA_PATH")
    if not path then return pending("there is no LUA_PATH in the environment") end
    local result = process.run({ LUA, "-e", "print(require('spec.support.process').INTERPRETER)" },
      { environment = process.lua_environment(), directory = "/" })
    assert.same({ LUA .. "\n", "" }, { result.stdout, result.stderr })
  end)
end)

describe("the service's process", function()
  local function is_closed(port)
    local probe = socket.tcp()
    local connected = probe:connect("127.0.0.1", port)
    probe:close()
    return not connected
  end

  local function exists(path)
    local file = io.open(path)
    if file then file:close() end
    return file ~= nil
  end

  -- What the specs' process does last, and what is done to it.
  local ENDS = {
    ["is killed"] = { last_words = "require('socket').sleep(60)", signal = "KILL" },
    ["ends"] = { last_words = "" },
    ["exits"] = { last_words = "os.exit(0)" },
    ["closes its state and exits"] = { last_words = "os.exit(0, true)" },
    ["fails"] = { last_words = "error('broken')" },
  }

  for name, ends in pairs(ENDS) do
    it("ends and leaves no file when the specs' process " .. name, function()
      local script = [[
        local service = require("spec.support.server").start { tls = true }
        print(service.port, service.ca_file)
        io.flush()
      ]] .. ends.last_words
      local child = process.start({ LUA, "-" }, { stdin = script, environment = process.lua_environment() })
      local port, ca_file
      server.eventually(function()
        port, ca_file = child:output("stdout"):match("^(%d+)\t(.-)\n")
        return port
      end, 30)
      if ends.signal then
        assert.is_true(exists(ca_file))
        assert.is_false(is_closed(tonumber(port)))
        child:signal(ends.signal)
      end
      assert.is_false(child:wait(30).timed_out)
      server.eventually(function() return is_closed(tonumber(port)) and not exists(ca_file) end, 30)
    end)
  end

  it("is the same for modules that are loaded anew", function()
    local first <close> = server.start()
    package.loaded["spec.support.server"] = nil
    local second <close> = require("spec.support.server").start()
    assert.equal(first.number + 1, second.number)
  end)

  it("ends after its longest life", function()
    for _, mode in ipairs { "--control", "--serve" } do
      local result = process.run({ LUA, SERVICE, mode, "0.1" }, { seconds = 30 })
      assert.same({ 0, "", false }, { result.status, result.stderr, result.timed_out })
    end
  end)

  it("serves people without a control connection", function()
    local child = process.start { LUA, SERVICE, "--serve", "60", "--ids", "a,b", "--key", "k", "--deprecated", "true" }
    local port
    server.eventually(function()
      port = child:output("stdout"):match("^http://127%.0%.0%.1:(%d+)\n")
      return port
    end, 30)
    local client = raw_client.connect { port = tonumber(port) }
    local status, _, headers = raw_client.ask(client, "/v2/photo_avatar/b", { key = "k" })
    assert.same({ 200, "true" }, { status, headers.deprecation })
    assert.equal(401, (raw_client.ask(client, "/v2/photo_avatar/a", { key = "test-key" })))
    client:close()
    child:signal("TERM")
    assert.equal(15, child:wait(30).signal)
  end)

  it("explains its arguments", function()
    local result = process.run { LUA, SERVICE }
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("usage: ", 1, true))
  end)
end)
