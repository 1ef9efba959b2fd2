rockspec_format = "3.0"
package = "heygen"
version = "scm-1"

source = {
  url = "git+https://github.com/heygen-lua/heygen-lua.git",
}

description = {
  summary = "Delete HeyGen photo avatars, and always know whether they are gone",
  detailed = [[
    A C module on libcurl and cJSON that deletes HeyGen photo avatars over API v2 or v3.
    Answers are Lua tables, failures are structured errors, and each says whether the avatar
    is gone, is still there, or may be either.
  ]],
  homepage = "https://github.com/heygen-lua/heygen-lua",
  issues_url = "https://github.com/heygen-lua/heygen-lua/issues",
  license = "MIT",
  labels = { "api", "http", "client" },
}

supported_platforms = { "unix" }

-- The command heygen-delete needs argparse and luafilesystem besides, and says so where they are missing: the
-- module does not, and is to install without a network.
dependencies = {
  "lua >= 5.1, < 5.6",
}

-- Libraries alone: LuaRocks does not look for headers in the multiarch folders where Debian keeps libcurl's.
external_dependencies = {
  CURL = { library = "curl" },
  CJSON = { library = "cjson" },
}

-- LuaRocks copies all of the folder lua beside the modules: nothing but modules and pages may be in there.
build = {
  type = "builtin",
  modules = {
    ["heygen"] = "lua/heygen/init.lua",
    ["heygen.command"] = "lua/heygen/command/init.lua",
    ["heygen.command.announcements"] = "lua/heygen/command/announcements.lua",
    ["heygen.command.deletion"] = "lua/heygen/command/deletion.lua",
    ["heygen.command.heartbeat"] = "lua/heygen/command/heartbeat.lua",
    ["heygen.command.ids"] = "lua/heygen/command/ids.lua",
    ["heygen.command.journal"] = "lua/heygen/command/journal.lua",
    ["heygen.command.journal_head"] = "lua/heygen/command/journal_head.lua",
    ["heygen.command.json"] = "lua/heygen/command/json.lua",
    ["heygen.command.key"] = "lua/heygen/command/key.lua",
    ["heygen.command.ledger"] = "lua/heygen/command/ledger.lua",
    ["heygen.command.options"] = "lua/heygen/command/options.lua",
    ["heygen.command.outage"] = "lua/heygen/command/outage.lua",
    ["heygen.command.output"] = "lua/heygen/command/output.lua",
    ["heygen.command.progress"] = "lua/heygen/command/progress.lua",
    ["heygen.command.terminal"] = "lua/heygen/command/terminal.lua",
    ["heygen.misbuilt"] = "lua/heygen/misbuilt.lua",
    ["heygen.safe"] = "lua/heygen/safe.lua",
    ["heygen.types"] = "lua/heygen/types.lua",
    ["heygen.core"] = {
      sources = {
        "src/binding/arguments.c",
        "src/binding/async.c",
        "src/binding/blocking.c",
        "src/binding/box.c",
        "src/binding/bulk.c",
        "src/binding/bulk_async.c",
        "src/binding/bulk_blocking.c",
        "src/binding/bulk_calls.c",
        "src/binding/bulk_ids.c",
        "src/binding/bulk_report.c",
        "src/binding/class.c",
        "src/binding/client.c",
        "src/binding/error.c",
        "src/binding/interrupt.c",
        "src/binding/lua_version.c",
        "src/binding/module.c",
        "src/binding/poll.c",
        "src/binding/request.c",
        "src/binding/result.c",
        "src/binding/sentinel.c",
        "src/binding/system.c",
        "src/binding/trace.c",
        "src/binding/value.c",
        "src/client/address.c",
        "src/client/answer.c",
        "src/client/body.c",
        "src/client/breaker.c",
        "src/client/ca.c",
        "src/client/call.c",
        "src/client/causes.c",
        "src/client/easy.c",
        "src/client/engine.c",
        "src/client/engine_begin.c",
        "src/client/engine_settle.c",
        "src/client/engine_state.c",
        "src/client/environment.c",
        "src/client/fingerprint.c",
        "src/client/held_input.c",
        "src/client/http_date.c",
        "src/client/json.c",
        "src/client/json_scan.c",
        "src/client/kinds.c",
        "src/client/list.c",
        "src/client/message.c",
        "src/client/operation.c",
        "src/client/options.c",
        "src/client/pace.c",
        "src/client/pool.c",
        "src/client/process.c",
        "src/client/reply.c",
        "src/client/retry.c",
        "src/client/schedule.c",
        "src/client/secret.c",
        "src/client/sockets.c",
        "src/client/tally.c",
        "src/client/transfer.c",
        "src/client/verdict.c",
        "src/client/worker.c",
        "src/platform/c_locale.c",
        "src/platform/clock.c",
        "src/platform/files.c",
        "src/platform/host.c",
        "src/platform/network.c",
        "src/platform/signals.c",
        "src/platform/sigpipe.c",
        "src/platform/terminal.c",
        "src/platform/threads.c",
        "src/platform/wakeup.c",
      },
      incdirs = { "src", "$(CURL_INCDIR)", "$(CJSON_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)", "$(CJSON_LIBDIR)" },
      libraries = { "curl", "cjson", "pthread" },
    },
  },
  install = {
    bin = { "src/command/heygen-delete" },
  },
}

test = {
  type = "command",
  command = "make test",
}
