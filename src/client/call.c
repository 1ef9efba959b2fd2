#include "call.h"

#include "secret.h"
#include "transfer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the service said on v2, kept beyond the next attempts. */
struct hg_refusal {
  struct hg_verdict verdict;
  struct hg_reply reply;
};

static char *copy_text(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = malloc(size);
  return copy == NULL ? NULL : memcpy(copy, text, size);
}

static bool make_urls(struct hg_call *call, const char *base_url) {
  enum hg_api_version choice = call->settings.api_version;
  for (int version = 0; version < HG_API_VERSIONS; version++) {
    if (choice == HG_API_AUTO || choice == (enum hg_api_version)version) {
      call->urls[version] =
          hg_address_url(call->operation, (enum hg_api_version)version, base_url, call->id);
      if (call->urls[version] == NULL) {
        return false;
      }
    }
  }
  return true;
}

static bool make_records(struct hg_call *call) {
  bool may_step = call->settings.api_version == HG_API_AUTO;
  if (call->settings.trace) {
    call->records = calloc(call->settings.max_retries + 1 + may_step, sizeof *call->records);
  }
  return !call->settings.trace || call->records != NULL;
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
  call->version = settings->api_version == HG_API_AUTO ? HG_API_V2 : settings->api_version;
  call->in_doubt = settings->maybe_sent;
  call->id = copy_text(id);
  if (call->id == NULL || !make_urls(call, config->base_url) || !make_records(call)) {
    hg_call_free(call);
    return NULL;
  }
  return call;
}

static void drop_refusal(struct hg_call *call) {
  if (call->refusal != NULL) {
    hg_reply_reset(&call->refusal->reply);
    free(call->refusal);
    call->refusal = NULL;
  }
}

void hg_call_free(struct hg_call *call) {
  if (call == NULL) {
    return;
  }
  hg_reply_reset(&call->reply);
  drop_refusal(call);
  free(call->records);
  free(call->id);
  for (int version = 0; version < HG_API_VERSIONS; version++) {
    free(call->urls[version]);
  }
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
    attempt->version = call->version;
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

void hg_call_judge(struct hg_call *call, const struct hg_facts *facts, const char *api_key,
                   double now) {
  struct hg_circumstances circumstances = {.operation = call->operation,
                                           .id = call->id,
                                           .api_version = call->version,
                                           .in_doubt = call->in_doubt,
                                           .surplus_400 = call->verdict.surplus_400,
                                           .missing_ok = call->settings.missing_ok};
  call->verdict = hg_verdict_judge(facts, &circumstances);
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

int hg_call_retries(const struct hg_call *call) {
  return call->attempts - 1 - call->stepped;
}

/* Without memory v3's error will have to do. */
static void keep_refusal(struct hg_call *call) {
  struct hg_refusal *refusal = malloc(sizeof *refusal);
  if (refusal != NULL) {
    refusal->verdict = call->verdict;
    hg_reply_move(&refusal->reply, &call->reply);
    call->refusal = refusal;
  }
}

void hg_call_step(struct hg_call *call) {
  call->version = HG_API_V3;
  call->stepped = call->attempts > 0;
  if (call->stepped && call->verdict.in_envelope) {
    keep_refusal(call);
  }
}

void hg_call_prefer_refusal(struct hg_call *call) {
  if (call->refusal == NULL || !call->verdict.about_route) {
    return;
  }
  struct hg_refusal *refusal = call->refusal;
  hg_reply_reset(&call->reply);
  hg_reply_move(&call->reply, &refusal->reply);
  call->verdict = hg_verdict_recall(&refusal->verdict, call->in_doubt);
  call->version = HG_API_V2;
  drop_refusal(call);
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
