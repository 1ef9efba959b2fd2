-- heygen-delete on a terminal: the question, the progress line, colours, Ctrl-C.

local command = require "spec.support.command"
local process = require "spec.support.process"
local screen = require "spec.support.screen"
local server = require "spec.support.server"

local PATIENCE = 30

describe("heygen-delete on a terminal", function()
  local service, shown

  before_each(function()
    service = server.start { ids = { "a", "b" } }
    shown = nil
  end)
  after_each(function()
    if shown then shown:close() end
    service:stop()
  end)

  -- The arguments are the shell's to read; `before` comes before the command on its line.
  local function start(arguments, options)
    options = options or {}
    local words = { options.before or "", process.INTERPRETER, process.quote(command.PATH), arguments }
    local line = table.concat(words, " ")
    local environment = command.environment(service, options.environment)
    shown = screen.start(line, { columns = options.columns, environment = environment })
  end

  describe("asks, with the number of ids and the host,", function()
    local question

    before_each(function()
      start "a b"
      question = "Permanently delete 2 photo avatars at " .. service.url .. "? [y/N]"
      shown:await "%[y/N%]"
      assert.equal(question, shown:rows()[1])
      assert.equal(0, service:deletes())
    end)

    for _, answer in ipairs { "y", "YES" } do
      it("and takes " .. answer .. " for yes", function()
        shown:press(answer, "Enter")
        assert.matches("2 photo avatars: 2 deleted\nstatus 0\n", shown:await "status")
      end)
    end

    for _, answer in ipairs { "n", "yesterday", "''" } do
      it("and takes " .. answer .. " for no", function()
        shown:press(answer, "Enter")
        assert.matches("heygen%-delete: nothing was deleted\nstatus 2\n", shown:await "status")
        assert.equal(0, service:deletes())
      end)
    end

    it("and ends at Ctrl-C", function()
      shown:press "C-c"
      shown:await "status 130"
      assert.equal(0, service:deletes())
    end)
  end)

  it("asks there when the ids come from a pipe, and the output goes into one", function()
    start("--json | wc -l", { before = "printf 'a\\nb\\n' |" })
    shown:await "Permanently delete 2 photo avatars"
    shown:press("y", "Enter")
    assert.matches("\n2\n", shown:await "status")
    assert.equal(2, service:deletes())
  end)

  it("asks whether what is probably none is an id, and then whether to delete it", function()
    service:add "id"
    start "id"
    shown:await 'Is this an id%? "id" is hardly an id%. %[y/N%]'
    shown:press("y", "Enter")
    shown:await "Permanently delete 1 photo avatar "
    shown:press("y", "Enter")
    assert.matches("1 photo avatar: 1 deleted\nstatus 0\n", shown:await "status")
    shown:close()
    start "-y README.md"
    shown:await 'Is this an id%? "README.md" is the name of a file'
    shown:press("n", "Enter")
    shown:await "status 2"
    assert.equal(1, service:deletes())
  end)

  it("asks for the key where there is none, and does not show it", function()
    start("-y a", { environment = { HEYGEN_API_KEY = false } })
    shown:await "API key %(it is not shown%):"
    shown:press(command.KEY, "Enter")
    local text = shown:await "status 0"
    assert.not_matches(command.KEY, text, 1, true)
    assert.equal(1, service:deletes())
    shown:close()
    -- The terminal shows what is typed again, after Ctrl-C too.
    start("-y b; stty -a | grep -o -- '[-]*echo ' | head -1", { environment = { HEYGEN_API_KEY = false } })
    shown:await "API key"
    shown:press "C-c"
    assert.matches("\necho", shown:await "status")
  end)

  it("leaves tmux's history alone", function()
    service:add(command.ids(2000))
    start("-y --rate 24", { before = "clear; seq -f look-%05g 2000 |" })
    shown:await "[2-9]%d of 2000 done"
    assert.is_true(shown:history() <= 1, shown:history())
    shown:press "C-c"
    shown:await "status 130"
  end)

  it("fits its help into the terminal", function()
    start("--help", { columns = 80 })
    shown:await "status"
    for _, row in ipairs(shown:rows()) do assert.is_true(#row < 80, row) end
  end)

  it("wants ids rather than waiting for them", function()
    start ""
    assert.matches("no ids: see heygen%-delete %-%-help\nstatus 2", shown:await "status")
  end)

  -- Two dozen a second, of which every fifth is busy.
  local function start_long_run(options)
    local ids = command.ids(2000)
    service:add(ids)
    for position = 5, 2000, 5 do
      service:plan(ids[position], { always = { { status = 409, body = '{"message":"busy"}' } } })
    end
    local folder = command.folder()
    finally(function() command.remove(folder) end)
    local file = command.write(folder .. "/ids", table.concat(ids, "\n"))
    start(("-y --rate 24 --journal %s/journal --file %s"):format(folder, file), options)
    return folder .. "/journal"
  end

  it("shows how far it has come, on one row in any width", function()
    service:add(command.ids(2000))
    start("-y --rate 24", { before = "seq -f look-%05g 2000 |" })
    shown:await "%d+ of 2000 done, 0 failed, [%d.]+/s, [%d:]+ left"
    for _, columns in ipairs { 40, 150, 16, 60, 7, 100 } do
      shown:resize(columns)
      -- Once the new width is known, there is one row, and the last column stays free.
      server.eventually(function()
        local rows = shown:rows()
        local width_is_used = columns < 70 or #(rows[1] or "") > 60
        return #rows == 1 and rows[1]:find "%d+%%" and #rows[1] < columns and width_is_used
      end, PATIENCE)
      local before = shown:text()
      server.eventually(function() return shown:text() ~= before or columns < 10 end, PATIENCE)
      assert.equal(1, #shown:rows(), shown:text())
    end
    shown:press "C-c"
    shown:await "status 130"
  end)

  it("shows failures above it", function()
    start_long_run { columns = 150 }
    local text = shown:await "not deleted: look%-00025: conflict: busy[^%%]*%%  %d+ of 2000 done, [1-9]%d* failed"
    -- Nothing of it remains where the failures are, which are shorter.
    assert.equal(1, select(2, text:gsub("%d left", "")), text)
    shown:press "C-c"
    assert.not_matches("of 2000 done", shown:await "status 130")
  end)

  it("ends at one Ctrl-C, with a summary and a complete journal", function()
    local journal = start_long_run {}
    shown:await "[1-9]%d* of 2000 done"
    shown:press "C-c"
    local text = shown:await "status"
    assert.matches("2000 photo avatars: [^\n]*not attempted\nInterrupted.\nRun it again[^\n]*\nstatus 130\n", text)
    assert.not_matches("of 2000 done", text)
    local last = command.last_words(command.read(journal))
    assert.is_not_nil(next(last))
    for id, word in pairs(last) do assert.not_equal("start", word, id) end
  end)

  it("shows no progress to a file", function()
    start('-y a b 2>"$file"; wc -c <"$file"; rm "$file"', { before = "file=$(mktemp);" })
    assert.matches("2 photo avatars: 2 deleted\n0\n", shown:await "status")
  end)

  it("uses colours, and none where they are not wanted", function()
    start "-y a no-such"
    shown:await "status 1"
    assert.matches("\27%[31mabsent: no%-such", shown:text(true))
    shown:close()
    service:add "a"
    for name, value in pairs { NO_COLOR = "1", TERM = "dumb" } do
      start("-y a no-such", { environment = { [name] = value } })
      shown:await "status 1"
      assert.not_matches("\27%[3%dm", shown:text(true))
      shown:close()
      service:add "a"
    end
    shown = nil
  end)

  it("shows no progress where escape sequences are not understood", function()
    start_long_run { environment = { TERM = "dumb" } }
    local text = shown:await "look%-00020: conflict"
    assert.not_matches("%%", text)
    shown:press "C-c"
    assert.not_matches("%%", shown:await "status 130")
  end)
end)
