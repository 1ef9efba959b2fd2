--- One connection, plain or TLS, for tasks of a loop: reads and writes wait without blocking the others,
--- and every way to end a connection is told apart.

local socket = require "socket"
local ssl = require "ssl"

---@class spec.Stream
---@field open boolean
---@field private loop spec.Loop
---@field private socket any
---@field private secure boolean
---@field private broken boolean the peer or an error ended it: nothing more can be read or sent
---@field private buffer string what arrived and was not read yet
local Stream = {}
Stream.__index = Stream

local stream = {}

local CHUNK = 16384
-- How long an orderly end waits for a client that reads nothing, in seconds.
local CLOSE_PATIENCE = 5
-- How many chunks of unread input an orderly end takes in.
local DRAIN_CHUNKS = 64

--- Takes over a connected LuaSocket socket.
---@param loop spec.Loop
---@param connection any
---@return spec.Stream
function stream.new(loop, connection)
  connection:settimeout(0)
  connection:setoption("tcp-nodelay", true)
  return setmetatable({
    loop = loop,
    socket = connection,
    open = true,
    secure = false,
    broken = false,
    buffer = "",
  }, Stream)
end

-- What LuaSocket and LuaSec answer when a socket has to become ready first, and for what.
local WAITS = { timeout = true, wantread = "read", wantwrite = "write" }

-- Anything but a reason to wait is final, also when LuaSec fails and names no problem: a further read or write of
-- LuaSec's would never return.
function Stream:take_note(done, problem)
  self.broken = self.broken or (not done and not WAITS[problem])
end

function Stream:wait_for(problem, mode)
  if self.broken or not self.open then return false end
  local wanted = WAITS[problem]
  self.loop:wait(self.socket, wanted == true and mode or wanted)
  return self.open
end

--- Makes the TLS handshake as a server.
---@param context any a LuaSec context
---@return boolean done
function Stream:start_tls(context)
  local plain = self.socket
  local secured = assert(ssl.wrap(plain, context))
  secured:settimeout(0)
  self.socket, self.secure = secured, true
  while self.open do
    local done, problem = secured:dohandshake()
    if done then return true end
    self:take_note(done, problem)
    if not self:wait_for(problem, "read") then break end
  end
  return false
end

--- Reads what there is, at least one byte.
---@return string? data nil when the peer is gone
function Stream:read()
  local kept = self.buffer
  if kept ~= "" then
    self.buffer = ""
    return kept
  end
  while self.open and not self.broken do
    local data, problem, partial = self.socket:receive(CHUNK)
    self:take_note(data, problem)
    data = data or partial
    if data and data ~= "" then return data end
    if not self:wait_for(problem, "read") then break end
  end
  return nil
end

--- Reads up to and with a delimiter.
---@param delimiter string plain text
---@param limit integer most bytes to look through
---@return string? data nil when the peer is gone or the limit is passed
function Stream:read_through(delimiter, limit)
  local text = ""
  repeat
    local data = self:read()
    if not data then return nil end
    text = text .. data
    local _, last = text:find(delimiter, 1, true)
    if last then
      self.buffer = text:sub(last + 1)
      return text:sub(1, last)
    end
  until #text > limit
  return nil
end

--- Reads exactly so many bytes.
---@param count integer
---@return string? data nil when the peer is gone
function Stream:read_exactly(count)
  local text = self.buffer
  self.buffer = ""
  while #text < count do
    local data = self:read()
    if not data then return nil end
    text = text .. data
  end
  self.buffer = text:sub(count + 1)
  return text:sub(1, count)
end

--- Sends all of a text.
---@param text string
---@return boolean sent false when the peer is gone
function Stream:write(text)
  local first = 1
  while self.open and not self.broken and first <= #text do
    local last, problem, partial = self.socket:send(text, first)
    self:take_note(last, problem)
    first = (last or partial or first - 1) + 1
    if not last and not self:wait_for(problem, "write") then return false end
  end
  return self.open and not self.broken
end

--- Waits until the peer is gone.
function Stream:outlast()
  repeat
    local data = self:read()
  until not data
end

-- Input that nobody read would turn the end into a reset.
function Stream:drain()
  local chunks = 0
  while not self.broken and chunks < DRAIN_CHUNKS do
    local data, problem = self.socket:receive(CHUNK)
    if not data then return self:take_note(data, problem) end
    chunks = chunks + 1
  end
end

function Stream:abandon()
  self.open = false
  self.loop:release(self.socket)
end

-- LuaSec says goodbye whenever it closes a connection, so the descriptor is closed under it first.
local function close_descriptor(connection, with_reset)
  local descriptor = socket.tcp()
  descriptor:setfd(connection:getfd())
  if with_reset then assert(descriptor:setoption("linger", { on = true, timeout = 0 })) end
  descriptor:close()
  connection:close()
end

--- Ends in order: TLS says goodbye (close_notify), TCP sends its FIN.
function Stream:close()
  if not self.open then return end
  self:drain()
  -- LuaSec's goodbye blocks: without room for it, it would stop every task.
  if self.secure and not self.loop:wait(self.socket, "write", CLOSE_PATIENCE) then return self:cut() end
  -- Another task may have ended it meanwhile.
  if not self.open then return end
  self:abandon()
  self.socket:close()
end

--- Ends TCP with a FIN; TLS says no goodbye.
function Stream:cut()
  if not self.open then return end
  self:drain()
  self:abandon()
  close_descriptor(self.socket, false)
end

--- Ends TCP with a reset.
function Stream:reset()
  if not self.open then return end
  self:abandon()
  close_descriptor(self.socket, true)
end

Stream.__close = Stream.cut

return stream
