-- Requests in flight during a fork are the parent's: the child may not touch them, and can't do them any harm.

local calls = require "spec.support.calls"
local forks = require "spec.support.forks"
local polling = require "spec.support.polling"
local server = require "spec.support.server"

local in_child = forks.in_child

-- The address sanitizer's own lock may be taken at the moment of a fork, and stays so in the child: a child with a
-- thread of its own can't work there.
local in_threads = os.getenv "SANITIZE" and function() end or it

for _, tls in ipairs { false, true } do
  describe(tls and "over TLS, after a fork" or "over HTTP, after a fork", function()
    local service, client, requests

    before_each(function()
      service = server.start { tls = tls }
      client = calls.client(service)
      requests = {}
      for number = 1, 5 do
        local id = "slow-" .. number
        service:plan(id, { { { sleep = 0.5 }, { answer = true } } })
        requests[number] = client:delete_photo_avatar_async(id, nil, { missing_ok = true })
      end
      server.eventually(function() return service:deletes() == 5 end)
    end)
    after_each(function()
      client:close()
      service:stop()
    end)

    local function assert_unharmed()
      polling.finish(client)
      for _, request in ipairs(requests) do assert.equal("absent", select(2, request:result()).outcome) end
      assert.equal(5, service:deletes())
      assert.is_true(service:connections() <= 5)
    end

    it("whatever the child does with the client is misuse, and sends nothing", function()
      local text = in_child(function()
        local kinds = {}
        for _, name in ipairs { "delete_photo_avatar_async", "delete_photo_avatars_async", "poll", "pollfd" } do
          kinds[#kinds + 1] = calls.raised(client[name], client, name:find "^delete" and "child" or nil).kind
        end
        return table.concat(kinds, " ")
      end)
      assert.equal("misuse misuse misuse misuse", text)
      assert_unharmed()
    end)

    it("the child may look at a request, and cancel it in vain", function()
      local text = in_child(function()
        requests[1]:cancel()
        local err = calls.raised(requests[1].await, requests[1])
        return table.concat({ tostring(requests[1]:done()), tostring(requests[1]:result()), err.kind }, " ")
      end)
      assert.equal("false nil misuse", text)
      assert_unharmed()
    end)

    it("the child may close the client, and collect it", function()
      for _, act in ipairs {
        function() client:close() end,
        function()
          client, requests = nil, nil
          collectgarbage()
        end,
      } do
        local text = in_child(function()
          act()
          collectgarbage()
          return "done"
        end)
        assert.equal("done", text)
      end
      assert_unharmed()
    end)

    it("in a callback the child finds poll misused, and the parent goes on", function()
      local text
      local callbacks = 0
      local own = client:delete_photo_avatar_async("unknown", function()
        callbacks = callbacks + 1
        text = in_child(function() return calls.raised(client.poll, client).kind end)
      end)
      while not own:done() do client:poll(1) end
      assert.same({ "misuse", 1 }, { text, callbacks })
    end)

    in_threads("a client of the child's own works, and ends with it", function()
      local text = in_child(function()
        local own = calls.client(service)
        local request = own:delete_photo_avatar_async "own"
        own:delete_photo_avatar_async "own-too"
        polling.finish(own)
        return select(2, request:result()).outcome
      end)
      assert.equal("absent", text)
    end)

    in_threads("again and again, at any moment, no lock stays taken", function()
      for round = 1, 40 do
        for number = 1, 5 do client:delete_photo_avatar_async(("id-%d-%d"):format(round, number)) end
        local text = in_child(function()
          local own <close> = calls.client(service)
          own:delete_photo_avatar_async "own"
          client:close()
          polling.finish(own)
          return "done"
        end)
        assert.equal("done", text)
        client:poll()
      end
      polling.finish(client)
    end)
  end)
end
