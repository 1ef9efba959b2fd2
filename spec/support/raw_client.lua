--- A client made of plain sockets, to see every byte and every ending that a server sends.

local socket = require "socket"
local ssl = require "ssl"

local raw_client = {}

-- The longest wait for anything, in seconds.
local PATIENCE = 20

---@param port integer
---@return any client a LuaSocket socket
function raw_client.connect_plain(port)
  local plain = socket.tcp()
  plain:settimeout(PATIENCE)
  assert(plain:connect("127.0.0.1", port))
  return plain
end

--- Makes the TLS handshake.
---@param plain any a connected LuaSocket socket, which is taken over
---@param ca_file string
---@return any client
---@return boolean done
---@return string? problem
function raw_client.secure(plain, ca_file)
  local context = assert(ssl.newcontext { mode = "client", protocol = "any", cafile = ca_file, verify = "peer" })
  local client = assert(ssl.wrap(plain, context))
  client:settimeout(PATIENCE)
  return client, client:dohandshake()
end

--- Connects to a service, with TLS if it has it.
---@param service spec.Service
---@return any client
function raw_client.connect(service)
  local plain = raw_client.connect_plain(service.port)
  if not service.ca_file then return plain end
  local client, done, problem = raw_client.secure(plain, service.ca_file)
  assert(done, problem)
  return client
end

---@param path string
---@param options { method: string?, key: string?, more: string?, body: string? }? `more`: further header lines
---@return string
function raw_client.request_text(path, options)
  options = options or {}
  return ("%s %s HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\n%s\r\n%s")
    :format(options.method or "DELETE", path, options.key or "test-key", options.more or "", options.body or "")
end

---@param client any
---@return integer? status
---@return string? body
---@return table<string, string> headers names as sent
function raw_client.receive_response(client)
  local status = assert(client:receive("*l")):match("^HTTP/1.1 (%d+) ")
  local headers = {}
  for line in function() return client:receive("*l") end do
    if line == "" then break end
    local name, value = line:match("^(.-): (.*)$")
    headers[name] = value
  end
  local length = tonumber(headers["content-length"] or 0)
  -- LuaSocket waits for input even where no byte is asked for.
  return tonumber(status), length > 0 and client:receive(length) or "", headers
end

--- Sends a request and receives the response.
---@return integer? status
---@return string? body
---@return table<string, string> headers
function raw_client.ask(client, path, options)
  assert(client:send(raw_client.request_text(path, options)))
  return raw_client.receive_response(client)
end

--- Waits for the end of a connection that has nothing more to read, and tells which it was.
---@param client any
---@return string how "reset"; "closed": in order; LuaSec's words for a TLS connection without its goodbye
function raw_client.ending(client)
  assert(socket.select({ client }, nil, PATIENCE)[1], "the connection is still open")
  -- LuaSocket calls all of them "closed"; but after a reset alone, an error is pending on the descriptor.
  local descriptor = socket.tcp()
  descriptor:setfd(client:getfd())
  local was_reset = descriptor:getoption("error") ~= nil
  descriptor:setfd(-1)
  if was_reset then return "reset" end
  local data, problem = client:receive(1)
  assert(not data, "there is more to read")
  return problem
end

return raw_client
