---@meta heygen.core
-- luacheck: ignore 212 (the functions here are described, not done)

-- The types of heygen, for editors with the Lua language server. Programs have no use for this file: they
-- require "heygen" or "heygen.safe".

--- What went wrong with a call, or with its arguments.
---@alias heygen.Kind
---| "invalid_argument" # refused before anything was sent: the key, the id or an option
---| "misuse" # a closed, busy or inherited client; one of a closing Lua state; poll in a callback; await elsewhere
---| "resources" # no memory, thread or descriptor to be had
---| "connection" # name not resolved, refused, reset, or the proxy failed
---| "tls" # the certificate or the handshake
---| "timeout" # no time left to connect, to answer, or for the call as a whole; also the status 408
---| "protocol" # no valid, complete HTTP answer with a usable JSON object, or one that says neither yes nor no
---| "redirect" # 3xx: never followed; 301, 302, 307 and 308 delete nothing
---| "unauthorized" # the key is refused
---| "forbidden" # the key may not do this
---| "not_found" # the service has no such avatar for this key
---| "retired" # 410, or a 404 or 405 without the service's envelope: the route is gone, or base_url is wrong
---| "conflict" # 409, or the avatar is busy
---| "rate_limited" # too many requests
---| "quota_exceeded" # the plan or the credit is used up, or a better plan is needed
---| "rejected" # any other refusal
---| "server" # the service failed
---| "cancelled" # by request:cancel() or client:close(); no blocking call is
---| "interrupted" # Ctrl-C, while a call or poll waited

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
---| "auto" # v2 until its route turns out to be gone, then v3

--- Told of each attempt once its call is over. What it raises goes to Lua's `warn`.
---@alias heygen.Trace fun(attempt: heygen.Attempt)

--- Told of each id of a bulk run as it finishes: body and meta, or nil and the error. An id that can't be one is of any
--- type. What it raises ends the run.
---@alias heygen.OnResult fun(id: any, body: heygen.Body?, result: heygen.Meta|heygen.Error)

--- Many ids: a sequence, which is copied and has no other keys than 1 to #ids (and `n`); or an iterator that ends with
--- nil.
---@alias heygen.Ids string[]|fun(): string?

--- What a client, a call and a bulk run all take. Those of a call or a run win.
---@class heygen.Settings
---@field api_version heygen.ApiVersion? which route to use; default HEYGEN_API_VERSION, else "auto"
---@field connect_timeout number? seconds to connect, TLS included: 0.001 to 86400, default 10
---@field timeout number? seconds for a whole attempt, connecting included: 0.001 to 86400, default 30
---@field deadline number? seconds for a call with retries and waits: 0.001 to 86400, default 120
---@field max_retries integer? how often a call is tried again: 0 to 10, default 2
---@field max_response_bytes integer? the largest body that is read: 1 to 67108864, default 1048576
---@field trace heygen.Trace? told of each attempt; default none

--- How much a client, or a bulk run, asks of the service.
---@class heygen.Load
---@field max_concurrency integer? attempts under way at once, of all calls of the client: 1 to 1000, default 8
---@field max_rate number? attempts a second, retries included: 0.001 to 1000000, default none

--- The options of `heygen.new`.
---@class heygen.ClientOptions: heygen.Settings, heygen.Load
---@field api_key string? printable ASCII without spaces; default the environment's HEYGEN_API_KEY
---@field base_url string? https, or http to this machine; default HEYGEN_API_BASE, else "https://api.heygen.com"
---@field ca_file string? a file of PEM certificates to trust, and nothing else; default libcurl's
---@field ca_path string? a folder of hashed certificates to trust, and nothing else; default libcurl's
---@field proxy string? the proxy's URL, "" for none; default the environment's
---@field user_agent string? printable ASCII; default "heygen-lua/" and the version

--- The options of one call.
---@class heygen.CallOptions: heygen.Settings
---@field missing_ok boolean? an absent avatar is no error; default false
---@field maybe_sent boolean? an earlier call may have deleted it: the call begins in doubt; default false

--- The options of a bulk run, which hold for each of its ids.
---@class heygen.BulkOptions: heygen.CallOptions, heygen.Load
---@field on_result heygen.OnResult? told of each id; default none
---@field collect boolean? keep the results of an iterator's ids too, in `report.results`; default false
---@field report table? filled in and returned, so that it is there after an error too; default none

--- The options of `heygen.delete_photo_avatar`: those of a client and of a call.
---@class heygen.PlainOptions: heygen.ClientOptions, heygen.CallOptions

