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

--- Calls a function that, somewhere within, splits: it is given a function for that, of which only the first use
--- counts. What it returns or raises in the child is checked there; the parent goes on.
---@param run fun(split: fun(): boolean?) `split` returns true in the child
---@param is_well fun(succeeded: boolean, raised: any): boolean in the child: whether all is as it should be
---@return boolean well whether the child said so; nil without a child
function forks.split(run, is_well)
  local child
  local succeeded, raised = pcall(run, function()
    child = child or system.split()
    return child == 0
  end)
  if child == 0 then system.leave(select(2, pcall(is_well, succeeded, raised)) == true) end
  if not succeeded then error(raised, 0) end
  return child and system.wait(child)
end

return forks
