--- The command heygen-delete: from the command line to the exit status.

local heygen = require "heygen"
local system = require("heygen.core").system
local deletion = require "heygen.command.deletion"
local ids = require "heygen.command.ids"
local journal = require "heygen.command.journal"
local key = require "heygen.command.key"
local ledger = require "heygen.command.ledger"
local options = require "heygen.command.options"
local output = require "heygen.command.output"
local terminal = require "heygen.command.terminal"

local command = {}

-- Exit statuses; that of an interrupted run is a signal's number and SIGNALLED.
local ALL_GONE, SOME_FAILED, NOTHING_SENT, STOPPED_EARLY, OUTAGE, SIGNALLED = 0, 1, 2, 3, 4, 128
local SIGINT = 2

local function complain(text)
  io.stderr:write("heygen-delete: ", text, "\n")
end

-- Ends the command before anything was sent.
local function refuse(...)
  for _, problem in ipairs { ... } do complain(problem) end
  return NOTHING_SENT
end

--- Whether an error is Ctrl-C's, or that of a signal that ends a run as Ctrl-C does.
local function is_interrupt(err)
  if heygen.is_error(err) then return err.kind == "interrupted" end
  -- argparse puts a traceback behind it.
  return type(err) == "string" and (err .. "\n"):find("interrupted!\n", 1, true) ~= nil
end

local function interrupted_status()
  return SIGNALLED + (system.signal() or SIGINT)
end

-- What an earlier run has settled is told again, so that every id is told of.
local function tell_earlier(run)
  local count = 0
  for _, id in ipairs(run.ledger.ids) do
    local outcome = run.ledger:settled(id)
    if outcome then
      count = count + 1
      run:tell(output.record(id, outcome, { earlier = true }))
    end
  end
  return count
end

local function dry_run(run)
  local count = run.ledger:left()
  tell_earlier(run)
  for _, id in ipairs(run.ledger.ids) do
    if not run.ledger:settled(id) then run:tell(output.record(id, run.ledger:outcome(id), { dry_run = true })) end
  end
  if run.ending then return refuse(run.ending) end
  run:say(("%s would be deleted at %s. Nothing was sent."):format(output.avatars(count), run.base_url))
  return ALL_GONE
end

-- Whether the run may begin; nil and the reason if not.
local function is_confirmed(run)
  local question = ("Permanently delete %s at %s?"):format(output.avatars(run.ledger:left()), run.base_url)
  local yes = run.options.yes or terminal.ask(question)
  if yes == nil then return nil, "there is no terminal to ask on: --yes deletes without asking for confirmation" end
  return yes, "nothing was deleted"
end

