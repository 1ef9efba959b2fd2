-- Answers on a kept connection that may be another request's: what they say is not believed, and their connection is
-- not used again.

local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local server = require "spec.support.server"
local ways = require "spec.support.ways"

local BAD_REQUEST = { status = 400, headers = { connection = "close" }, body = "<html>Bad Request</html>" }
local KEPT_BAD_REQUEST = { status = 400, body = "<html>Bad Request</html>" }
local REFUSAL = { status = 400, body = '{"error":{"code":"invalid_parameter","message":"x"}}' }
local NOT_FOUND = { status = 404, body = '{"error":{"code":"avatar_not_found","message":"x"}}' }

-- The same as text, and so in one piece with what follows it.
local function text(body)
  return ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body)
end

for _, protocol in ipairs { "HTTP", "TLS" } do
  for _, way in ipairs(ways.names) do
    describe(("over %s, %s,"):format(protocol, way), function()
      local service, client

      before_each(function()
        fake_time.install()
        service = server.start { tls = protocol == "TLS", ids = { "first", "second", "third" } }
      end)
      after_each(function()
        client:close()
        service:stop()
        fake_time.uninstall()
      end)

      -- Deletes one after the other, over one connection if nothing speaks against it; what came of each.
      local function results_of(ids, options)
        client = calls.client(service, options)
        local results = {}
        for position, made in ipairs(ways.sequence(way, client, ids)) do
          results[position] = ("%s %s %d"):format(made.kind, made.outcome, (made.meta or made.err).attempts)
        end
        return results
      end

      local function connections()
        local numbers = {}
        for position, request in ipairs(service:requests()) do numbers[position] = request.connection end
        return numbers
      end

      it("an answer about another id is not believed", function()
        service:plan("first", { { text '{"data":{"id":"second"}}' } })
        assert.same({ "protocol unknown 1", "none deleted 1", "none deleted 1" },
          results_of({ "first", "second", "third" }, { api_version = "v3" }))
        assert.same({ 1, 2, 2 }, connections())
      end)

      it("an answer that comes twice does for one id alone", function()
        -- The second copy reaches the next request, which is refused.
        service:plan("second", { { text '{"data":{"id":"first"}}', NOT_FOUND } })
        assert.same({ "none deleted 1", "protocol unknown 1", "none deleted 1" },
          results_of({ "first", "second", "third" }, { api_version = "v3" }))
        assert.same({ 1, 1, 2 }, connections())
      end)

      for name, answer in pairs { ["that is closed then"] = BAD_REQUEST, ["that is kept"] = KEPT_BAD_REQUEST } do
        it("a 400 on an open connection " .. name .. " is asked again over a new one", function()
          service:plan("second", { { answer } })
          assert.same({ "none deleted 1", "none deleted 2", "none deleted 1" },
            results_of({ "first", "second", "third" }, { max_retries = 1 }))
          local taken = connections()
          assert.same({ 1, 1, 2 }, { table.unpack(taken, 1, 3) })
          -- From 8.22 on libcurl may pick the old one again, which is replaced by one more.
          assert.not_equal(1, taken[4])
        end)

        it("a 400 on an open connection " .. name .. " leaves doubt, since the request may have been heard", function()
          service:plan("second", { { { delete = true }, answer } })
          assert.same({ "none deleted 1", "none presumed_deleted 2" },
            results_of({ "first", "second" }, { max_retries = 1 }))
        end)
      end

      it("a 400 was an answer where a new connection brings another one", function()
        service:plan("second", { always = { KEPT_BAD_REQUEST } })
        assert.same({ "none deleted 1", "rejected not_deleted 2" },
          results_of({ "first", "second" }, { max_retries = 5 }))
        assert.same({ 1, 1, 2 }, connections())
      end)

      it("a 400 was an answer where a new connection brings one in the service's envelope", function()
        service:plan("second", { { KEPT_BAD_REQUEST }, { REFUSAL } })
        assert.same({ "none deleted 1", "rejected not_deleted 2" },
          results_of({ "first", "second" }, { max_retries = 5 }))
      end)

      it("a 400 was an answer though another attempt came between", function()
        service:plan("second", { { KEPT_BAD_REQUEST }, { { status = 429, body = "{}" } }, { KEPT_BAD_REQUEST } })
        assert.same({ "none deleted 1", "rejected not_deleted 3" },
          results_of({ "first", "second" }, { max_retries = 5 }))
        assert.same({ 1, 1, 2, 3 }, connections())
      end)

      it("a 400 leaves doubt where no retry is allowed", function()
        service:plan("second", { { KEPT_BAD_REQUEST } })
        assert.same({ "none deleted 1", "rejected unknown 1", "none deleted 1" },
          results_of({ "first", "second", "third" }, { max_retries = 0 }))
        assert.same({ 1, 1, 2 }, connections())
      end)

      it("a 400 leaves the doubt that was there before", function()
        service:plan("second", { { { status = 500, body = "{}" } }, { KEPT_BAD_REQUEST }, { KEPT_BAD_REQUEST } })
        assert.same({ "none deleted 1", "rejected unknown 3" },
          results_of({ "first", "second" }, { max_retries = 5 }))
      end)

      it("a 400 in the service's envelope, or on a new connection, is an answer at once", function()
        service:plan("first", { { KEPT_BAD_REQUEST } })
        service:plan("second", { { REFUSAL } })
        assert.same({ "rejected not_deleted 1", "rejected not_deleted 1", "none deleted 1" },
          results_of({ "first", "second", "third" }, { max_retries = 5 }))
        assert.same({ 1, 1, 1 }, connections())
      end)
    end)
  end
end
