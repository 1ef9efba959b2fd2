#include "transfer.h"

#include "address.h"
#include "ascii.h"
#include "body.h"
#include "ca.h"
#include "causes.h"
#include "easy.h"
#include "held_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or newer is needed: older ones can't be kept from sending a DELETE twice"
#endif

_Static_assert(CURL_ERROR_SIZE <= HG_CAUSE_BYTES, "a reply keeps all of libcurl's words");

struct hg_transfer {
  CURL *easy;
  struct curl_slist *headers;
  const struct hg_config *config; /* borrowed */
  struct hg_sockets *sockets;     /* borrowed */
  size_t *connecting;             /* borrowed: how many attempts have not been sent yet */
  struct hg_reply *reply;         /* borrowed, during an attempt */
  bool sent;                      /* the request may be on the wire */
  bool reused;                    /* the request went over a connection that was open already */
  bool stale;                     /* its kept connection was found to be of no use before that */
  bool listening;                 /* to libcurl's words */
  bool repeated;                  /* the answer is the one before it on the connection once more */
  bool clear_text;                /* no TLS */
  bool proxy_in_tls;              /* TLS to the proxy itself */
  uint64_t connection;            /* its number, once the request is about to go over it */
  long ca_max_age;                /* in seconds, of the attempt */
  long earlier_error;             /* of a socket call before the request went out */
  bool no_descriptor;
  bool no_memory;
  struct hg_body body; /* its memory is kept from one attempt to the next */
  size_t body_limit;
  char error[CURL_ERROR_SIZE];
};

/* --- libcurl's callbacks: they touch C memory and return codes, nothing else --- */

static bool is_reused(const struct hg_transfer *transfer) {
  long connects = 0;
  return curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK &&
         connects == 0;
}

/* The error of the latest socket call that failed. libcurl also keeps the EAGAIN of a call that had
 * to wait, which is no failure. */
static long socket_error(CURL *easy) {
  long error = 0;
  (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  return hg_network_is_waiting(error) ? 0 : error;
}

/* Whether something has come on a connection before the request. On a new one, TLS 1.3 itself may
 * have. */
static bool has_early_input(const struct hg_transfer *transfer) {
  if (transfer->clear_text) {
    return hg_sockets_has_input(transfer->sockets, transfer->connection);
  }
  if (!transfer->reused && !hg_held_input_is_rare(transfer->easy)) {
    return false;
  }
  /* Through a proxy's own TLS, nobody can tell what that holds. */
  return (transfer->reused && transfer->proxy_in_tls) ||
         hg_sockets_has_input(transfer->sockets, transfer->connection) ||
         hg_held_input(transfer->easy);
}

/* The last moment before the request goes out, for two refusals:
 *
 * A connection on which something came before the request is of no use: the peer has ended it, or
 * sent an answer that nobody asked for and that would be taken for the one to this request.
 *
 * And libcurl would send a request again by itself when a kept connection turns out to be dead,
 * though the first one may have arrived. */
static int before_request(void *data, char *remote_address, char *local_address, int remote_port,
                          int local_port) {
  struct hg_transfer *transfer = data;
  struct hg_ends ends = {local_address, remote_address, local_port, remote_port};
  if (transfer->sent) {
    return CURL_PREREQFUNC_ABORT;
  }
  /* Asked now: a replay makes a new connection before it is refused. */
  transfer->reused = is_reused(transfer);
  transfer->connection = transfer->reused ? hg_sockets_find(transfer->sockets, &ends)
                                          : hg_sockets_connected(transfer->sockets, &ends);
  if (has_early_input(transfer)) {
    transfer->stale = transfer->reused;
    return CURL_PREREQFUNC_ABORT;
  }
  /* Another address of the host may have refused before this one took the connection. */
  transfer->earlier_error = socket_error(transfer->easy);
  transfer->no_descriptor = transfer->no_memory = false;
  transfer->sent = true;
  --*transfer->connecting;
  return CURL_PREREQFUNC_OK;
}

/* What libcurl has read beyond the end of an answer it drops, and of some answers it says so in no
 * other way. It is listened to from the end of the headers on. */
static int hear(CURL *easy, curl_infotype type, char *text, size_t size, void *data) {
  static const char *const of_surplus[] = {"xcess", "eftover"};
  struct hg_transfer *transfer = data;
  (void)easy;
  for (size_t i = 0; type == CURLINFO_TEXT && i < sizeof of_surplus / sizeof *of_surplus; i++) {
    size_t length = strlen(of_surplus[i]);
    for (size_t at = 0; at + length <= size; at++) {
      if (memcmp(text + at, of_surplus[i], length) == 0) {
        hg_sockets_spoil(transfer->sockets, transfer->connection);
        return 0;
      }
    }
  }
  return 0;
}

static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
  struct hg_transfer *transfer = data;
  (void)purpose;
  enum hg_lack lack;
  curl_socket_t descriptor = hg_sockets_open(transfer->sockets, address, &lack);
  /* What an earlier address lacked doesn't matter any more. */
  transfer->no_descriptor = lack == HG_LACKS_DESCRIPTORS;
  transfer->no_memory = lack == HG_LACKS_MEMORY;
  return descriptor;
}

