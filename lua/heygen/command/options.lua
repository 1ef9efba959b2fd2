--- What stands on the command line of heygen-delete.

local argparse = require "argparse"
local terminal = require "heygen.command.terminal"

local options = {}

---@class heygen.command.Options
---@field ids string[] ids that are arguments; "-" is standard input
---@field files string[] files of ids; "-" is standard input
---@field key_file string?
---@field journal string?
---@field same_account boolean?
---@field patience number? seconds
---@field yes boolean?
---@field dry_run boolean?
---@field quiet boolean?
---@field json boolean?
---@field missing_ok boolean?
---@field completion string?
---@field help boolean?
---@field version boolean?
---@field client heygen.ClientOptions what the client is made with, but for the key

local DESCRIPTION = "Deletes HeyGen photo avatars for good, and says of each whether it is gone."

local EPILOG = [[
The key is that of --key-file, else of the environment's HEYGEN_API_KEY.
Without an id and a file, ids are read from standard input.

Examples:
   heygen-delete my-look another-look
   heygen-delete --dry-run --file looks.txt
   heygen-delete --journal deleted.journal --patience 2h --file looks.txt
   cut -f1 looks.tsv | heygen-delete --yes --json > results.jsonl

Exit status:
   0    all are gone
   1    some are not, or may not be
   2    nothing was sent: wrong usage, a bad id, no key, the answer no
   3    stopped early: the key, the quota, a full disk
   4    stopped early: the service fails, or asks for a long pause
   130  interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP]]

local function number(value, flag)
  local converted = tonumber(value)
  if converted then return converted end
  return nil, ("%s is '%s'; expected a number"):format(flag, value)
end

local function text(value)
  return value
end

local UNITS = { [""] = 1, s = 1, m = 60, h = 3600, d = 86400 }
local LONGEST_PATIENCE = 7 * UNITS.d

local function patience(value)
  local count, unit = value:match "^(%d+%.?%d*)([smhd]?)$"
  local seconds = count and tonumber(count) * UNITS[unit]
  if seconds and seconds >= 1 and seconds <= LONGEST_PATIENCE then return seconds end
  return nil, ("--patience is '%s'; expected a time such as 90s, 10m, 2h or 1d, from 1s to 7d"):format(value)
end

-- The options that the client takes under another name: the flag, the client's name for it, the word for its value,
-- what converts it, and what it is for. The client itself says what each may be.
local OF_THE_CLIENT = {
  { "--base-url", "base_url", "url", text, "The service; default $HEYGEN_API_BASE, else https://api.heygen.com." },
  { "--api-version", "api_version", "version", text, "auto, v2 or v3; default $HEYGEN_API_VERSION, else auto." },
  { "--ca-file", "ca_file", "file", text, "CA certificates to trust, PEM; default libcurl's." },
  { "--ca-path", "ca_path", "directory", text, "A directory of hashed CA certificates to trust." },
  { "--proxy", "proxy", "url", text, "The proxy; default the environment's." },
  { "--concurrency", "max_concurrency", "n", number, "Ids in flight at once; default 8." },
  { "--timeout", "timeout", "seconds", number, "For one attempt; default 30." },
  { "--deadline", "deadline", "seconds", number, "For one id, retries and waits included; default 120." },
  { "--retries", "max_retries", "n", number, "Retries of an id at most; default 2." },
  { "--rate", "max_rate", "n", number, "Requests a second at most; default no limit." },
}

-- Of the help, and of what stands before the explanations, in characters.
local NARROWEST, WIDEST, MARGIN = 60, 100, 29

local function help_width()
  if not terminal.is_terminal(1) then return WIDEST end
  return math.max(NARROWEST, math.min(WIDEST, terminal.columns(1)))
end

local function make_parser()
  local width = help_width()
  local parser = argparse("heygen-delete", DESCRIPTION, EPILOG):add_help(false)
    :usage_max_width(width):help_max_width(width):help_description_margin(MARGIN)
  parser:argument("id", "Ids of photo avatars or looks; - reads them from standard input.")
    :target "ids":args "*":argname "<id>"
  parser:option("--file", "Reads ids, one a line; may be given again; - is standard input.")
    :target "files":count "*":argname "<file>"
  parser:option("--key-file", "The API key is the file's first line."):argname "<file>"
  parser:option("--journal", "Record progress in the file; run again with it to resume."):argname "<file>"
  parser:flag("--same-account", "Goes on with the journal of another key of the same account.")
  parser:option("--patience", "Waits so long while the service fails, and goes on: 90s, 10m, 2h."):argname "<time>"
    :convert(patience)
  parser:flag("-y --yes", "Don't ask for confirmation.")
  parser:flag("-n --dry-run", "Checks everything, says what would be deleted, and sends nothing.")
  parser:flag("-q --quiet", "Prints failures alone.")
  parser:flag("--missing-ok", "An avatar that is not there counts as gone.")
  parser:flag("--json", "Prints one JSON object per id on standard output.")
  for _, option in ipairs(OF_THE_CLIENT) do
    local flag, target, value, convert, purpose = table.unpack(option, 1, 5)
    parser:option(flag, purpose):target(target):argname(("<%s>"):format(value))
      :convert(function(given) return convert(given, flag) end)
  end
  parser:option("--completion", "Prints the completion script of a shell: bash, zsh or fish.")
    :choices { "bash", "zsh", "fish" }:argname "<shell>"
  parser:flag("-h --help", "Shows this help.")
  parser:flag("--version", "Shows this program's version and libcurl's.")
  return parser
end

-- What is suggested for a letter is any other letter, which may do anything.
local function without_guesses(problem)
  return problem:find "^unknown option '%-[^-]'" and problem:match "^[^\n]*" or problem
end

--- Reads the command line.
---@param arguments string[]
---@return heygen.command.Options? options nil when it is wrong
---@return string? problem
function options.parse(arguments)
  local fine, parsed = make_parser():pparse(arguments)
  if not fine then return nil, without_guesses(parsed) end
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

--- The script that teaches a shell to complete this command's line.
---@param shell "bash"|"zsh"|"fish"
---@return string
function options.completion(shell)
  local parser = make_parser()
  return parser["get_" .. shell .. "_complete"](parser)
end

--- Puts the flags in place of the client's names for them.
---@param message string the client's words
---@return string
function options.with_flags(message)
  for _, option in ipairs(OF_THE_CLIENT) do
    local flag, name = option[1], option[2]
    message = message:gsub(("option '%s'"):format(name), flag)
    message = message:gsub(("%%f[%%w_]%s = \"?([%%w_.]+)\"?"):format(name), (flag:gsub("%%", "%%%%")) .. " %1")
    -- Names of one word are words of other sentences, too.
    if name:find "_" then message = message:gsub(("%%f[%%w_]%s%%f[^%%w_]"):format(name), flag) end
  end
  return (message:gsub("option 'api_key'", "the key"):gsub("%f[%w_]missing_ok%f[^%w_]", "--missing-ok"))
end

return options
