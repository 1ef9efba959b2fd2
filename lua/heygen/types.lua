---@meta heygen.core
-- luacheck: ignore 212 (the functions here are described, not done)

-- The types of heygen, for editors with the Lua language server. Programs have no use for this file: they
-- require "heygen" or "heygen.safe".

--- What went wrong with a call, or with its arguments.
---@alias heygen.Kind
---| "invalid_argument" # refused before anything was sent: the key, the id or an option
---| "misuse" # a closed client, a client from before a fork, a client in the midst of a call
---| "resources" # no memory or no descriptor to be had
---| "connection" # name not resolved, refused, reset, or the proxy failed
---| "tls" # the certificate or the handshake
---| "timeout" # no time left to connect or to answer; also the status 408
---| "protocol" # no valid, complete HTTP answer with a usable JSON object
---| "redirect" # 3xx: never followed
---| "unauthorized" # the key is refused
---| "forbidden" # the key may not do this
---| "not_found" # the service has no such avatar for this key
---| "retired" # 410, or a 404 that speaks of no avatar: the route is gone, or base_url is wrong
---| "conflict" # 409, or the avatar is busy
---| "rate_limited" # too many requests
---| "quota_exceeded" # the plan or the credit is used up
---| "rejected" # any other refusal
---| "server" # the service failed
---| "cancelled" # this side ended the call; no blocking call is
---| "interrupted" # Ctrl-C

--- Is the avatar gone?
---@alias heygen.Outcome
---| "deleted" # the service said so
---| "presumed_deleted" # the call was in doubt, and then no such avatar was found
---| "absent" # this key has no such avatar: gone before, never there, or the id of something else
---| "not_deleted" # never sent, or refused by the service
---| "unknown" # it may or may not be gone

---@alias heygen.ApiVersion
---| "v2" # DELETE /v2/photo_avatar/{id}
---| "v3" # DELETE /v3/avatars/looks/{id}

--- What a client and a call both take; a call's values win.
---@class heygen.Settings
---@field api_version heygen.ApiVersion? which route to use; default "v2"
---@field connect_timeout number? seconds to connect, TLS included: 0.001 to 86400, default 10
---@field timeout number? seconds for a whole attempt, connecting included: 0.001 to 86400, default 30
---@field max_response_bytes integer? the largest body that is read: 1 to 67108864, default 1048576

--- The options of `heygen.new`.
---@class heygen.ClientOptions: heygen.Settings
---@field api_key string? printable ASCII without spaces; default the environment's HEYGEN_API_KEY
---@field base_url string? https, or http to this machine; default HEYGEN_API_BASE, else "https://api.heygen.com"
---@field ca_file string? a file of PEM certificates to trust; default libcurl's
---@field ca_path string? a folder of hashed certificates to trust; default libcurl's
---@field proxy string? the proxy's URL, "" for none; default the environment's
---@field user_agent string? printable ASCII; default "heygen-lua/" and the version

--- The options of one call.
---@class heygen.CallOptions: heygen.Settings
---@field missing_ok boolean? an absent avatar is no error; default false
---@field maybe_sent boolean? an earlier call may have deleted it: the call begins in doubt; default false

--- The options of the plain functions: those of a client and of a call.
---@class heygen.PlainOptions: heygen.ClientOptions, heygen.CallOptions

--- The service's decoded answer; empty where it sent no body. A member that is null is absent. A string of digits as
--- `code` is made an integer.
---@class heygen.Body
---@field code integer|string|nil 100 for success, in v2
---@field data any
---@field message string?
---@field [string] any whatever else the service sends

--- What is known of a call that succeeded.
---@class heygen.Meta
---@field status integer the HTTP status
---@field outcome "deleted"|"presumed_deleted"|"absent" is it gone; "absent" with `missing_ok` alone
---@field attempts integer how often the request was tried
---@field elapsed number seconds since the call
---@field request_id string? the service's header X-Request-Id
---@field deprecation heygen.Deprecation? where the service announces the route's end

--- What the service announces of a route's end, each text as it was sent.
---@class heygen.Deprecation
---@field sunset string? when it ends
---@field message string?
---@field replacement string? the route to use instead

--- All that is ever raised. `tostring` gives one readable line.
---@class heygen.Error
---@field kind heygen.Kind what went wrong
---@field outcome heygen.Outcome is it gone; never "deleted" or "presumed_deleted" in an error
---@field message string the service's words, else ours
---@field operation "delete_photo_avatar"|"new"|"close" what was called
---@field attempts integer how often the request was tried; 0 when nothing was
---@field elapsed number seconds since the call
---@field avatar_id string? the id, once it is known to be one
---@field status integer? the HTTP status of a complete answer
---@field code integer|string|nil the service's code, as it was sent
---@field request_id string? the service's header X-Request-Id
---@field retry_after number? seconds that the service asks to wait
---@field hint string? what to do, where that is known
---@field cause string? libcurl's words, or what is wrong with the JSON
---@field body string? the answer's first 1024 bytes, where they could not be used

--- Keeps its connection open between calls. Made by `heygen.new`; closed by `close`, by `<close>` and by collection.
---@class heygen.Client
local Client = {}

--- Deletes the photo avatar, or the look, of this id, and waits for the answer.
---@param id string 1 to 256 of the characters A-Z a-z 0-9 - . _ ~
---@param options heygen.CallOptions?
---@return heygen.Body body the decoded answer
---@return heygen.Meta meta `meta.outcome` says whether it is gone
---@error heygen.Error
function Client:delete_photo_avatar(id, options) end

--- Closes the client's connections and wipes its key; more than once does no harm.
function Client:close() end

--- The C module: what `heygen` is made of, and a JSON decoder for specs and tools.
---@class heygen.core
---@field _VERSION string
---@field kinds heygen.Kind[]
---@field outcomes heygen.Outcome[]
---@field null lightuserdata
---@field Client heygen.Client the methods of all clients
local core = { Client = Client }

---@param key string?
---@param id string
---@param options heygen.PlainOptions?
---@return heygen.Body body
---@return heygen.Meta meta
---@error heygen.Error
function core.delete_photo_avatar(key, id, options) end

---@param options heygen.ClientOptions?
---@return heygen.Client client
---@error heygen.Error
function core.new(options) end

---@param value any
---@return boolean
function core.is_error(value) end

--- Decodes JSON as strictly as answers are. A null in an object is absent, in an array and alone it is `null`.
---@param text string
---@return any value nil after a failure
---@return string? message what is wrong, and at which byte
function core.json_decode(text) end

return core
