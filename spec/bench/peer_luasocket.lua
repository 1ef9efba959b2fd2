-- LuaSocket, LuaSec and lua-cjson: a connection for each call, as they make them.

local cjson = require "cjson"
local ltn12 = require "ltn12"
local task = require "spec.bench.task"

local given = task.read()
local is_tls = given.base_url:find("^https:") ~= nil
local request = is_tls and require("ssl.https").request or require("socket.http").request

local function delete(number)
  local body = {}
  local _, status = request {
    method = "DELETE",
    url = ("%s/v2/photo_avatar/%s%d"):format(given.base_url, given.prefix, number),
    headers = { ["x-api-key"] = "bench-key" },
    sink = ltn12.sink.table(body),
    cafile = given.ca_file,
    verify = is_tls and "peer" or nil,
  }
  return status == 200 and cjson.decode(table.concat(body)).code == 100 and 1 or 0
end

task.time(delete(0), function()
  local deleted = 0
  for number = 1, given.count do deleted = deleted + delete(number) end
  return deleted
end)
