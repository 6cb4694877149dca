/* public_hash.h - bytes as a number that a double holds exactly, the same on every machine:
 * SipHash-2-4 by a key that everybody knows. */
#ifndef FEATURES_PUBLIC_HASH_H
#define FEATURES_PUBLIC_HASH_H

#include <sodium/crypto_shorthash.h>
#include <stddef.h>
#include <stdint.h>

enum { PUBLIC_HASH_BITS = 53 };

static inline uint64_t public_hash(const uint8_t *bytes, size_t size,
                                   const uint8_t public_key[crypto_shorthash_KEYBYTES])
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t number = 0;

    crypto_shorthash(hash, bytes, size, public_key);
    for (size_t i = 0; i < sizeof hash; i++)
        number = number << 8 | hash[i];
    return number >> (64 - PUBLIC_HASH_BITS);
}

#endif
