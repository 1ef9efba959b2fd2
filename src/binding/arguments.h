/* A Lua table of options → struct hg_config and struct hg_settings. Limits and defaults are not
 * here but in src/client/options. */
#ifndef HG_ARGUMENTS_H
#define HG_ARGUMENTS_H

#include "error.h"
#include "lua_version.h"

#include "client/options.h"

#pragma GCC visibility push(hidden)

/* Reads the table at `index`, or nothing where that is nil or none. Takes the options of these
 * scopes (hg_option_scope, or-ed): texts into `config` (may be NULL when no text is in scope), all
 * else into `settings`. Raises invalid_argument for anything else, resources without memory; so the
 * configuration must be owned by a userdata. */
void hg_arguments_read(lua_State *L, int index, unsigned scopes,
                       const struct hg_error_context *context, struct hg_config *config,
                       struct hg_settings *settings);

/* Fills in what the environment has, and the defaults of texts; raises invalid_argument when there
 * is no key at all, or when the environment's are no good. */
void hg_arguments_complete(lua_State *L, const struct hg_error_context *context,
                           struct hg_config *config);

/* Takes the string at `index` as the text of an option, with the same checks; `what` names it in
 * errors. */
void hg_arguments_take_text(lua_State *L, int index, const char *what,
                            const struct hg_option *option, const struct hg_error_context *context,
                            struct hg_config *config);

/* Pushes the trace function of the table at `index`, or nil. */
void hg_arguments_push_trace(lua_State *L, int index);

/* True when the table at `index` (or whatever is there) has maybe_sent = true. */
bool hg_arguments_maybe_sent(lua_State *L, int index);

#pragma GCC visibility pop

#endif