-- Whether what is probably no id is one after all: --yes does not say so. Returns what is wrong.
local function doubt_ids(list, used)
  local doubts = ids.mistakes(list, used and used.known)
  if #doubts == 0 then return nil end
  local yes = terminal.ask(("Is this an id? %s."):format(table.concat(doubts, "; ")))
  if yes then return nil end
  doubts[#doubts + 1] = yes == nil and "there is no terminal to ask on whether that is an id; --yes does not answer it"
    or "nothing was deleted"
  return doubts
end

local function exit_status(run, counts)
  if run.interrupted then return interrupted_status() end
  if run.ending then return run.gave_up and OUTAGE or STOPPED_EARLY end
  local gone = counts.deleted + counts.presumed_deleted + (run.options.missing_ok and counts.absent or 0)
  return gone == #run.ledger.ids and ALL_GONE or SOME_FAILED
end

-- What to do next, where another run can help.
local function advice(run, counts)
  local left = counts.not_attempted + counts.unknown
  if run.journal then
    local can_help = left > 0 or run.may_pass and counts.not_deleted > 0
    return can_help and "Run it again with the same journal to go on." or nil
  end
  if counts.unknown > 0 then
    return "Run it again with the unknown ids: if one is absent then, it is gone. With --journal it can tell by itself."
  end
  return nil
end

local function summarize(run, earlier, duplicates)
  local counts = run.ledger:counts()
  local status = exit_status(run, counts)
  local fine, problem = run.output:summarize({
    total = #run.ledger.ids,
    counts = counts,
    earlier = earlier,
    duplicates = duplicates,
    ending = run.ending,
    advice = advice(run, counts),
    deprecation = run.deprecation,
  }, status)
  if fine then return status end
  complain(problem)
  return status > SOME_FAILED and status or STOPPED_EARLY
end

-- Deletes what is left to delete, after a question.
local function delete(run, duplicates)
  if run.ledger:left() > 0 then
    local confirmed, reason = is_confirmed(run)
    if not confirmed then return refuse(reason) end
    if run.journal then
      local fine, problem = run.journal:begin()
      if not fine then return refuse(problem) end
    end
  end
  local earlier = tell_earlier(run)
  local fine, err = pcall(run.delete_all, run)
  run:settle(not fine and err or nil, not fine and is_interrupt(err))
  return summarize(run, earlier, duplicates)
end

-- A client and its service's URL; nil and the problem.
local function make_client(parsed, api_key)
  parsed.client.api_key = api_key
  local fine, client = pcall(heygen.new, parsed.client)
  if fine then return client, tostring(client):match "%((.*)%)" end
  if heygen.is_error(client) then return nil, options.with_flags(client.message) end
  error(client, 0)
end

local function use_journal(parsed, base_url)
  if not parsed.journal then return nil end
  return journal.open(parsed.journal, {
    base_url = base_url,
    operation = "looks",
    key = parsed.client.api_key,
    same_account = parsed.same_account,
    read_only = parsed.dry_run,
  })
end

-- With everything that was given, and what an earlier run has left.
local function run_with(parsed, client, base_url, read)
  local used, problem = use_journal(parsed, base_url)
  if problem then return refuse(problem) end
  local doubts = doubt_ids(read.list, used)
  if doubts then return refuse(table.unpack(doubts)) end
  local run = deletion.new {
    options = parsed,
    client = client,
    base_url = base_url,
    journal = used,
    ledger = ledger.new(read.list, used and used.known, read.told),
    output = output.new(parsed),
  }
  local status = parsed.dry_run and dry_run(run) or delete(run, read.duplicates)
  local fine, flaw = true, nil
  if used then
    fine, flaw = used:close()
  end
  if fine or run.ending or status == NOTHING_SENT then return status end
  complain(flaw)
  return STOPPED_EARLY
end

local function run_command(parsed)
  local api_key, words = key.find(parsed.key_file)
  if not api_key then return refuse(words) end
  if words then complain("warning: " .. words) end

  local client <close>, base_url = make_client(parsed, api_key)
  if not client then return refuse(base_url) end

  if #parsed.ids + #parsed.files == 0 then
    if terminal.is_terminal(0) then return refuse "no ids: see heygen-delete --help" end
    parsed.files[1] = "-"
  end
  local read, problems = ids.read(parsed.ids, parsed.files, api_key)
  if not read then return refuse(table.unpack(problems)) end
  return run_with(parsed, client, base_url, read)
end

-- What is asked for instead of a deletion; nil: nothing.
local function information(parsed)
  if parsed.help then return options.help() end
  if parsed.version then return ("heygen-delete %s (libcurl %s)"):format(heygen._VERSION, system.libcurl) end
  return parsed.completion and options.completion(parsed.completion)
end

local function run_arguments(arguments)
  local parsed, problem = options.parse(arguments)
  if not parsed then return refuse(problem, "see heygen-delete --help") end
  local text = information(parsed)
  if not text then return run_command(parsed) end
  local fine, flaw = output.print(text)
  return fine and ALL_GONE or refuse(flaw)
end

--- Runs the command.
---@param arguments string[]
---@return integer status to exit with
function command.main(arguments)
  local fine, result = pcall(run_arguments, arguments)
  if fine then return result end
  if is_interrupt(result) then
    complain "interrupted"
    return interrupted_status()
  end
  complain(output.error_text(result))
  return STOPPED_EARLY
end

return command
