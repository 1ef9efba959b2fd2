#include "call.h"

#include "secret.h"

#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = malloc(size);
  return copy == NULL ? NULL : memcpy(copy, text, size);
}

struct hg_call *hg_call_new(const struct hg_config *config, enum hg_operation operation,
                            const char *id, const struct hg_settings *settings, double now) {
  struct hg_call *call = calloc(1, sizeof *call);
  if (call == NULL) {
    return NULL;
  }
  call->operation = operation;
  call->settings = *settings;
  call->started = now;
  call->in_doubt = settings->maybe_sent;
  call->id = copy_text(id);
  call->url = hg_endpoint_url(operation, settings->api_version, config->base_url, id);
  if (call->id == NULL || call->url == NULL) {
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
  free(call->id);
  free(call->url);
  free(call);
}

void hg_call_judge(struct hg_call *call, CURLcode result, const char *api_key) {
  struct hg_facts facts = hg_transfer_finish(call->transfer, result);
  struct hg_circumstances circumstances = {.in_doubt = call->in_doubt,
                                           .missing_ok = call->settings.missing_ok,
                                           .api_version = call->settings.api_version};
  call->verdict = hg_verdict_judge(&facts, &circumstances);
  call->in_doubt = call->verdict.in_doubt;
  /* Not before the verdict: a short key could be part of a word that decides. */
  if (call->verdict.words != NULL) {
    hg_secret_blot_string(call->verdict.words, api_key);
  }
  if (cJSON_IsString(call->verdict.code)) {
    hg_secret_blot_string(call->verdict.code->valuestring, api_key);
  }
  hg_reply_blot(&call->reply, api_key);
}

void hg_call_abandon(struct hg_call *call, enum hg_kind kind) {
  bool sent = call->transfer != NULL && hg_transfer_sent(call->transfer);
  call->verdict = hg_verdict_abandon(kind, sent, call->in_doubt);
  call->in_doubt = call->verdict.in_doubt;
}