static size_t take_header(char *line, size_t size, size_t count, void *data) {
  enum { FIRST_FINAL = 200 };
  struct hg_transfer *transfer = data;
  (void)size; /* always 1 */
  const struct hg_reply *reply = transfer->reply;
  bool taken = hg_reply_take_header(transfer->reply, line, count);
  if (reply->complete && reply->status >= FIRST_FINAL && !transfer->listening) {
    /* Not before, since to listen costs time. */
    transfer->listening = curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 1L) == CURLE_OK;
    transfer->repeated = hg_sockets_answer_repeats(transfer->sockets, transfer->connection,
                                                   reply->headers.request_id);
  }
  return taken ? count : 0;
}

static size_t take_body(char *data, size_t size, size_t count, void *user) {
  struct hg_transfer *transfer = user;
  (void)size; /* always 1 */
  if (count > transfer->body_limit - transfer->body.length) {
    transfer->reply->oversized = true;
    return 0;
  }
  if (!hg_body_append(&transfer->body, data, count)) {
    transfer->no_memory = true;
    return 0;
  }
  return count;
}

/* --- Set-up --- */

/* All the options whose failure means nothing but a lack of memory end here; the first failure
 * sticks. */
#define SET(option, value)                                                                         \
  (result = result != CURLE_OK ? result : curl_easy_setopt(easy, option, value))

static CURLcode set_callbacks(CURL *easy, struct hg_transfer *transfer) {
  CURLcode result = CURLE_OK;
  SET(CURLOPT_PREREQFUNCTION, before_request);
  SET(CURLOPT_PREREQDATA, transfer);
  SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  SET(CURLOPT_OPENSOCKETDATA, transfer);
  SET(CURLOPT_CLOSESOCKETFUNCTION, hg_sockets_close);
  /* A connection outlives the transfer that made it. */
  SET(CURLOPT_CLOSESOCKETDATA, transfer->sockets);
  SET(CURLOPT_HEADERFUNCTION, take_header);
  SET(CURLOPT_HEADERDATA, transfer);
  SET(CURLOPT_WRITEFUNCTION, take_body);
  SET(CURLOPT_WRITEDATA, transfer);
  SET(CURLOPT_ERRORBUFFER, transfer->error);
  SET(CURLOPT_DEBUGFUNCTION, hear);
  SET(CURLOPT_DEBUGDATA, transfer);
  return result;
}

struct hg_transfer *hg_transfer_new(const struct hg_config *config, struct hg_sockets *sockets,
                                    size_t *connecting) {
  struct hg_transfer *transfer = calloc(1, sizeof *transfer);
  if (transfer == NULL) {
    return NULL;
  }
  transfer->config = config;
  transfer->sockets = sockets;
  transfer->connecting = connecting;
  transfer->clear_text = hg_address_is_clear_text(config->base_url);
  transfer->proxy_in_tls = config->proxy != NULL && hg_ascii_skip(config->proxy, "https:") != NULL;
  transfer->ca_max_age = HG_CA_MAX_AGE;
  transfer->easy = curl_easy_init();
  transfer->headers = hg_easy_new_headers(config);
  if (transfer->easy == NULL || transfer->headers == NULL ||
      hg_easy_set_up(transfer->easy, config) != CURLE_OK ||
      set_callbacks(transfer->easy, transfer) != CURLE_OK ||
      hg_ca_set(transfer->easy, config, transfer->ca_max_age) != CURLE_OK ||
      curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) != CURLE_OK) {
    hg_transfer_free(transfer);
    return NULL;
  }
  return transfer;
}

