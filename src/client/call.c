#include "call.h"

#include "secret.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = malloc(size);
  return copy == NULL ? NULL : memcpy(copy, text, size);
}

struct hg_call *hg_call_new(const struct hg_config *config, enum hg_operation operation,
                            const char *id, const struct hg_settings *settings, double now) {
  struct hg_call *call = malloc(sizeof *call);
  if (call == NULL) {
    return NULL;
  }
  memset(call, 0, offsetof(struct hg_call, reply));
  hg_reply_init(&call->reply);
  call->operation = operation;
  call->settings = *settings;
  call->started = now;
  call->due = now;
  call->retry_after = -1;
  call->in_doubt = settings->maybe_sent;
  call->id = copy_text(id);
  call->url = hg_endpoint_url(operation, settings->api_version, config->base_url, id);
  if (settings->trace) {
    call->records = calloc(settings->max_retries + 1, sizeof *call->records);
  }
  if (call->id == NULL || call->url == NULL || (settings->trace && call->records == NULL)) {
    hg_call_free(call);
    return NULL;
  }
  return call;
}

void hg_call_free(struct hg_call *call) {
  if (call == NULL) {
    return;
  }
  hg_reply_reset(&call->reply);
  free(call->records);
  free(call->id);
  free(call->url);
  free(call);
}

double hg_call_deadline(const struct hg_call *call) {
  return call->patient && call->attempts == 0 ? INFINITY : call->started + call->settings.deadline;
}

struct hg_attempt *hg_call_record(struct hg_call *call) {
  return call->records == NULL || call->attempts == 0 ? NULL : &call->records[call->attempts - 1];
}

static void record(struct hg_call *call, double now) {
  struct hg_attempt *attempt = hg_call_record(call);
  if (attempt != NULL) {
    attempt->kind = call->verdict.kind;
    attempt->status = call->reply.complete ? call->reply.status : 0;
    memcpy(attempt->cause, call->reply.cause, sizeof attempt->cause);
    attempt->elapsed = now - call->attempt_started;
    attempt->wait = -1;
    attempt->reused = call->transfer != NULL && hg_transfer_reused(call->transfer);
  }
  call->recorded = call->attempts;
}

static void blot(struct hg_call *call, const char *api_key) {
  if (call->verdict.words != NULL) {
    hg_secret_blot_string(call->verdict.words, api_key);
  }
  if (cJSON_IsString(call->verdict.code)) {
    hg_secret_blot_string(call->verdict.code->valuestring, api_key);
  }
  hg_reply_blot(&call->reply, api_key);
}

/* Whether the answer's body, though it could be read, had nothing that an error could tell. */
static bool is_mute(const struct hg_call *call) {
  return cJSON_IsObject(call->reply.body) && call->verdict.words == NULL &&
         call->verdict.code == NULL;
}

void hg_call_judge(struct hg_call *call, CURLcode result, const char *api_key, double now) {
  struct hg_facts facts = hg_transfer_finish(call->transfer, result);
  struct hg_circumstances circumstances = {.operation = call->operation,
                                           .id = call->id,
                                           .api_version = call->settings.api_version,
                                           .in_doubt = call->in_doubt,
                                           .surplus_400 = call->verdict.surplus_400,
                                           .missing_ok = call->settings.missing_ok};
  call->verdict = hg_verdict_judge(&facts, &circumstances);
  call->in_doubt = call->verdict.in_doubt;
  if (call->verdict.spoils_connection) {
    hg_transfer_spoil(call->transfer);
  }
  if (call->verdict.kind != HG_KIND_NONE && is_mute(call)) {
    hg_transfer_quote(call->transfer, &call->reply);
  }
  /* Not before the verdict: a short key could be part of a word that decides. */
  blot(call, api_key);
  record(call, now);
}

void hg_call_abandon(struct hg_call *call, enum hg_kind kind, double now) {
  enum { FIRST_FINAL = 200 };
  bool sent = call->transfer != NULL && hg_transfer_sent(call->transfer);
  call->verdict = hg_verdict_abandon(kind, sent, call->in_doubt);
  call->in_doubt = call->verdict.in_doubt;
  if (call->reply.status < FIRST_FINAL) {
    call->reply.complete = false; /* an interim answer is none */
  }
  if (call->recorded < call->attempts) {
    record(call, now);
  }
}
