--- How the programs that measure this module make their client.

local heygen = require "heygen"

local ours = {}

---@param task bench.Task
---@return heygen.Client
function ours.client(task)
  return heygen.new {
    api_key = "bench-key",
    base_url = task.base_url,
    ca_file = task.ca_file,
    max_concurrency = task.concurrency,
  }
end

--- Deletes an avatar; 1 when the service said so, else 0.
---@param client heygen.Client
---@param id string
---@return integer
function ours.delete(client, id)
  local _, meta = client:delete_photo_avatar(id)
  return meta.outcome == "deleted" and 1 or 0
end

return ours
