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

    local function assert_unharmed(deletes)
      polling.finish(client)
      for _, request in ipairs(requests) do assert.equal("absent", select(2, request:result()).outcome) end
      deletes = deletes or 5
      assert.equal(deletes, service:deletes())
      assert.is_true(service:connections() <= deletes)
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

    -- As it does after an `exec` that failed.
    describe("in a function of the caller's, a child that returns from it", function()
      local told

      before_each(function() told = {} end)

      -- Once what is told of has split, all else is the parent's.
      local function tell(name, split)
        assert(not told.child, "the child is told of what is the parent's")
        told[#told + 1] = name
        if split() then told.child = true end
      end

      -- A child that were not refused would go on polling.
      local function poll_to_the_end()
        repeat until client:poll(30) == 0 or told.child
      end

      local function own_ids()
        local ids = {}
        for number = 1, 50 do ids[number] = "own-" .. number end
        return ids
      end

      local function assert_misused(run)
        assert.is_true(forks.split(run, function(succeeded, err) return not succeeded and err.kind == "misuse" end))
      end

      for _, closes in ipairs { false, true } do
        local how = closes and ", once it has closed the client," or ""

        it("finds poll misused" .. how, function()
          local function run(split)
            for number = 1, 20 do
              client:delete_photo_avatar_async("own-" .. number, function()
                tell(number, split)
                if told.child and closes then client:close() end
              end)
            end
            poll_to_the_end()
          end
          assert_misused(run)
          assert.equal(20, #told)
          assert_unharmed(25)
        end)

        it("finds poll misused by a run" .. how, function()
          local request
          local function run(split)
            request = client:delete_photo_avatars_async(own_ids(), nil, {
              on_result = function(id)
                tell(id, split)
                if told.child and closes then client:close() end
              end,
            })
            poll_to_the_end()
          end
          assert_misused(run)
          assert.same({ 50, 50 }, { #told, request:result().absent })
          assert_unharmed(55)
        end)
      end

      it("finds a blocking run misused", function()
        local report
        local function run(split)
          report = client:delete_photo_avatars(own_ids(), { on_result = function(id) tell(id, split) end })
        end
        assert_misused(run)
        assert.same({ 50, 50 }, { #told, report.absent })
        assert_unharmed(55)
      end)

      it("finds it misused in an iterator, too", function()
        local number, report = 0, nil
        local function run(split)
          report = client:delete_photo_avatars(function()
            number = number + 1
            if number == 5 then tell(number, split) end
            return number <= 50 and "own-" .. number or nil
          end)
        end
        assert_misused(run)
        assert.equal(50, report.absent)
        assert_unharmed(55)
      end)

      it("leaves the coroutines that await to the parent", function()
        local function run(split)
          local request = client:delete_photo_avatar_async "own"
          for number = 1, 3 do
            coroutine.wrap(function()
              pcall(request.await, request)
              tell(number, split)
            end)()
          end
          poll_to_the_end()
        end
        assert_misused(run)
        assert.equal(3, #told)
        assert_unharmed(6)
      end)
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
