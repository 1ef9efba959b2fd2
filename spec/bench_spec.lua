-- The benchmark's own parts: what its numbers rest on.

local http = require "socket.http"
local https = require "ssl.https"
local ltn12 = require "ltn12"
local nginx = require "spec.bench.nginx"
local programs = require "spec.bench.programs"
local statistics = require "spec.bench.statistics"

describe("the summary of numbers", function()
  it("is their median, the least and the most", function()
    assert.same({ 2, 1, 9 }, { statistics.summary { 9, 1, 2 } })
    assert.same({ 2.5, 1, 9 }, { statistics.summary { 9, 1, 2, 3 } })
    assert.same({ 7, 7, 7 }, { statistics.summary { 7 } })
  end)
end)

describe("the cost of a deletion", function()
  -- A program that takes 3 s of the processor to start and 2 s for each deletion, and twice that of time.
  local function cost(program)
    local bench = programs.bench {}
    function bench.run(_, _, workload, expected)
      assert.equal(workload.count + 1, expected)
      local cpu = 3 + 2 * workload.count
      return { expected, cpu, 2 * cpu }
    end
    return bench:cost(program, { count = 10 })
  end

  it("is that of the program's run", function()
    assert.same({ cpu = 2.3, wall = 4.6 }, cost {})
    assert.same({ cpu = 5, wall = 10 }, cost { most = 1 })
  end)

  it("is without the start of a program that is measured as a whole", function()
    assert.same({ cpu = 2, wall = 4 }, cost { is_whole = true })
  end)
end)

-- Without nginx there is no benchmark either.
local describe_service = nginx.is_present() and describe or pending

describe_service("the benchmark's service", function()
  local service

  setup(function() service = nginx.start() end)
  teardown(function() service:stop() end)

  local function request(address, method, key)
    local body = {}
    local client = address:find "^https:" and https or http
    client.request {
      url = address, method = method, headers = { ["x-api-key"] = key }, sink = ltn12.sink.table(body),
      verify = client == https and "peer" or nil, cafile = service.ca_file,
    }
    return table.concat(body)
  end

  local function delete(address)
    return request(address, "DELETE", "bench-key")
  end

  local function url(id)
    return service.url .. "/v2/photo_avatar/" .. id
  end

  it("deletes over HTTP and TLS, and below its slow paths", function()
    for number, base in ipairs { service.url, service.tls_url, service.url .. "/delayed", service.url .. "/held" } do
      assert.truthy(delete(("%s/v2/photo_avatar/a%d"):format(base, number)):find('"code":100', 1, true))
    end
    service:check("a", 4)
  end)

  it("counts what is missing, what comes twice, and what somebody else asks for", function()
    local patience = nginx.PATIENCE
    nginx.PATIENCE = 0.5
    delete(url "b1")
    local succeeded, err = pcall(service.check, service, "b", 2)
    nginx.PATIENCE = patience
    assert.is_false(succeeded)
    assert.truthy(err:find("1 requests, expected 2", 1, true))
    delete(url "c1")
    delete(url "c1")
    assert.error_matches(function() service:check("c", 2) end, "deleted twice")
    delete(url "d1")
    assert.error_matches(function() service:check("e", 1) end, "for somebody else")
  end)

  it("has authorities that are the system's and its own", function()
    local missing = programs.missing "ca-certificates"
    if missing then return pending(missing .. " is not installed") end
    local folder = programs.bench(service):authorities()
    local function read(path)
      local file <close> = assert(io.open(path))
      return file:read "a"
    end
    assert.equal(read "/etc/ssl/certs/ca-certificates.crt" .. read(service.ca_file),
      read(folder .. "/ca-certificates.crt"))
  end)

  it("refuses another key and another method", function()
    request(url "f1", "DELETE", "another-key")
    assert.error_matches(function() service:check("f", 1) end, "401 DELETE")
    request(url "g1", "POST", "bench-key")
    assert.error_matches(function() service:check("g", 1) end, "405 POST")
  end)
end)
