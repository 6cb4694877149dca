/* rng.h - seeded random numbers, the same on every machine: xoshiro256++ (Blackman, Vigna 2019),
 * eight generators side by side so that bulk draws vectorise, each seeded by splitmix64.
 *
 * A seed opens many independent streams; each purpose takes its own, so that a change in what one
 * consumer draws does not shift the numbers of another. Bulk draws begin at a fresh block of
 * eight words and leave the rest of their last block unused. */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

enum { RNG_LANES = 8 };

struct rng {
    uint64_t state[4][RNG_LANES];
    uint64_t word[RNG_LANES]; /* for rng_u64(): drawn, handed out up to used */
    unsigned used;
};

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream);

uint64_t rng_u64(struct rng *rng);

/* Uniform in 0 .. bound - 1, without bias; bound > 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* out: n floats, uniform in [low, high). */
void rng_uniform(struct rng *rng, float *out, size_t n, float low, float high);

/* out: n floats, normal. The tails end at 6.6 deviations. */
void rng_normal(struct rng *rng, float *out, size_t n, float mean, float deviation);

/* mask: n bytes, 0 with probability drop (to 1/65536), else 1. */
void rng_mask(struct rng *rng, uint8_t *mask, size_t n, float drop);

/* Fisher-Yates. */
void rng_shuffle(struct rng *rng, size_t *values, size_t n);

#endif
