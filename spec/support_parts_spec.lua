-- The parts that the loopback service is made of, as far as the service itself does not show what they do.

local event_loop = require "spec.support.loop"
local message = require "spec.support.message"
local raw_client = require "spec.support.raw_client"
local socket = require "socket"
local stream = require "spec.support.stream"

describe("a message", function()
  it("carries every value exactly, on one line", function()
    local bytes = {}
    for byte = 0, 255 do bytes[#bytes + 1] = string.char(byte) end
    local value = {
      text = table.concat(bytes) .. "\n\r\\n\"]]", whole = math.maxinteger, part = 0.1, endless = math.huge,
      list = { 1, 2, { false, true } }, empty = {}, [5] = "",
    }
    local line = message.encode(value)
    assert.is_nil(line:find("\n", 1, true))
    local copy = message.decode(line)
    assert.same(value, copy)
    assert.same({ "integer", "float" }, { math.type(copy.whole), math.type(copy.part) })
    assert.is_nil(message.decode(message.encode(nil)))
  end)
end)

describe("a loop", function()
  it("wakes a task whose socket is released, and stops what belongs to an owner", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local loop, events = event_loop.new(), {}
    local function note(event) events[#events + 1] = event end
    loop:spawn("waiter", function()
      note(loop:wait(listener, "read"))
      loop:finish()
    end)
    loop:spawn("victim", function()
      local _ <close> = setmetatable({}, { __close = function() note("closed") end })
      loop:sleep(3600)
      note("never")
    end)
    loop:spawn("actor", function()
      loop:sleep(0)
      loop:stop("victim")
      loop:release(listener)
      listener:close()
    end)
    -- Without a release, the run would end here and not wait for ever.
    loop:spawn("guard", function()
      loop:sleep(20)
      loop:finish()
    end)
    loop:run()
    assert.same({ "closed", false }, events)
  end)

  it("ends with the error of a task", function()
    local loop = event_loop.new()
    loop:spawn("task", function() error("a defect") end)
    assert.error_matches(function() loop:run() end, "a defect")
  end)
end)

describe("a stream", function()
  -- More than one read takes in.
  local UNREAD = ("x"):rep(100000)

  for _, kind in ipairs { "close", "cut" } do
    it("ends without a reset although input is left: " .. kind, function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      local client = raw_client.connect_plain(port)
      assert(client:send(UNREAD))
      local loop = event_loop.new()
      local accepted = stream.new(loop, (assert(listener:accept())))
      loop:spawn("task", function()
        accepted:read()
        accepted[kind](accepted)
      end)
      loop:run()
      assert.equal("closed", raw_client.ending(client))
      client:close()
      listener:close()
    end)
  end

  -- What a connection may answer once its peer has died: LuaSec fails without a problem, too.
  for problem, words in pairs { closed = "closed", none = false } do
    it("reads and writes nothing more after a failure: " .. problem, function()
      local calls = { receive = 0, send = 0 }
      local connection = { settimeout = function() end, setoption = function() end }
      function connection.receive()
        calls.receive = calls.receive + 1
        return nil, words or nil, ""
      end
      function connection.send()
        calls.send = calls.send + 1
        assert(calls.send < 3, "the stream would send for ever")
        return 0
      end
      local broken = stream.new(event_loop.new(), connection)
      assert.is_nil(broken:read())
      assert.is_false(broken:write "answer")
      assert.is_nil(broken:read())
      assert.same({ receive = 1, send = 0 }, calls)
    end)
  end
end)
