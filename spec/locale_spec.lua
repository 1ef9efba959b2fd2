-- A host's locale changes nothing: in Turkish, the small letter of "I" is none of ASCII.

local command = require "spec.support.command"
local process = require "spec.support.process"
local server = require "spec.support.server"

local SCRIPT = [[
  assert(os.setlocale "tr_TR.UTF-8")
  local heygen = require "heygen"
  local _, meta = heygen.delete_photo_avatar("test-key", "avatar", { base_url = ..., api_version = "v2" })
  print(meta.outcome, meta.request_id, meta.deprecation.sunset)
]]

-- Written so that every name and word has an "I" in it, as a proxy may write them.
local ANSWER = "HTTP/1.1 200 OK\r\nX-REQUEST-ID: r-1\r\nDEPRECATION: true\r\nSUNSET: soon\r\n"
  .. "TRANSFER-ENCODING: chunked\r\n\r\nc\r\n{\"code\":100}\r\n0\r\n\r\n"

describe("under a Turkish locale", function()
  local folder, service

  before_each(function()
    folder = command.folder()
    service = server.start()
    service:plan("avatar", { { ANSWER } })
  end)
  after_each(function()
    service:stop()
    command.remove(folder)
  end)

  it("headers are known by their names", function()
    local made = process.run { "localedef", "-i", "tr_TR", "-f", "UTF-8", folder .. "/tr_TR.UTF-8" }
    if made.status ~= 0 then return pending "localedef cannot make the locale here" end
    local environment = process.lua_environment()
    environment.LOCPATH = folder
    local result = process.run({ process.INTERPRETER, "-", service.url }, { stdin = SCRIPT, environment = environment })
    assert.equal("deleted\tr-1\tsoon\n", result.stdout, result.stderr)
  end)
end)
