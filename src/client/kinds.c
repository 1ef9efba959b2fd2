#include "kinds.h"

/* The same hint whatever the version. */
#define ALIKE(hint)                                                                                \
  { [HG_API_V2] = (hint), [HG_API_V3] = (hint) }

static const struct hg_kind_row rows[HG_KINDS] = {
    [HG_INVALID_ARGUMENT] = {.name = "invalid_argument"},
    [HG_MISUSE] = {.name = "misuse"},
    [HG_RESOURCES] = {.name = "resources", .given_up = "no memory for the request"},
    [HG_CONNECTION] = {.name = "connection"},
    [HG_TLS] = {.name = "tls",
                .hints = ALIKE("ca_file or ca_path name the authorities to trust; verification "
                               "can't be switched off")},
    [HG_TIMEOUT] = {.name = "timeout",
                    .given_up = "the deadline passed before the request's turn came"},
    [HG_PROTOCOL] = {.name = "protocol", .hints = ALIKE("max_response_bytes bounds the body")},
    [HG_REDIRECT] = {.name = "redirect",
                     .hints = ALIKE("check base_url: redirects are not followed, since they would "
                                    "hand on the key"),
                     .stops_run = true},
    [HG_UNAUTHORIZED] = {.name = "unauthorized",
                         .hints = ALIKE("check the API key"),
                         .stops_run = true},
    [HG_FORBIDDEN] =
        {.name = "forbidden",
         .hints = {[HG_API_V2] = "check what the key may do, or try api_version = \"v3\": v2 may "
                                 "have ended",
                   [HG_API_V3] = "check what the key may do: v3 needs the scope avatars:write"}},
    [HG_NOT_FOUND] = {.name = "not_found",
                      .hints = {[HG_API_V2] =
                                    "the id of a group has a route of its own; this one takes an "
                                    "avatar or a look",
                                [HG_API_V3] =
                                    "check the id, and whether it belongs to this key's account"}},
    [HG_RETIRED] = {.name = "retired",
                    .hints = {[HG_API_V2] = "check base_url and api_version: v2 may have ended, "
                                            "try api_version = \"v3\"",
                              [HG_API_V3] = "check base_url and api_version"},
                    .stops_run = true},
    [HG_CONFLICT] = {.name = "conflict"},
    [HG_RATE_LIMITED] = {.name = "rate_limited",
                         .hints = ALIKE("call less often, or wait for retry_after seconds"),
                         .given_up = "the service asked this client to wait, longer than the "
                                     "deadline allows"},
    [HG_QUOTA_EXCEEDED] = {.name = "quota_exceeded",
                           .hints = ALIKE("waiting does not help: look at the account's plan and "
                                          "credit"),
                           .stops_run = true},
    [HG_REJECTED] = {.name = "rejected", .hints = {[HG_API_V2] = HG_HINT_V2_ENDED}},
    [HG_SERVER] = {.name = "server"},
    [HG_CANCELLED] = {.name = "cancelled", .given_up = "cancelled", .stops_run = true},
    [HG_INTERRUPTED] = {.name = "interrupted", .given_up = "interrupted", .stops_run = true},
};

const struct hg_kind_row *hg_kind_row(enum hg_kind kind) {
  return &rows[kind];
}
