--- What stands on the command line of heygen-delete.

local argparse = require "argparse"

local options = {}

---@class heygen.command.Options
---@field ids string[] ids that are arguments; "-" is standard input
---@field files string[] files of ids; "-" is standard input
---@field key_file string?
---@field journal string?
---@field yes boolean?
---@field dry_run boolean?
---@field json boolean?
---@field missing_ok boolean?
---@field help boolean?
---@field version boolean?
---@field client heygen.ClientOptions what the client is made with, but for the key

local DESCRIPTION = "Deletes HeyGen photo avatars for good, and says of each whether it is gone."

local EPILOG = [[
The key is that of --key-file, else of the environment's HEYGEN_API_KEY.
Without an id and a file, ids are read from standard input.

Exit status:
   0    all are gone
   1    some are not, or may not be
   2    nothing was sent: wrong usage, a bad id, no key, the answer No
   3    stopped early: the key, the quota, a failing service, a full disk
   130  interrupted]]

local function number(value, flag)
  local converted = tonumber(value)
  if converted then return converted end
  return nil, ("%s is '%s'; expected a number"):format(flag, value)
end

local function text(value)
  return value
end

-- The options that the client takes under another name: the flag, the client's name for it, the word for its value,
-- what converts it, and what it is for. The client itself says what each may be.
local OF_THE_CLIENT = {
  { "--base-url", "base_url", "url", text, "The service; default $HEYGEN_API_BASE, else https://api.heygen.com." },
  { "--api-version", "api_version", "version", text, "v2 or v3; default v2." },
  { "--concurrency", "max_concurrency", "n", number, "Ids in flight at once; default 8." },
  { "--timeout", "timeout", "seconds", number, "For one attempt; default 30." },
  { "--retries", "max_retries", "n", number, "Retries of an id at most; default 2." },
  { "--rate", "max_rate", "n", number, "Requests a second at most; default no limit." },
}

-- Of the help, and of what stands before the explanations, in characters.
local WIDTH, MARGIN = 100, 32

local function make_parser()
  local parser = argparse("heygen-delete", DESCRIPTION, EPILOG):add_help(false)
    :usage_max_width(WIDTH):help_max_width(WIDTH):help_description_margin(MARGIN)
  parser:argument("id", "Ids of photo avatars or looks; - reads them from standard input.")
    :target "ids":args "*":argname "<id>"
  parser:option("--file", "Reads ids, one a line; may be given again; - is standard input.")
    :target "files":count "*":argname "<file>"
  parser:option("--key-file", "The API key is the file's first line."):argname "<file>"
  parser:option("--journal", "Notes what is done; run again with it, goes on where it stopped.")
    :argname "<file>"
  parser:flag("-y --yes", "Deletes without a question.")
  parser:flag("-n --dry-run", "Checks everything, says what would be deleted, and sends nothing.")
  parser:flag("--missing-ok", "An avatar that is not there counts as gone.")
  parser:flag("--json", "Prints one JSON object per id on standard output.")
  for _, option in ipairs(OF_THE_CLIENT) do
    local flag, target, value, convert, purpose = table.unpack(option, 1, 5)
    parser:option(flag, purpose):target(target):argname(("<%s>"):format(value))
      :convert(function(given) return convert(given, flag) end)
  end
  parser:flag("-h --help", "Shows this help.")
  parser:flag("--version", "Shows the version.")
  return parser
end

--- Reads the command line.
---@param arguments string[]
---@return heygen.command.Options? options nil when it is wrong
---@return string? problem
function options.parse(arguments)
  local fine, parsed = make_parser():pparse(arguments)
  if not fine then return nil, parsed end
  parsed.client = {}
  for _, option in ipairs(OF_THE_CLIENT) do
    local target = option[2]
    parsed.client[target], parsed[target] = parsed[target], nil
  end
  return parsed
end

---@return string
function options.help()
  return make_parser():get_help()
end

--- Puts the flags in place of the client's names for them.
---@param message string the client's words
---@return string
function options.with_flags(message)
  for _, option in ipairs(OF_THE_CLIENT) do
    message = message:gsub(("option '%s'"):format(option[2]), option[1])
  end
  return (message:gsub("option 'api_key'", "the key"))
end

return options
