-- Deletes one photo avatar for good, and shows what came of it:
--
--   HEYGEN_API_KEY=... lua5.4 spec/examples/delete.lua ID
--
-- Asks on the terminal first, unless the service is the made-up one of `make demo`, on this machine.
-- The exit status is 0 when it is gone, 1 when the call failed, and 2 when nothing was tried.

local heygen = require "heygen"

local NOTHING_TRIED = 2

local function refuse(reason)
  io.stderr:write(reason, "\n")
  os.exit(NOTHING_TRIED)
end

local function show(value, indent)
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names, function(one, other) return tostring(one) < tostring(other) end)
  for _, name in ipairs(names) do
    local member = value[name]
    local is_table = type(member) == "table"
    print(("%s%-12s%s"):format(indent, name, is_table and "" or " " .. tostring(member)))
    if is_table then show(member, indent .. "  ") end
  end
end

local function is_demonstration()
  return (os.getenv "HEYGEN_API_BASE" or ""):find "^http://127%.0%.0%.1:" ~= nil
end

local function is_confirmed(client, id)
  local answers, questions = io.open("/dev/tty", "r"), io.open("/dev/tty", "w")
  if not (answers and questions) then
    refuse "There is no terminal to ask on, so nothing was deleted."
  end
  questions:write(("%s: delete photo avatar %s? This can't be undone. [yes/NO] "):format(client, id))
  questions:flush()
  return answers:read "l" == "yes"
end

local id = arg[1] or ""
if id == "" then
  refuse "Which avatar? make delete ID=..., or lua5.4 spec/examples/delete.lua ID"
end

local ok, client = pcall(heygen.new)
if not ok then
  refuse(tostring(client))
elseif not is_demonstration() and not is_confirmed(client, id) then
  refuse "Nothing was deleted."
end

local deleted, body, meta = pcall(client.delete_photo_avatar, client, id)
client:close()

if deleted then
  print "It is gone. body:"
  show(body, "  ")
  print "meta:"
  show(meta, "  ")
else
  local err = body
  print "That did not work. The error:"
  show(err, "  ")
  os.exit(1)
end
