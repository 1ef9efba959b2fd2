-- What a script does that deletes one avatar: loads this module, makes the call, and ends.

local heygen = require "heygen"

local base_url, id = table.unpack(arg)
local _, meta = heygen.delete_photo_avatar("bench-key", id, { base_url = base_url })
print(meta.outcome)
