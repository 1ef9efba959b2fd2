#include "result.h"

#include "error.h"
#include "value.h"

#include "client/json.h"

#include <string.h>

static void set_text(lua_State *L, const char *name, const char *text) {
  if (text != NULL && text[0] != '\0') {
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
  }
}

/* What an error and meta have in common, into the table on top of the stack. */
static void set_common(lua_State *L, const struct hg_call *call) {
  if (call->reply.complete) {
    lua_pushinteger(L, call->reply.status);
    lua_setfield(L, -2, "status");
  }
  lua_pushinteger(L, call->attempts);
  lua_setfield(L, -2, "attempts");
  lua_pushnumber(L, call->elapsed);
  lua_setfield(L, -2, "elapsed");
  if (call->attempts > 0) {
    set_text(L, "api_version", hg_operation_version_name(call->version));
  }
  set_text(L, "request_id", call->reply.headers.request_id);
}

/* --- Deprecation --- */

struct deprecation {
  const char *sunset;
  const char *message;
  const char *replacement;
};

static const char *text_of(const cJSON *item) {
  return cJSON_IsString(item) && item->valuestring[0] != '\0' ? item->valuestring : NULL;
}

/* Headers and the member `warning` say the same thing in two places. False when neither is there.
 */
static bool find_deprecation(const struct hg_reply *reply, struct deprecation *found) {
  const cJSON *warning = hg_json_member(reply->body, "warning");
  const char *sunset = reply->headers.sunset;
  found->message =
      cJSON_IsString(warning) ? text_of(warning) : text_of(hg_json_member(warning, "message"));
  found->replacement = text_of(hg_json_member(warning, "v3_endpoint"));
  found->sunset = sunset[0] != '\0' ? sunset : text_of(hg_json_member(warning, "sunset_date"));
  return reply->headers.deprecation[0] != '\0' || found->sunset != NULL ||
         (warning != NULL && !cJSON_IsNull(warning));
}

bool hg_result_warn(lua_State *L, const struct hg_call *call) {
  struct deprecation found;
  bool chosen = call->settings.api_version != HG_API_AUTO;
  if (!chosen || !find_deprecation(&call->reply, &found)) {
    return false;
  }
  hg_lua_reserve(L, 4);
  lua_pushfstring(L, "heygen: the service calls this %s route deprecated%s%s%s%s%s%s",
                  hg_operation_version_name(call->version),
                  found.sunset != NULL ? "; it ends " : "",
                  found.sunset != NULL ? found.sunset : "",
                  found.replacement != NULL ? "; its replacement is " : "",
                  found.replacement != NULL ? found.replacement : "",
                  found.message != NULL ? ": " : "", found.message != NULL ? found.message : "");
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  hg_error_push_line(L, text, length);
  hg_lua_warn(L, lua_tostring(L, -1));
  lua_pop(L, 2);
  return true;
}

/* --- Success --- */

static void push_meta(lua_State *L, const struct hg_call *call) {
  enum { FIELDS = 7 };
  struct deprecation found;
  lua_createtable(L, 0, FIELDS);
  set_common(L, call);
  set_text(L, "outcome", hg_verdict_outcome_name(call->verdict.outcome));
  if (find_deprecation(&call->reply, &found)) {
    lua_createtable(L, 0, 3);
    set_text(L, "sunset", found.sunset);
    set_text(L, "message", found.message);
    set_text(L, "replacement", found.replacement);
    lua_setfield(L, -2, "deprecation");
  }
}

void hg_result_push(lua_State *L, const struct hg_call *call) {
  hg_lua_reserve(L, 6);
  if (cJSON_IsObject(call->reply.body)) {
    hg_value_push_body(L, call->reply.body);
  } else {
    lua_newtable(L);
  }
  push_meta(L, call);
}

/* --- Failure --- */

void hg_result_push_error(lua_State *L, const struct hg_call *call) {
  const struct hg_verdict *verdict = &call->verdict;
  const struct hg_reply *reply = &call->reply;
  hg_error_push(L, verdict->kind, verdict->outcome,
                verdict->words != NULL ? verdict->words : verdict->message);
  set_common(L, call);
  set_text(L, "operation", hg_operation_row(call->operation)->name);
  set_text(L, "avatar_id", call->id);
  set_text(L, "hint", verdict->hint);
  set_text(L, "cause", reply->cause);
  if (call->retry_after >= 0) {
    lua_pushnumber(L, call->retry_after);
    lua_setfield(L, -2, "retry_after");
  }
  if (verdict->code != NULL) {
    hg_value_push(L, verdict->code);
    lua_setfield(L, -2, "code");
  }
  if (reply->quote_length > 0) {
    lua_pushlstring(L, reply->quote, reply->quote_length);
    lua_setfield(L, -2, "body");
  }
}
