--- Time and chance as a spec wants them: waits are jumped over, random numbers are known.
---
---   before_each(function() fake_time.install() end)
---   after_each(fake_time.uninstall)
---
--- Clients that are made meanwhile go by it, on whichever thread; the network's own time stays real.

local clock = require("heygen_probe").clock

local fake_time = {}

---@class spec.FakeTimeOptions
---@field random number[]? what is drawn, again and again; by default always a half
---@field flowing boolean? time passes by itself too; by default it stands still between the waits

--- Gives the clients that are made from now on this time.
---@param options spec.FakeTimeOptions?
function fake_time.install(options)
  options = options or {}
  clock.install(options.flowing or false, table.unpack(options.random or { 0.5 }))
end

--- Gives the clients that are made from now on the process's own time.
function fake_time.uninstall()
  clock.uninstall()
end

--- The moment, in seconds.
---@return number
function fake_time.now()
  return clock.now()
end

--- Lets time pass.
---@param seconds number
function fake_time.advance(seconds)
  clock.advance(seconds)
end

--- How much time has been jumped over since it was installed, in seconds.
---@return number
function fake_time.idled()
  return clock.idled()
end

--- A date as HTTP writes it.
---@param seconds integer from now
---@return string
function fake_time.http_date(seconds)
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", clock.date() + seconds) --[[@as string]]
end

return fake_time
