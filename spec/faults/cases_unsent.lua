--- Calls that never reach the service: nothing is sent, and the module knows it.

local server = require "spec.support.server"

local PLAIN_TEXT = { "HTTP/1.1 400 Bad Request\r\n\r\n", { close = true } }

-- What can end only by a limit is tried twice, to save time.
local CONNECT_LIMIT = { connect_timeout = 0.5, max_retries = 1 }
local LIMIT = { timeout = 0.5, max_retries = 1 }

local function refused() return "http://127.0.0.1:" .. server.refused_port() end
local function unconnectable()
  local port = server.unconnectable()
  return port and "http://127.0.0.1:" .. port
end
local function unknown() return "https://no-such-host.invalid" end

local cases = {
  { "an unknown host", "connection not_deleted 3 0", base_url = unknown, client = { proxy = "" }, protocol = "TLS" },
  { "a refused connection", "connection not_deleted 3 0", base_url = refused, protocol = "HTTP" },
  { "a connect that hangs", "timeout not_deleted 2 0", base_url = unconnectable, options = CONNECT_LIMIT,
    protocol = "HTTP" },
  { "a handshake that hangs", "timeout not_deleted 2 0", connections = { { hang = true } }, options = CONNECT_LIMIT },
  { "a handshake that hangs longer", "timeout not_deleted 2 0", connections = { { hang = true } }, options = LIMIT },
  { "a certificate of another host", "tls not_deleted 1 0", service = { certificate = "wrong_host" }, stops = true },
  { "a certificate that signs itself", "tls not_deleted 1 0", service = { certificate = "self_signed" }, stops = true },
  { "an expired certificate", "tls not_deleted 1 0", service = { certificate = "expired" }, stops = true },
  { "authorities that are not there", "tls not_deleted 1 0", client = { ca_file = "/nonexistent" }, stops = true },
  { "plain text on the TLS port", "tls not_deleted 3 0", connections = PLAIN_TEXT },
  { "a reset in the handshake", "tls not_deleted 3 0", connections = { { read = true }, { reset = true } } },
  { "the end in the handshake", "tls not_deleted 3 0", connections = { { read = true }, { close = true } } },
  { "TLS 1.0", "tls not_deleted 3 0", service = { protocol = "tlsv1" } },
  { "TLS 1.1", "tls not_deleted 3 0", service = { protocol = "tlsv1_1" } },
  { "a proxy that refuses", "connection not_deleted 3 0", proxy = { refuse = true } },
  { "a proxy that asks for a password", "connection not_deleted 1 0", proxy = { status = 407 }, stops = true },
  { "a proxy that fails", "connection not_deleted 3 0", proxy = { status = 502 } },
  { "a proxy that resets", "connection not_deleted 3 0", proxy = { actions = { { reset = true } } } },
  { "a silent proxy", "timeout not_deleted 2 0", proxy = { actions = { { hang = true } } }, options = LIMIT },
}

for _, case in ipairs(cases) do
  case.unreachable = true
  case.protocol = case.protocol or "TLS"
end

return cases
