--- Functions that run in a child process, forked off this one.

local assert = require "luassert"
local compiler = require "spec.support.compiler"

local forks = {}

-- Compiled before any spec begins, since requests that are in flight would not wait for it.
local system = compiler.load "system"

--- Calls a function in a child. Fails unless the child ends well.
---@param run fun(): any
---@return string text what it returned or raised
function forks.in_child(run)
  local text, status = system.fork(run)
  assert.equal(0, status, text)
  return text
end

return forks