--- The options of `heygen.delete_photo_avatars`: those of a client and of a bulk run.
---@class heygen.PlainBulkOptions: heygen.ClientOptions, heygen.BulkOptions

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
---@field api_version "v2"|"v3" of the attempt that the result comes from
---@field request_id string? the service's header X-Request-Id, or Amazon's X-Amzn-Request-Id or X-Amzn-Trace-Id
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
---@field operation string what was called, such as "new"; "delete_photo_avatar" for every delete of one avatar
---@field attempts integer how often the request was tried; 0 when nothing was
---@field elapsed number seconds since the call
---@field api_version "v2"|"v3"|nil of the attempt that the error comes from
---@field avatar_id string? the id, once it is known to be one; "[redacted]" where a key was given for it
---@field status integer? the HTTP status, once the headers are complete; the body may be cut off
---@field code integer|string|nil the service's code, as it was sent
---@field request_id string? the service's header X-Request-Id, or Amazon's X-Amzn-Request-Id or X-Amzn-Trace-Id
---@field retry_after number? seconds that the service asks to wait
---@field where string? "file:line", which called this module; of an error that was raised, or that heygen.safe returned
---@field hint string? what to do, where that is known
---@field cause string? libcurl's words, or what is wrong with the JSON
---@field body string? the answer's first 1024 bytes, where it could not be used
---@field report heygen.Report? of a bulk run that an error of the module's own ended, such as Ctrl-C's

--- One attempt of a call, for a trace. Never holds the key.
---@class heygen.Attempt
---@field operation "delete_photo_avatar"
---@field avatar_id string
---@field method string "DELETE"
---@field url string
---@field attempt integer its number, from 1
---@field status integer? the HTTP status, once the headers are complete; the body may be cut off
---@field cause string? libcurl's words, where there was none
---@field kind heygen.Kind? what went wrong with it
---@field elapsed number its seconds
---@field wait number? the seconds before the next one, if there is one
---@field reused boolean it went over a connection that was open already

--- What came of a bulk run; `tostring` gives one line. Every id that was given is in exactly one of the counts below
--- `total`.
---@class heygen.Report
---@field total integer ids given
---@field deleted integer
---@field presumed_deleted integer
---@field absent integer
---@field not_deleted integer those that can't be ids included
---@field unknown integer
---@field not_attempted integer left alone, since the run stopped
---@field duplicates integer given more than once, and sent once
---@field stopped any the error that stopped the run, or nil: a heygen.Error, or what a function of yours raised
---@field results table<string, heygen.BulkResult>? by id; of a sequence, or with `collect`

--- What came of one id: body and meta, or the error.
---@class heygen.BulkResult
---@field body heygen.Body?
---@field meta heygen.Meta?
---@field err heygen.Error?

--- An asynchronous call. It keeps its client alive; it comes to its end also when nobody keeps it.
---@class heygen.Request
local Request = {}

--- Tells whether `poll` has delivered the result.
---@return boolean
function Request:done() end

--- The result: nil alone before it is delivered.
---@return heygen.Body? body nil after a failure
---@return heygen.Meta|heygen.Error|nil result
function Request:result() end

--- Waits for the result in a coroutine, which `poll` resumes. Returns or raises as a blocking call does.
---@async
---@return heygen.Body body
---@return heygen.Meta meta
---@error heygen.Error
function Request:await() end

--- Asks to end the call; it fails with "cancelled" unless a real answer comes first. More than once does no harm.
function Request:cancel() end

--- An asynchronous bulk run: a heygen.Request whose result is the report. It has a report also when it is cancelled.
---@class heygen.BulkRequest: heygen.Request
---@field result fun(self: heygen.BulkRequest): heygen.Report?
---@field await async fun(self: heygen.BulkRequest): heygen.Report

--- Keeps its connections open between calls. Made by `heygen.new`; closed by `close`, by `<close>` and by collection.
---@class heygen.Client
local Client = {}

--- Deletes the photo avatar, or the look, of this id, and waits for the answer.
---@param id string 1 to 256 of the characters A-Z a-z 0-9 - . _ ~
---@param options heygen.CallOptions?
---@return heygen.Body body the decoded answer
---@return heygen.Meta meta `meta.outcome` says whether it is gone
---@error heygen.Error
function Client:delete_photo_avatar(id, options) end

--- Deletes many, several at once, waits for all, and accounts for every one of them.
---@param ids heygen.Ids
---@param options heygen.BulkOptions?
---@return heygen.Report report
---@error heygen.Error
function Client:delete_photo_avatars(ids, options) end

