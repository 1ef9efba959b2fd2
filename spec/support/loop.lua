--- A small scheduler: coroutines that wait for sockets and for time, on LuaSocket's select.
---
--- One thread runs them all, so between two waits a task is alone and needs no lock.

local socket = require "socket"

---@class spec.Task
---@field thread thread
---@field owner any whose task it is: Loop:stop ends all tasks of an owner
---@field socket any? what it waits for
---@field mode "read"|"write"|nil
---@field wake_at number? when it is woken at the latest, in socket.gettime's seconds

---@class spec.Loop
---@field private tasks table<spec.Task, true>
---@field private current spec.Task?
---@field private running boolean
local Loop = {}
Loop.__index = Loop

local loop = {}

---@return spec.Loop
function loop.new()
  return setmetatable({ tasks = {}, running = false }, Loop)
end

--- Starts a task; it first runs in the next round.
---@param owner any
---@param run function called with the further arguments
function Loop:spawn(owner, run, ...)
  local arguments = table.pack(...)
  local thread = coroutine.create(function()
    run(table.unpack(arguments, 1, arguments.n))
  end)
  self.tasks[{ thread = thread, owner = owner, wake_at = 0 }] = true
end

--- Ends all tasks of an owner where they wait; their to-be-closed variables are closed.
--- The running task must not be one of them.
---@param owner any
function Loop:stop(owner)
  local victims = {}
  for task in pairs(self.tasks) do
    if task.owner == owner then victims[#victims + 1] = task end
  end
  for _, task in ipairs(victims) do
    self.tasks[task] = nil
    assert(coroutine.close(task.thread))
  end
end

--- Waits, inside a task, until a socket is ready.
---@param awaited any a LuaSocket or LuaSec socket
---@param mode "read"|"write"
---@param seconds number? at most so long; no limit by default
---@return boolean ready false when the time is over or the socket was released
function Loop:wait(awaited, mode, seconds)
  local task = self.current
  task.socket, task.mode = awaited, mode
  task.wake_at = seconds and socket.gettime() + seconds
  local ready = coroutine.yield()
  task.socket, task.mode, task.wake_at = nil, nil, nil
  return ready
end

--- Lets time pass, inside a task; 0 lets the other tasks have their turn.
---@param seconds number
function Loop:sleep(seconds)
  self.current.wake_at = socket.gettime() + seconds
  coroutine.yield()
end

--- Wakes the tasks that wait for a socket that is about to be closed: select would never report it.
---@param closed any
function Loop:release(closed)
  for task in pairs(self.tasks) do
    if task.socket == closed then
      task.socket, task.wake_at = nil, 0
    end
  end
end

-- An error of a task is a defect of this library: it ends the loop, so that it can't go unseen.
function Loop:resume(task, ready)
  self.current = task
  local fine, problem = coroutine.resume(task.thread, ready)
  self.current = nil
  if not fine then error(debug.traceback(task.thread, problem), 0) end
  if coroutine.status(task.thread) == "dead" then self.tasks[task] = nil end
end

local function awaited_by(tasks)
  local sockets = { read = {}, write = {} }
  local wake_at = math.huge
  for task in pairs(tasks) do
    if task.socket then table.insert(sockets[task.mode], task.socket) end
    wake_at = math.min(wake_at, task.wake_at or math.huge)
  end
  return sockets, wake_at
end

function Loop:round()
  local sockets, wake_at = awaited_by(self.tasks)
  local pause = wake_at < math.huge and math.max(0, wake_at - socket.gettime()) or nil
  local ready = {}
  ready.read, ready.write = socket.select(sockets.read, sockets.write, pause)

  -- Collected before any of them runs: a task may start and stop others.
  local due, now = {}, socket.gettime()
  for task in pairs(self.tasks) do
    local is_ready = task.socket ~= nil and ready[task.mode][task.socket] ~= nil
    if is_ready or (task.wake_at and task.wake_at <= now) then due[#due + 1] = { task, is_ready } end
  end
  for _, entry in ipairs(due) do
    local task, is_ready = entry[1], entry[2]
    if self.tasks[task] then self:resume(task, is_ready) end
  end
end

--- Runs the tasks until there are none, or until Loop:finish.
function Loop:run()
  self.running = true
  while self.running and next(self.tasks) do self:round() end
end

function Loop:finish()
  self.running = false
end

return loop
