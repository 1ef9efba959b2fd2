-- A client of before a fork is the parent's: the child may not use it, and can't do it any harm.

local heygen = require "heygen"
local calls = require "spec.support.calls"
local forks = require "spec.support.forks"
local server = require "spec.support.server"

local in_child = forks.in_child

for _, tls in ipairs { false, true } do
  describe(tls and "over TLS, after a fork" or "over HTTP, after a fork", function()
    local service, client, plain

    before_each(function()
      service = server.start { tls = tls }
      client = calls.client(service)
      plain = calls.options(service)
      client:delete_photo_avatar("before", { missing_ok = true })
    end)
    after_each(function()
      client:close()
      service:stop()
    end)

    local function connection_of(id)
      local seen = service:requests(id)
      assert.equal(1, #seen)
      return seen[1].connection
    end

    local function assert_unharmed()
      client:delete_photo_avatar("after", { missing_ok = true })
      assert.equal(connection_of "before", connection_of "after")
    end

    it("a call of the child is misuse, and sends nothing", function()
      local text = in_child(function()
        local err = calls.raised(client.delete_photo_avatar, client, "avatar")
        return table.concat({ err.kind, err.outcome, err.message }, ": ")
      end)
      assert.matches("^misuse: not_deleted: .*fork", text)
      assert.equal(0, service:deletes("avatar"))
      assert_unharmed()
    end)

    it("the child may close it, print it and collect it", function()
      local text = in_child(function()
        local open = tostring(client)
        client:close()
        client:close()
        local closed = tostring(client)
        client = nil
        collectgarbage()
        return open .. closed
      end)
      assert.equal(("heygen.Client (%s)heygen.Client (closed)"):format(service.url), text)
      assert_unharmed()
    end)

    it("the child may collect it open", function()
      local text = in_child(function()
        client = nil
        collectgarbage()
        return "collected"
      end)
      assert.equal("collected", text)
      assert_unharmed()
    end)

    it("a client of the child's own works", function()
      local text = in_child(function()
        local own <close> = calls.client(service)
        return select(2, own:delete_photo_avatar("own", { missing_ok = true })).outcome
      end)
      assert.equal("absent", text)
      assert.not_equal(connection_of "before", connection_of "own")
      assert_unharmed()
    end)

    it("the plain function works in both, each with a connection of its own", function()
      local function delete(id)
        plain.missing_ok = true
        return select(2, heygen.delete_photo_avatar(nil, id, plain)).outcome
      end
      delete "first"
      local text = in_child(function()
        local outcomes = delete "child-first" .. " " .. delete "child-second"
        collectgarbage()
        return outcomes
      end)
      assert.equal("absent absent", text)
      delete "second"
      assert.equal(connection_of "first", connection_of "second")
      assert.equal(connection_of "child-first", connection_of "child-second")
      assert.not_equal(connection_of "first", connection_of "child-first")
    end)
  end)
end
