#include "fingerprint.h"

#include "secret.h"

#include <string.h>

enum { BLOCK = 64, LENGTH_AT = 56, ROUNDS = 64 };

struct hash {
  uint32_t state[8];
  unsigned char block[BLOCK];
  size_t used;     /* bytes of the block */
  uint64_t length; /* bytes of the whole text */
};

/* The first 32 bits of the fractional parts of the first 64 primes' cube roots. */
static const uint32_t round_constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t word, unsigned count) {
  return word >> count | word << (32 - count);
}

static void expand(const unsigned char *block, uint32_t schedule[ROUNDS]) {
  for (size_t i = 0; i < 16; i++) {
    const unsigned char *bytes = block + 4 * i;
    schedule[i] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                  (uint32_t)bytes[3];
  }
  for (size_t i = 16; i < ROUNDS; i++) {
    uint32_t early = schedule[i - 15];
    uint32_t late = schedule[i - 2];
    schedule[i] = schedule[i - 16] + schedule[i - 7] +
                  (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) +
                  (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
  }
}

static void take_block(struct hash *hash) {
  uint32_t schedule[ROUNDS];
  uint32_t v[8];
  expand(hash->block, schedule);
  memcpy(v, hash->state, sizeof v);
  for (size_t i = 0; i < ROUNDS; i++) {
    uint32_t one = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
                   ((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constants[i] + schedule[i];
    uint32_t two = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
                   ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += one;
    v[0] = one + two;
  }
  for (size_t i = 0; i < 8; i++) {
    hash->state[i] += v[i];
  }
  hash->used = 0;
  hg_secret_wipe(schedule, sizeof schedule);
}

static void take_byte(struct hash *hash, unsigned char byte) {
  hash->block[hash->used++] = byte;
  if (hash->used == BLOCK) {
    take_block(hash);
  }
}

static void finish(struct hash *hash) {
  uint64_t bits = hash->length * 8;
  take_byte(hash, 0x80);
  while (hash->used != LENGTH_AT) {
    take_byte(hash, 0);
  }
  for (int shift = 56; shift >= 0; shift -= 8) {
    take_byte(hash, (unsigned char)(bits >> shift));
  }
}

static void take_text(struct hash *hash, const char *text, size_t length) {
  hash->length += length;
  for (size_t at = 0; at < length; at++) {
    take_byte(hash, (unsigned char)text[at]);
  }
}

uint32_t hg_fingerprint(const char *salt, size_t salt_length, const char *key, size_t key_length) {
  /* The fractional parts of the first 8 primes' square roots, likewise. */
  struct hash hash = {.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
  take_text(&hash, salt, salt_length);
  take_text(&hash, key, key_length);
  finish(&hash);
  uint32_t first = hash.state[0];
  hg_secret_wipe(&hash, sizeof hash);
  return first;
}
