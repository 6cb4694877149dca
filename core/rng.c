#include "rng.h"

#include <math.h>

#include "vmath.h"

static uint64_t splitmix64(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream)
{
    uint64_t mixed_stream = splitmix64(&stream);
    uint64_t x = splitmix64(&seed) ^ mixed_stream;
    for (size_t lane = 0; lane < RNG_LANES; lane++) {
        for (size_t i = 0; i < 4; i++) {
            rng->state[i][lane] = splitmix64(&x);
        }
    }
    rng->used = RNG_LANES;
}

static inline uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static inline void next_block(struct rng *rng, uint64_t out[RNG_LANES])
{
    uint64_t(*s)[RNG_LANES] = rng->state;
    for (size_t i = 0; i < RNG_LANES; i++) {
        uint64_t t = s[1][i] << 17;
        out[i] = rotl(s[0][i] + s[3][i], 23) + s[0][i];
        s[2][i] ^= s[0][i];
        s[3][i] ^= s[1][i];
        s[1][i] ^= s[2][i];
        s[0][i] ^= s[3][i];
        s[2][i] ^= t;
        s[3][i] = rotl(s[3][i], 45);
    }
}

uint64_t rng_u64(struct rng *rng)
{
    if (rng->used == RNG_LANES) {
        next_block(rng, rng->word);
        rng->used = 0;
    }
    return rng->word[rng->used++];
}

/* Lemire, "Fast random integer generation in an interval", 2019. */
uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    uint64_t reject = (0 - bound) % bound;
    __extension__ unsigned __int128 product;
    do {
        product = rng_u64(rng);
        product *= bound;
    } while ((uint64_t)product < reject);
    return (uint64_t)(product >> 64);
}

/* One block as pairs of floats in [0, 1) of 24 bits, u, and in (0, 1] of 31 bits, v. */
static inline void block_uniform(struct rng *rng, float u[RNG_LANES], float v[RNG_LANES])
{
    uint64_t word[RNG_LANES];
    next_block(rng, word);
    for (size_t i = 0; i < RNG_LANES; i++) {
        u[i] = (float)(int32_t)(word[i] >> 40) * 0x1p-24F;
        v[i] = ((float)(int32_t)(word[i] & 0x7fffffffU) + 0.5F) * 0x1p-31F;
    }
}

void rng_uniform(struct rng *rng, float *out, size_t n, float low, float high)
{
    for (size_t done = 0; done < n; done += RNG_LANES) {
        float u[RNG_LANES], v[RNG_LANES];
        block_uniform(rng, u, v);
        for (size_t i = 0; i < RNG_LANES && done + i < n; i++) {
            float x = low + u[i] * (high - low);
            out[done + i] = x < high ? x : low; /* rounding may reach high */
        }
    }
}

/* Box-Muller: sixteen standard normals. */
static inline void block_normal(struct rng *rng, float z[2 * RNG_LANES])
{
    float u[RNG_LANES], v[RNG_LANES];
    block_uniform(rng, u, v);
    for (size_t i = 0; i < RNG_LANES; i++) {
        float sine, cosine, radius = sqrtf(-2.0F * vmath_log(v[i]));
        vmath_sincos(u[i], &sine, &cosine);
        z[i] = radius * cosine;
        z[RNG_LANES + i] = radius * sine;
    }
}

void rng_normal(struct rng *rng, float *out, size_t n, float mean, float deviation)
{
    for (size_t done = 0; done < n; done += 2 * RNG_LANES) {
        float z[2 * RNG_LANES];
        block_normal(rng, z);
        for (size_t i = 0; i < 2 * RNG_LANES && done + i < n; i++) {
            out[done + i] = mean + deviation * z[i];
        }
    }
}

void rng_mask(struct rng *rng, uint8_t *mask, size_t n, float drop)
{
    const uint32_t limit = (uint32_t)lrintf(drop * 65536.0F);
    for (size_t done = 0; done < n; done += 4 * RNG_LANES) {
        uint64_t word[RNG_LANES];
        uint16_t bits[4 * RNG_LANES];
        next_block(rng, word);
        for (size_t i = 0; i < 4 * RNG_LANES; i++) {
            bits[i] = (uint16_t)(word[i / 4] >> (i % 4 * 16));
        }
        for (size_t i = 0; i < 4 * RNG_LANES && done + i < n; i++) {
            mask[done + i] = bits[i] >= limit;
        }
    }
}

void rng_shuffle(struct rng *rng, size_t *values, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(rng, i);
        size_t held = values[i - 1];
        values[i - 1] = values[j];
        values[j] = held;
    }
}
