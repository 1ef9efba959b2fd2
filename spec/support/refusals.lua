--- Arguments and options that are refused before anything is sent.

local assert = require "luassert"
local calls = require "spec.support.calls"
local server = require "spec.support.server"

local refusals = {}

--- A value of every type but nil.
refusals.A_VALUE_OF = {
  boolean = true, number = 1, string = "text", table = {}, ["function"] = print, userdata = io.stdout,
  thread = coroutine.create(print),
}

--- What specs of refusals need. The check fails unless a function, called with the further arguments, raises a refusal
--- that has all these words, and the service sees nothing of it; it returns the error.
---@return spec.Service service
---@return heygen.Client client of the service
---@return heygen.ClientOptions plain what the plain function takes to reach the service
---@return fun(words: string[], run: function, ...): heygen.Error assert_refused
function refusals.stage()
  local service = server.start()
  local function assert_refused(words, run, ...)
    local before = service:deletes()
    local err = calls.raised(run, ...)
    assert.is_nil(calls.flaw_of_refusal(err, words))
    assert.equal(before, service:deletes())
    return err
  end
  return service, calls.client(service), calls.options(service), assert_refused
end

return refusals
