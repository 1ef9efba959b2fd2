/* One attempt on one easy handle: set-up, the capped answer, and whether the request was sent.
 * A transfer is made once for a configuration and used for one attempt after another.
 * One thread at a time. */
#ifndef HG_TRANSFER_H
#define HG_TRANSFER_H

#include "options.h"
#include "reply.h"
#include "sockets.h"
#include "verdict.h"

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

struct hg_transfer;

/* NULL without memory. Borrows all three, which must stay as they are; counts `connecting` down
 * when an attempt, which its owner has counted there, is sent. */
struct hg_transfer *hg_transfer_new(const struct hg_config *config, struct hg_sockets *sockets,
                                    size_t *connecting);

/* Frees a transfer that is in no multi handle; wipes its header with the key, and the answer, which
 * may echo it. NULL is allowed. */
void hg_transfer_free(struct hg_transfer *transfer);

/* Prepares an attempt: its method, URL and limits (but for its timeout, which bounds nothing but
 * the time to connect: whoever drives the attempt ends it), how old (in seconds) the CA
 * certificates may be, and the reply to fill, which must live until hg_transfer_finish or
 * hg_transfer_free. False without memory. */
bool hg_transfer_prepare(struct hg_transfer *transfer, const char *method, const char *url,
                         const struct hg_settings *settings, long ca_max_age,
                         struct hg_reply *reply);

/* The handle, for curl_multi_add_handle; its CURLOPT_PRIVATE is `owner`. */
CURL *hg_transfer_easy(struct hg_transfer *transfer);
void hg_transfer_set_owner(struct hg_transfer *transfer, void *owner);

/* True when an attempt ended before anything was sent, since its kept connection was of no use. The
 * handle is then ready to go again, over a new connection. */
bool hg_transfer_renew(struct hg_transfer *transfer);

/* True when an attempt ended, by libcurl's word, in a way that a ca_max_age of 0 may have
 * prevented; nothing was sent. */
bool hg_transfer_has_stale_ca(const struct hg_transfer *transfer, CURLcode result);

/* The attempt under preparation goes over a connection of its own. Can't fail. */
void hg_transfer_demand_new(struct hg_transfer *transfer);

/* The connection of the attempt that has just ended carries no other request. */
void hg_transfer_spoil(struct hg_transfer *transfer);

/* Gives the attempt under way so many seconds in all to connect. */
void hg_transfer_extend_connect(struct hg_transfer *transfer, double connect_timeout);

/* How many bytes of an answer the attempt has got so far. */
size_t hg_transfer_received(const struct hg_transfer *transfer);

/* True once the request may be on the wire; false proves that nothing was sent. */
bool hg_transfer_sent(const struct hg_transfer *transfer);

/* True when the attempt went over a connection that was open before. */
bool hg_transfer_reused(const struct hg_transfer *transfer);

/* Ends an attempt that libcurl is done with (and whose handle has left the multi handle): decodes
 * the body into the reply and gives the facts, which point into the reply. */
struct hg_facts hg_transfer_finish(struct hg_transfer *transfer, CURLcode result);

/* Quotes the body of the attempt that has just ended, which was decoded but turned out to be of no
 * use, in its reply; once. */
void hg_transfer_quote(struct hg_transfer *transfer, struct hg_reply *reply);

#pragma GCC visibility pop

#endif