void hg_transfer_free(struct hg_transfer *transfer) {
  if (transfer == NULL) {
    return;
  }
  curl_easy_cleanup(transfer->easy);
  hg_easy_free_headers(transfer->headers);
  hg_body_free(&transfer->body);
  free(transfer);
}

/* --- An attempt --- */

/* libcurl takes 0 for "never": a time is rounded up. */
static long milliseconds(double seconds) {
  return (long)ceil(seconds * 1000);
}

bool hg_transfer_prepare(struct hg_transfer *transfer, const char *method, const char *url,
                         const struct hg_settings *settings, long ca_max_age,
                         struct hg_reply *reply) {
  CURL *easy = transfer->easy;
  CURLcode result = CURLE_OK;
  transfer->reply = reply;
  transfer->sent = false;
  transfer->stale = false;
  transfer->listening = false;
  transfer->repeated = false;
  transfer->connection = 0;
  transfer->no_descriptor = false;
  transfer->no_memory = false;
  transfer->body.length = 0;
  transfer->body_limit = settings->max_response_bytes;
  transfer->error[0] = '\0';
  hg_reply_reset(reply);
  SET(CURLOPT_VERBOSE, 0L);
  SET(CURLOPT_FRESH_CONNECT, 0L);
  SET(CURLOPT_CUSTOMREQUEST, method);
  SET(CURLOPT_REQUEST_TARGET, hg_address_target(url));
  /* It looks at its clock before it looks at the socket: CURLOPT_TIMEOUT would throw away an answer
   * that came while the process could not run. */
  SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(fmin(settings->connect_timeout, settings->timeout)));
  if (result == CURLE_OK && ca_max_age != transfer->ca_max_age) {
    transfer->ca_max_age = ca_max_age;
    result = hg_ca_set(easy, transfer->config, ca_max_age);
  }
  return result == CURLE_OK;
}

CURL *hg_transfer_easy(struct hg_transfer *transfer) {
  return transfer->easy;
}

void hg_transfer_set_owner(struct hg_transfer *transfer, void *owner) {
  /* Can't fail: it only stores the pointer. */
  (void)curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, owner);
}

void hg_transfer_extend_connect(struct hg_transfer *transfer, double connect_timeout) {
  (void)curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(connect_timeout));
}

size_t hg_transfer_received(const struct hg_transfer *transfer) {
  return transfer->reply->header_bytes + transfer->body.length;
}

bool hg_transfer_sent(const struct hg_transfer *transfer) {
  return transfer->sent;
}

bool hg_transfer_reused(const struct hg_transfer *transfer) {
  return transfer->sent && transfer->reused;
}

bool hg_transfer_renew(struct hg_transfer *transfer) {
  bool stale = transfer->stale;
  transfer->stale = false;
  return stale && curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
}

void hg_transfer_demand_new(struct hg_transfer *transfer) {
  (void)curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 1L);
}

void hg_transfer_spoil(struct hg_transfer *transfer) {
  hg_sockets_spoil(transfer->sockets, transfer->connection);
}

bool hg_transfer_has_stale_ca(const struct hg_transfer *transfer, CURLcode result) {
  return !transfer->sent && hg_ca_may_be_stale(transfer->config, result, transfer->ca_max_age);
}

/* Whether the headers of the final answer came to their end. libcurl says "fine" also of headers
 * that the peer's closing cut off: then the status it knows is not the one whose blank line was
 * seen. */
static bool is_complete(const struct hg_transfer *transfer, CURLcode result) {
  const struct hg_reply *reply = transfer->reply;
  bool final = reply->status >= 200 || result == CURLE_OK;
  long status = 0;
  return reply->complete && final &&
         curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
         status == reply->status;
}

/* libcurl has other words for a want of descriptors, when it is a look-up of a name or a file of
 * certificates that needs one. */
static bool lacks_descriptors(const struct hg_transfer *transfer, CURLcode result) {
  return transfer->no_descriptor ||
         (!transfer->sent && result != CURLE_OK && hg_network_lacks_descriptors());
}

/* Whether a proxy refused the log-in: an HTTP proxy by its status, to a CONNECT or in the answer's
 * place, a SOCKS proxy in its own way. */
