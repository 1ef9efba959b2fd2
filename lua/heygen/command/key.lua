--- The API key: from a file, else from the environment, else typed on the terminal. Never an argument, which every user
--- of the machine could see.

local lfs = require "lfs"

local terminal = require "heygen.command.terminal"

local key = {}

-- Whether more users than the file's owner can read it.
local function is_exposed(path)
  local permissions = lfs.attributes(path, "permissions")
  return permissions ~= nil and (permissions:sub(4, 4) == "r" or permissions:sub(7, 7) == "r")
end

---@param path string
---@return string? key nil when there is none to be had
---@return string? problem, or a warning about the file
local function read_file(path)
  local file <close>, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local line, flaw = file:read "l"
  if flaw then return nil, ("%s can't be read: %s"):format(path, flaw) end
  local text = (line or ""):match "^%s*(.-)%s*$"
  if text == "" then return nil, path .. ": the first line holds no key" end
  return text, is_exposed(path) and path .. ": the key file is readable by other users; run: chmod 600 " .. path or nil
end

--- Finds the key.
---@param path string? the file
---@return string? key nil when there is none to be had
---@return string? words what the problem is; with a key, what to warn of
function key.find(path)
  if path then return read_file(path) end
  local text = os.getenv "HEYGEN_API_KEY" or ""
  if text == "" then text = terminal.ask_secret "API key (it is not shown): " or "" end
  if text == "" then return nil, "no API key: set HEYGEN_API_KEY, or name a file with --key-file" end
  return text
end

return key
