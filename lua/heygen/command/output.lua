--- What is told of each id, for people or as JSON, and the summary.
---
--- For people, failures and problems go to standard error, the summary to standard output. As JSON, every id goes to
--- standard output, and standard error has problems alone.

local heygen = require "heygen"
local json = require "heygen.command.json"
local ledger = require "heygen.command.ledger"
local options = require "heygen.command.options"
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
  "id", "outcome", "time", "earlier", "dry_run", "kind", "status", "code", "message", "cause", "hint", "attempts",
  "elapsed", "request_id", "retry_after", "api_version",
}

-- To ask again with maybe_sent is what a run with the journal does; the other option has no flag.
local HINTS_FOR_PROGRAMS = { "maybe_sent", "max_response_bytes" }

local function is_for_programs(clause)
  for _, name in ipairs(HINTS_FOR_PROGRAMS) do
    if clause:find(name, 1, true) then return true end
  end
  return false
end

-- A hint as this command's user can follow it; nil where that is none.
local function hint_of(err)
  local clauses = {}
  for clause in ((err.hint or "") .. "; "):gmatch "(.-); " do
    if clause ~= "" and not is_for_programs(clause) then clauses[#clauses + 1] = clause end
  end
  return #clauses > 0 and options.with_flags(table.concat(clauses, "; ")) or nil
end

--- Makes the record of an id.
---@param id string
---@param outcome string
---@param source table? the meta, the error, or other members
---@return heygen.command.Record
function output.record(id, outcome, source)
  local record = {}
  for _, name in ipairs(MEMBERS) do record[name] = source and source[name] end
  record.id, record.outcome = id, outcome
  record.hint = source and hint_of(source)
  return record
end

local function spaced(outcome)
  return (outcome:gsub("_", " "))
end

-- What went wrong, but for the hint.
local function failure_text(err)
  local details = {}
  for _, name in ipairs { "status", "code", "request_id" } do
    if err[name] then details[#details + 1] = ("%s %s"):format(name:gsub("_id", ""), err[name]) end
  end
  local text = err.message ~= err.kind and ("%s: %s"):format(err.kind, err.message) or err.kind
  if err.cause then text = text .. ": " .. err.cause end
  if #details > 0 then text = ("%s (%s)"):format(text, table.concat(details, ", ")) end
  return text
end

--- What went wrong, in the service's words and with what helps to find it.
---@param err heygen.Error|heygen.command.Record
---@return string
function output.reason_text(err)
  local hint = hint_of(err)
  return terminal.printable(failure_text(err) .. (hint and "; " .. hint or ""))
end

--- The words of whatever was raised.
---@param err any
---@return string
function output.error_text(err)
  if not heygen.is_error(err) then return terminal.printable(tostring(err)) end
  return options.with_flags(output.reason_text(err))
end

---@class heygen.command.Output
---@field private form table
---@field private is_quiet boolean?
---@field private missing_ok boolean?
---@field private is_colourful boolean of what is told of ids
---@field private told_hints table<string, true>
local Output = {}
Output.__index = Output

-- For people, failures alone are told. A hint is told once.
local function plain_line(self, record)
  if record.dry_run then return "would delete " .. record.id end
  if not record.kind or ledger.is_gone(record.outcome, self.missing_ok) then return nil end
  local hint = record.hint
  local is_new = hint and not self.told_hints[hint]
  if is_new then self.told_hints[hint] = true end
  local reason = terminal.printable(failure_text(record) .. (is_new and "; " .. hint or ""))
  local line = ("%s: %s: %s"):format(spaced(record.outcome), record.id, reason)
  return self.is_colourful and terminal.paint(line, "red") or line
end

local function json_line(self, record)
  if self.is_quiet and ledger.is_gone(record.outcome, self.missing_ok) then return nil end
  return json.object(MEMBERS, record)
end

local STANDARD_OUTPUT = { file = io.stdout, descriptor = 1, name = "standard output" }
local STANDARD_ERROR = { file = io.stderr, descriptor = 2, name = "standard error" }

-- How a record is told, and where; and where the summary goes.
local PLAIN = { line = plain_line, stream = STANDARD_ERROR, summary = STANDARD_OUTPUT }
local JSON = { line = json_line, stream = STANDARD_OUTPUT, summary = STANDARD_ERROR }
-- What a dry run tells is no failure.
local PLAIN_DRY = { line = plain_line, stream = STANDARD_OUTPUT, summary = STANDARD_ERROR }

---@param parsed heygen.command.Options
---@return heygen.command.Output
function output.new(parsed)
  local form = parsed.json and JSON or parsed.dry_run and PLAIN_DRY or PLAIN
  return setmetatable({
    form = form,
    is_quiet = parsed.quiet,
    missing_ok = parsed.missing_ok,
    is_colourful = terminal.is_colourful(form.stream.descriptor),
    told_hints = {},
  }, Output)
end

--- What is to be printed of an id.
---@param record heygen.command.Record
---@return string? line nil: nothing
function Output:line(record)
  return self.form.line(self, record)
end

local function write(stream, ...)
  local written, problem = stream.file:write(...)
  if written then
    written, problem = stream.file:flush()
  end
  if written then return true end
  return nil, ("%s: %s"):format(stream.name, problem)
end

--- Prints a line about an id where it belongs.
---@param line string
---@return boolean? fine
---@return string? problem
function Output:print(line)
  return write(self.form.stream, line, "\n")
end

--- Prints a text on standard output, and makes sure that it got there.
---@param text string
---@return boolean? fine
---@return string? problem
function output.print(text)
  return write(STANDARD_OUTPUT, text, "\n")
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
  return terminal.printable(text) .. ": see --api-version."
end

local function counts_text(summary)
  local parts = {}
  for _, name in ipairs(ledger.COUNTS) do
    if summary.counts[name] > 0 then parts[#parts + 1] = ("%d %s"):format(summary.counts[name], spaced(name)) end
  end
  local what = #parts > 0 and table.concat(parts, ", ") or "nothing to delete"
  return ("%s: %s%s"):format(output.avatars(summary.total), what, asides(summary))
end

-- The lines of the summary itself, and those that tell what went wrong and what to do.
local function summary_lines(self, summary, status)
  local lines, problems = { counts_text(summary) }, {}
  if terminal.is_colourful(self.form.summary.descriptor) then
    lines[1] = terminal.paint(lines[1], status == 0 and "green" or "yellow")
  end
  if summary.deprecation then lines[2] = deprecation_text(summary.deprecation) end
  if summary.ending then problems[1] = summary.ending end
  if summary.advice and not self.is_quiet then problems[#problems + 1] = summary.advice end
  -- Standard error is for problems, unless somebody looks on.
  local stream = self.form.summary
  local is_problem = stream == STANDARD_ERROR and status == 0 and not terminal.is_terminal(stream.descriptor)
  return (self.is_quiet or is_problem) and {} or lines, problems
end

--- Prints the summary.
---@param summary heygen.command.Summary
---@param status integer the exit status
---@return boolean? fine
---@return string? problem
function Output:summarize(summary, status)
  local lines, problems = summary_lines(self, summary, status)
  local fine, flaw = true, nil
  if #lines > 0 then
    fine, flaw = write(self.form.summary, table.concat(lines, "\n"), "\n")
  end
  if #problems > 0 then write(STANDARD_ERROR, table.concat(problems, "\n"), "\n") end
  return fine, flaw
end

return output
