--- What is told of each id on standard output, for people or as JSON, and the summary.

local json = require "heygen.command.json"
local ledger = require "heygen.command.ledger"
local terminal = require "heygen.command.terminal"

local output = {}

---@class heygen.command.Record what is told of an id
---@field id string
---@field outcome string
---@field earlier boolean? an earlier run said so
---@field dry_run boolean?
---@field [string] any further members of a meta or an error

-- The members of a JSON object, in order. An error's or a meta's own are among them.
local MEMBERS = {
  "id", "outcome", "earlier", "dry_run", "kind", "status", "code", "message", "cause", "hint", "attempts", "elapsed",
  "request_id", "retry_after",
}

--- Makes the record of an id.
---@param id string
---@param outcome string
---@param source table? the meta, the error, or other members
---@return heygen.command.Record
function output.record(id, outcome, source)
  local record = {}
  for _, name in ipairs(MEMBERS) do record[name] = source and source[name] end
  record.id, record.outcome = id, outcome
  return record
end

local function spaced(outcome)
  return (outcome:gsub("_", " "))
end

--- What went wrong, in the service's words and with what helps to find it.
---@param err heygen.Error|heygen.command.Record
---@return string
function output.reason_text(err)
  local details = {}
  for _, name in ipairs { "status", "code", "request_id" } do
    if err[name] then details[#details + 1] = ("%s %s"):format(name:gsub("_id", ""), err[name]) end
  end
  local text = ("%s: %s"):format(err.kind, err.message)
  if err.cause then text = text .. ": " .. err.cause end
  if #details > 0 then text = ("%s (%s)"):format(text, table.concat(details, ", ")) end
  -- To ask again with maybe_sent is what a run with the journal does.
  if err.hint and not err.hint:find("maybe_sent", 1, true) then text = text .. "; " .. err.hint end
  return terminal.harmless(text)
end

---@class heygen.command.Output
---@field private form table
---@field private missing_ok boolean?
---@field private is_colourful boolean
local Output = {}
Output.__index = Output

---@private
function Output:painted(text, colour)
  return self.is_colourful and terminal.paint(text, colour) or text
end

-- For people, failures alone are told.
local function plain_line(self, record)
  if record.dry_run then return "would delete " .. record.id end
  if not record.kind or ledger.is_gone(record.outcome, self.missing_ok) then return nil end
  return self:painted(("%s: %s: %s"):format(spaced(record.outcome), record.id, output.reason_text(record)), "red")
end

local function json_line(_, record)
  return json.object(MEMBERS, record)
end

-- How a record is told, and where the summary goes.
local PLAIN = { line = plain_line, summary_file = io.stdout, summary_descriptor = 1 }
local JSON = { line = json_line, summary_file = io.stderr, summary_descriptor = 2 }

---@param parsed heygen.command.Options
---@return heygen.command.Output
function output.new(parsed)
  local form = parsed.json and JSON or PLAIN
  return setmetatable({
    form = form,
    missing_ok = parsed.missing_ok,
    is_colourful = terminal.is_colourful(form.summary_descriptor),
  }, Output)
end

--- What is to be printed of an id.
---@param record heygen.command.Record
---@return string? line nil: nothing
function Output:line(record)
  return self.form.line(self, record)
end

--- Prints a line on standard output.
---@param line string
---@return boolean? fine
---@return string? problem
function output.print(line)
  local written, problem = io.stdout:write(line, "\n")
  if written then
    written, problem = io.stdout:flush()
  end
  if written then return true end
  return nil, "standard output: " .. problem
end

---@class heygen.command.Summary
---@field total integer
---@field counts table<string, integer>
---@field earlier integer how many an earlier run had dealt with
---@field duplicates integer
---@field ending string? what ended the run before its end
---@field advice string? what to do next
---@field deprecation heygen.Deprecation?

---@param count integer
---@return string
function output.avatars(count)
  return ("%d photo avatar%s"):format(count, count == 1 and "" or "s")
end

-- Is added in brackets, where it is not nothing.
local function asides(summary)
  local texts = {}
  if summary.earlier > 0 then texts[#texts + 1] = ("%d in earlier runs"):format(summary.earlier) end
  if summary.duplicates > 0 then
    texts[#texts + 1] = ("%d duplicate%s"):format(summary.duplicates, summary.duplicates == 1 and "" or "s")
  end
  return #texts > 0 and (" (%s)"):format(table.concat(texts, ", ")) or ""
end

-- What the service announces of the route's end.
local function deprecation_text(deprecation)
  local text = "Note: the service announces the end of this API version"
  if deprecation.sunset then text = ("%s, %s"):format(text, deprecation.sunset) end
  return terminal.harmless(text) .. ": see --api-version."
end

--- Prints the summary.
---@param summary heygen.command.Summary
---@param status integer the exit status
function Output:summarize(summary, status)
  local parts = {}
  for _, name in ipairs(ledger.COUNTS) do
    if summary.counts[name] > 0 then parts[#parts + 1] = ("%d %s"):format(summary.counts[name], spaced(name)) end
  end
  local what = #parts > 0 and table.concat(parts, ", ") or "nothing to delete"
  local line = ("%s: %s%s"):format(output.avatars(summary.total), what, asides(summary))
  local lines = { self:painted(line, status == 0 and "green" or "yellow") }
  if summary.ending then lines[#lines + 1] = summary.ending end
  if summary.advice then lines[#lines + 1] = summary.advice end
  if summary.deprecation then lines[#lines + 1] = deprecation_text(summary.deprecation) end
  self.form.summary_file:write(table.concat(lines, "\n"), "\n")
end

return output
