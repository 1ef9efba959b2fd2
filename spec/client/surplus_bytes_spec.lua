-- A connection on which more came than the answer is not used again, whichever buffer holds the surplus: the next
-- request would get it for its answer.

local bare_host = require "spec.support.bare_host"
local calls = require "spec.support.calls"
local fake_time = require "spec.support.fake_time"
local server = require "spec.support.server"
local ways = require "spec.support.ways"

local DELETED = '{"code":100,"data":null}'
local NOT_FOUND = { status = 404, body = '{"error":{"code":"avatar_not_found","message":"x"}}' }

local function headers(status, ...)
  return table.concat({ ("HTTP/1.1 %d X"):format(status), ... }, "\r\n") .. "\r\n\r\n"
end

local function sized(status, body)
  return headers(status, "Content-Length: " .. #body) .. body
end

local CHUNKED = headers(200, "Transfer-Encoding: chunked") .. ("%x\r\n%s\r\n0\r\n\r\n"):format(#DELETED, DELETED)

-- What the first request gets, in one piece but where it is a list; and what comes of it.
local ANSWERS = {
  ["a chunked answer and a part of another"] = { CHUNKED .. "HT", "none deleted" },
  ["a chunked answer and one byte"] = { CHUNKED .. "\n", "none deleted" },
  ["a chunked answer twice"] = { CHUNKED .. CHUNKED, "none deleted" },
  ["a chunked answer with trailers twice"] =
    { (CHUNKED:gsub("\r\n\r\n$", "\r\nx: y\r\n\r\n")):rep(2), "none deleted" },
  ["a 204 twice"] = { headers(204):rep(2), "none deleted" },
  ["a 204 with a body"] = { headers(204) .. DELETED, "none deleted" },
  ["a 304 and another answer"] = { headers(304) .. sized(200, DELETED), "redirect unknown", stops_run = true },
  ["an empty refusal and another answer"] = { sized(403, "") .. sized(200, DELETED), "forbidden not_deleted" },
  ["an answer with a length twice"] = { sized(200, DELETED):rep(2), "none deleted" },
  ["an answer with a length and one byte"] = { sized(200, DELETED) .. "\n", "none deleted" },
  ["headers, then the body and another answer"] =
    { { headers(200, "Content-Length: " .. #DELETED), { sleep = 0.05 }, DELETED .. sized(200, DELETED) },
      "none deleted" },
  ["headers, then the body and one byte"] =
    { { headers(200, "Content-Length: " .. #DELETED), { sleep = 0.05 }, DELETED .. "\n" }, "none deleted" },
  ["half a body, then the rest and another answer"] =
    { { headers(200, "Content-Length: " .. #DELETED) .. DELETED:sub(1, 9), { sleep = 0.05 },
        DELETED:sub(10) .. sized(200, DELETED) }, "none deleted" },
}

for _, protocol in ipairs { "HTTP", "TLS 1.3", "TLS 1.2" } do
  for _, way in ipairs(ways.names) do
    describe(("over %s, %s,"):format(protocol, way), function()
      local service, client

      before_each(function()
        fake_time.install()
        service = server.start { tls = protocol ~= "HTTP", protocol = protocol == "TLS 1.2" and "tlsv1_2" or nil,
          ids = { "first", "second" } }
        client = calls.client(service, { max_retries = 0 })
      end)
      after_each(function()
        client:close()
        service:stop()
        fake_time.uninstall()
      end)

      -- Deletes one after the other; what came of each, and the connection of each request.
      local function results_of(ids)
        local results, connections = {}, {}
        for position, made in ipairs(ways.sequence(way, client, ids)) do
          results[position] = made.kind .. " " .. made.outcome
        end
        for position, request in ipairs(service:requests()) do connections[position] = request.connection end
        return results, connections
      end

      for name, case in pairs(ANSWERS) do
        -- A redirect ends a bulk run.
        local test = case.stops_run and way == "bulk" and function() end or it
        test(name .. " is the last of its connection", function()
          local answer, outcome = table.unpack(case)
          service:plan("first", { type(answer) == "table" and answer or { answer } })
          service:plan("second", { always = { NOT_FOUND } })
          local results, connections = results_of { "first", "second" }
          assert.same({ outcome, "not_found absent" }, results)
          assert.same({ 1, 2 }, connections)
        end)
      end

      it("right answers keep it", function()
        service:plan("first", { { CHUNKED } })
        service:plan("second", { { headers(204) } })
        service:plan("third", { { headers(200, "Content-Length: " .. #DELETED), { sleep = 0.01 }, DELETED } })
        local _, connections = results_of { "first", "second", "third", "fourth" }
        assert.same({ 1, 1, 1, 1 }, connections)
      end)

      describe("an answer that bears its request's id", function()
        local function answered(id, closing)
          local fields = { ["x-request-id"] = id, connection = closing and "close" or nil }
          return { status = 200, body = DELETED, headers = fields }
        end

        it("and comes twice is the first request's alone", function()
          service:plan("first", { { answered "r-1" } })
          service:plan("second", { { answered "r-1", NOT_FOUND } })
          service:plan("third", { { answered "r-3" } })
          local results, connections = results_of { "first", "second", "third" }
          assert.same({ "none deleted", "protocol unknown", "none deleted" }, results)
          assert.same({ 1, 1, 2 }, connections)
        end)

        it("is believed where all answers bear the same", function()
          service:plan("first", { { answered("r-1", true), { close = true } } })
          service:plan("second", { { answered "r-1" } })
          service:plan("third", { { answered "r-1" } })
          assert.same({ "none deleted", "none deleted", "none deleted" }, (results_of { "first", "second", "third" }))
        end)
      end)
    end)
  end
end

describe("a peer that speaks before it is asked", function()
  local host, service

  setup(function() host = bare_host.new() end)
  teardown(function() host:remove() end)
  before_each(function() service = server.start { ids = { "first" } } end)
  after_each(function() service:stop() end)

  local SCRIPT = bare_host.PRELUDE .. [[
    host.await_early_input()
    local succeeded, err = pcall(function() new():delete_photo_avatar("first") end)
    print(err.kind, err.outcome, err.attempts, err.cause)
  ]]

  local EARLY = { ["an answer"] = sized(503, ""), ["one byte"] = "H", ["its closing"] = { close = true } }
  for name, action in pairs(EARLY) do
    it("gets no request: " .. name, function()
      service:plan_connection { { action } }
      assert.equal("connection\tnot_deleted\t1\tsomething came on the connection before the request was sent\n",
        host:printed({ SCRIPT }, bare_host.environment(service)))
      assert.equal(0, service:deletes "first")
    end)
  end
end)
