/* The messages of the service's that are known: whole texts, never parts of one. Pure; any thread.
 */
#ifndef HG_MESSAGE_H
#define HG_MESSAGE_H

#include "kinds.h"
#include "operation.h"

#pragma GCC visibility push(hidden)

/* The kind that a text stands for, where `id` was asked for; HG_KIND_NONE unless it is known. */
enum hg_kind hg_message_kind(const char *text, const struct hg_operation_row *operation,
                             const char *id);

#pragma GCC visibility pop

#endif