--- Starts to delete the photo avatar, or the look, of this id, and never waits.
---@param id string
---@param callback fun(body: heygen.Body?, result: heygen.Meta|heygen.Error)? run by `poll`; can't yield
---@param options heygen.CallOptions?
---@return heygen.Request request
---@error heygen.Error of what is wrong with the arguments
function Client:delete_photo_avatar_async(id, callback, options) end

--- Starts to delete many. The iterator and `on_result` are called by `poll`, too.
---@param ids heygen.Ids
---@param on_finished fun(report: heygen.Report)? run by `poll`; can't yield
---@param options heygen.BulkOptions?
---@return heygen.BulkRequest request
---@error heygen.Error of what is wrong with the arguments
function Client:delete_photo_avatars_async(ids, on_finished, options) end

--- Delivers what has finished: runs traces and callbacks, and resumes coroutines that await. It raises what callbacks
--- and coroutines raise; the next `poll` delivers the rest.
---@param seconds number? how long to wait for a result while there is none: 0 to 86400, default 0
---@param max_results integer? how many results to deliver at most: 1 or more; by default all that have finished
---@return integer pending how many requests are still to be delivered
---@error heygen.Error
function Client:poll(seconds, max_results) end

--- A descriptor that is readable while `poll` has something to deliver. Never read or close it.
---@return integer
function Client:pollfd() end

--- What to wait for on the descriptor, as event loops such as cqueues ask it.
---@return "r"
function Client:events() end

--- How long to wait for it: nil, since the descriptor alone tells.
---@return nil
function Client:timeout() end

--- Ends what is in flight, closes the connections and wipes the key; more than once does no harm.
--- What is not delivered yet, `poll` still delivers.
function Client:close() end

--- The C module: what `heygen` is made of, and a JSON decoder for specs and tools.
--- What a command-line program needs and Lua's standard library lacks; for the commands of this project.
---@class heygen.System
---@field libcurl string libcurl's version
---@field sync fun(file: file*): boolean?, string? waits until the disk has what was flushed
---@field sync_entry fun(path: string): boolean?, string? waits until the disk knows that there is such a file
---@field is_terminal fun(descriptor: integer): boolean
---@field columns fun(descriptor: integer): integer? the terminal's width
---@field ask_secret fun(question: string): string? what is typed on the terminal, not shown
---@field printable fun(text: string): string the text without what breaks a line or steers a terminal
---@field id_flaw fun(text: string): string? what keeps a text from being an id
---@field longest_id integer in bytes
---@field now fun(): number seconds on a clock that never jumps back
---@field sleep fun(seconds: number) a signal ends it early
---@field catch_signals fun() the first SIGTERM or SIGHUP ends what runs as Ctrl-C does
---@field disarm_signals fun() the first of them does nothing any more
---@field signal fun(): integer? the number of the signal that ended what ran
---@field fingerprint fun(salt: string, key: string): string 32 bits, in hexadecimal digits
---@field random fun(): number from 0 up to 1

---@class heygen.core
---@field system heygen.System
---@field _VERSION string
---@field kinds heygen.Kind[]
---@field outcomes heygen.Outcome[]
---@field null lightuserdata
---@field Client heygen.Client the methods of all clients
---@field Request heygen.Request the methods of all requests
local core = { Client = Client, Request = Request }

---@param key string?
---@param id string
---@param options heygen.PlainOptions?
---@return heygen.Body body
---@return heygen.Meta meta
---@error heygen.Error
function core.delete_photo_avatar(key, id, options) end

---@param key string?
---@param ids heygen.Ids
---@param options heygen.PlainBulkOptions?
---@return heygen.Report report
---@error heygen.Error
function core.delete_photo_avatars(key, ids, options) end

---@param options heygen.ClientOptions?
---@return heygen.Client client
---@error heygen.Error
function core.new(options) end

---@param value any
---@return boolean
function core.is_error(value) end

--- Says that the file that calls this is the module's own: no error's `where` names it.
function core.own_file() end

--- What `await` asks before and after it yields.
---@param request heygen.Request
---@return boolean? pending true: yield, until poll resumes; nil where that can't be
---@return heygen.Error? err
function core.wait(request) end

--- Raises an error of the module's, with the caller's place in it.
---@param err heygen.Error
---@error heygen.Error
function core.throw(err) end

--- Returns what a request ended with, or raises its error, as `await` does in the end.
---@param request heygen.Request
---@return heygen.Body|heygen.Report first
---@return heygen.Meta? meta
---@error heygen.Error
function core.take(request) end

--- Decodes JSON as strictly as answers are. A null in an object is absent, in an array and alone it is `null`.
---@param text string
---@return any value nil after a failure
---@return string? message what is wrong, and at which byte
function core.json_decode(text) end

return core