static bool is_refused_by_proxy(const struct hg_transfer *transfer, long status) {
  enum { PROXY_AUTHENTICATION_REQUIRED = 407 };
  long connect_status = 0;
  long reason = CURLPX_OK;
  (void)curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  (void)curl_easy_getinfo(transfer->easy, CURLINFO_PROXY_ERROR, &reason);
  return status == PROXY_AUTHENTICATION_REQUIRED ||
         (!transfer->sent && (connect_status == PROXY_AUTHENTICATION_REQUIRED ||
                              reason == CURLPX_USER_REJECTED || reason == CURLPX_NO_AUTH));
}

static enum hg_tls_flaw tls_flaw(const struct hg_transfer *transfer, CURLcode result) {
  long verified = 0;
  if (result == CURLE_OK) {
    return HG_TLS_FLAW_UNKNOWN;
  }
  (void)curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  return hg_causes_tls_flaw(result, verified, transfer->error);
}

/* libcurl's words on a failure, or better ones. */
static const char *words_of(const struct hg_transfer *transfer, const struct hg_facts *facts,
                            CURLcode result) {
  if (transfer->reply->ambiguous) {
    return "its headers do not tell where it ends";
  }
  if (facts->no_descriptor) {
    return "no descriptor is free: too many files are open";
  }
  if (result == CURLE_ABORTED_BY_CALLBACK) {
    return transfer->sent ? "the kept connection ended before an answer came"
                          : "something came on the connection before the request was sent";
  }
  if (transfer->error[0] == '\0') {
    return result == CURLE_OPERATION_TIMEDOUT ? "no complete answer in time"
                                              : curl_easy_strerror(result);
  }
  return transfer->error;
}

/* The error of the latest socket call that failed, unless it is from before the request. */
static long latest_error(const struct hg_transfer *transfer) {
  long error = socket_error(transfer->easy);
  return transfer->sent && error == transfer->earlier_error ? 0 : error;
}

struct hg_facts hg_transfer_finish(struct hg_transfer *transfer, CURLcode result) {
  struct hg_reply *reply = transfer->reply;
  const char *api_key = transfer->config->api_key;
  if (reply->switched) {
    result = CURLE_OK; /* it was us who stopped reading */
  }
  struct hg_facts facts = {.sent = hg_transfer_sent(transfer),
                           .received = reply->received,
                           .oversized = reply->oversized,
                           .no_memory = transfer->no_memory,
                           .no_descriptor = lacks_descriptors(transfer, result),
                           .no_thread = !transfer->sent &&
                                        strstr(transfer->error, "thread failed to start") != NULL,
                           .tls_flaw = tls_flaw(transfer, result),
                           .reused = hg_transfer_reused(transfer),
                           .proxy_refused = is_refused_by_proxy(transfer, reply->status),
                           .status = reply->status};
  facts.complete = reply->complete = is_complete(transfer, result);
  if (result != CURLE_OK) {
    /* The buffer can hold words also of an attempt that went well: it is read after a failure only.
     */
    hg_reply_take_cause(reply, words_of(transfer, &facts, result));
    hg_reply_quote(reply, transfer->body.text, transfer->body.length, api_key);
  } else if (facts.complete && transfer->repeated) {
    facts.repeated = true;
    hg_reply_quote(reply, transfer->body.text, transfer->body.length, api_key);
  } else if (facts.complete) {
    facts.no_memory =
        !hg_reply_take_body(reply, transfer->body.text, transfer->body.length, api_key) ||
        facts.no_memory;
    facts.body = reply->body;
    facts.unreadable = reply->unreadable;
    facts.complete = !reply->cut;
    if (reply->oversized) {
      facts.oversized = true;
    }
  }
  if (result == CURLE_OK && !facts.complete) {
    /* The peer has ended the connection. From libcurl 8.18 on, it is used again after TLS's
     * goodbye, as long as its FIN is still on the way. */
    hg_transfer_spoil(transfer);
  }
  /* Too many values are as too many bytes. */
  CURLcode ended = result == CURLE_OK && facts.oversized ? CURLE_WRITE_ERROR : result;
  hg_causes_tell(&facts, ended, ended == CURLE_OK ? 0 : latest_error(transfer));
  transfer->reply = NULL;
  hg_body_shrink(&transfer->body); /* its beginning may still be quoted */
  return facts;
}

void hg_transfer_quote(struct hg_transfer *transfer, struct hg_reply *reply) {
  hg_reply_quote(reply, transfer->body.text, transfer->body.length, transfer->config->api_key);
}
