--- The command heygen-delete: from the command line to the exit status.

local heygen = require "heygen"
local deletion = require "heygen.command.deletion"
local ids = require "heygen.command.ids"
local journal = require "heygen.command.journal"
local key = require "heygen.command.key"
local ledger = require "heygen.command.ledger"
local options = require "heygen.command.options"
local output = require "heygen.command.output"
local terminal = require "heygen.command.terminal"

local command = {}

-- Exit statuses.
local ALL_GONE, SOME_FAILED, NOTHING_SENT, STOPPED_EARLY, INTERRUPTED = 0, 1, 2, 3, 130

local function complain(text)
  io.stderr:write("heygen-delete: ", text, "\n")
end

-- Ends the command before anything was sent.
local function refuse(...)
  for _, problem in ipairs { ... } do complain(problem) end
  return NOTHING_SENT
end

--- Whether an error is Ctrl-C's.
local function is_interrupt(err)
  if heygen.is_error(err) then return err.kind == "interrupted" end
  return type(err) == "string" and err:find "interrupted!$" ~= nil
end

-- What an earlier run has settled is told again, so that every id is told of.
local function tell_earlier(run)
  local count = 0
  for _, id in ipairs(run.ledger.ids) do
    local outcome = run.journal and run.ledger:settled(id)
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
  io.stderr:write(("%s would be deleted at %s. Nothing was sent.\n"):format(output.avatars(count), run.base_url))
  return ALL_GONE
end

-- Whether the run may begin; nil and the reason if not.
local function is_confirmed(run)
  local question = ("Delete %s at %s for good?"):format(output.avatars(run.ledger:left()), run.base_url)
  local yes = run.options.yes or terminal.ask(question)
  if yes == nil then return nil, "there is no terminal to ask on: --yes deletes without a question" end
  return yes, "nothing was deleted"
end

local function exit_status(run, counts)
  if run.interrupted then return INTERRUPTED end
  if run.ending then return STOPPED_EARLY end
  local gone = counts.deleted + counts.presumed_deleted + (run.options.missing_ok and counts.absent or 0)
  return gone == #run.ledger.ids and ALL_GONE or SOME_FAILED
end

local function advice(run, counts)
  if run.journal and counts.not_attempted + counts.unknown + counts.not_deleted > 0 then
    return "Run it again with the same journal to go on."
  end
  return nil
end

local function summarize(run, earlier, duplicates)
  local counts = run.ledger:counts()
  local status = exit_status(run, counts)
  run.output:summarize({
    total = #run.ledger.ids,
    counts = counts,
    earlier = earlier,
    duplicates = duplicates,
    ending = run.ending,
    advice = advice(run, counts),
    deprecation = run.deprecation,
  }, status)
  return status
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
    api_version = parsed.client.api_version or "v2",
    read_only = parsed.dry_run,
  })
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

  local used, problem = use_journal(parsed, base_url)
  if problem then return refuse(problem) end
  local run = deletion.new {
    options = parsed,
    client = client,
    base_url = base_url,
    journal = used,
    ledger = ledger.new(read.list, used and used.known),
    output = output.new(parsed),
  }
  local status = parsed.dry_run and dry_run(run) or delete(run, read.duplicates)
  if used then used:close() end
  return status
end

--- Runs the command.
---@param arguments string[]
---@return integer status to exit with
function command.main(arguments)
  local parsed, problem = options.parse(arguments)
  if not parsed then return refuse(problem, "see heygen-delete --help") end
  if parsed.help then
    print(options.help())
    return ALL_GONE
  elseif parsed.version then
    print("heygen-delete " .. heygen._VERSION)
    return ALL_GONE
  end
  local fine, result = pcall(run_command, parsed)
  if fine then return result end
  complain(is_interrupt(result) and "interrupted" or tostring(result))
  return is_interrupt(result) and INTERRUPTED or STOPPED_EARLY
end

return command
