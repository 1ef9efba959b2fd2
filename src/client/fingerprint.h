/* A fingerprint of an API key: enough to notice that another key is in use, too little to find the
 * key by. Pure; any thread. */
#ifndef HG_FINGERPRINT_H
#define HG_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The first 32 bits of the SHA-256 (FIPS 180-4) of the salt followed by the key. */
uint32_t hg_fingerprint(const char *salt, size_t salt_length, const char *key, size_t key_length);

#pragma GCC visibility pop

#endif
