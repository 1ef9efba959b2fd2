/* What came back from the service at the latest attempt of a call: filled by libcurl's callbacks
 * while the attempt runs, read when it is over. Fixed in size but for the decoded body, so that
 * keeping it can't fail. One thread at a time. */
#ifndef HG_REPLY_H
#define HG_REPLY_H

#include "options.h"

#include <cjson/cJSON.h>

#pragma GCC visibility push(hidden)

/* The headers that are kept; empty texts where the service sent none. */
struct hg_headers {
  char request_id[HG_MAX_FIELD_BYTES];
  char deprecation[HG_MAX_FIELD_BYTES];
  char sunset[HG_MAX_FIELD_BYTES];
  char retry_after[HG_MAX_FIELD_BYTES];
  char date[HG_MAX_FIELD_BYTES];
  char content_length[HG_MAX_FIELD_BYTES];
};

struct hg_reply {
  long status;    /* of the latest status line; 0 before there is one */
  bool complete;  /* the blank line after that status line was seen */
  bool received;  /* some byte came */
  bool coded;     /* the body is in a coding that was not asked for */
  bool framed;    /* a length or chunks tell where the body ends, not the peer's closing alone */
  bool cut;       /* the peer's closing ended the body in the midst of its JSON */
  bool oversized; /* a limit was passed; nothing more was read */
  bool ambiguous; /* where the body ends is not sure; nothing more was read */
  bool switched;  /* 101: what follows would be another protocol; nothing more was read */
  size_t header_bytes; /* of all header lines so far */
  bool unreadable;     /* the body is no JSON, and either coded or no text in UTF-8 */
  bool framing;        /* the latest header was one that tells where the body ends */
  size_t id_header;    /* which of its names the request's id was found under */
  char *continued;     /* of `headers`, the field that a folded line goes on with, or NULL */
  cJSON *body;         /* owned; NULL when empty or not valid JSON */
  size_t quote_length;

  /* The long ones, of which only what is in use is ever written. */
  struct hg_headers headers;  /* since the latest status line */
  char quote[HG_QUOTE_BYTES]; /* the raw body's beginning, where it is of no use */
  char cause[HG_CAUSE_BYTES]; /* libcurl's words, or the JSON's fault; else empty */
};

/* Makes an empty reply of new memory. */
void hg_reply_init(struct hg_reply *reply);

/* Makes the reply ready for another attempt; frees the body. */
void hg_reply_reset(struct hg_reply *reply);

/* Makes `to`, new memory or an empty reply, what `from` is; that is empty then. */
void hg_reply_move(struct hg_reply *to, struct hg_reply *from);

/* Takes one header line as libcurl hands it out, line end included. False to read no further. */
bool hg_reply_take_header(struct hg_reply *reply, const char *line, size_t length);

/* Keeps libcurl's words on a failure, without the user info of a proxy's URL, which it quotes where
 * it can't make that out. */
void hg_reply_take_cause(struct hg_reply *reply, const char *words);

/* Keeps the beginning of a body that is of no use, the key blotted out of it; `text` may be
 * changed. */
void hg_reply_quote(struct hg_reply *reply, char *text, size_t length, const char *api_key);

/* Decodes the raw body, or quotes it, the key blotted out, when it is of no use; `text` may be
 * changed. False only without memory. */
bool hg_reply_take_body(struct hg_reply *reply, char *text, size_t length, const char *api_key);

/* Blots the key out of all texts that the reply holds. */
void hg_reply_blot(struct hg_reply *reply, const char *api_key);

#pragma GCC visibility pop

#endif
