#include "rng.h"

#include <endian.h>
#include <math.h>
#include <string.h>

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

/* A word of each lane. Written as a vector, since compilers unroll a loop of eight to scalars. */
typedef uint64_t block __attribute__((vector_size(RNG_LANES * sizeof(uint64_t))));

/* The state as vectors, while much is drawn. */
struct drawing {
    block s[4];
};

VMATH_INLINE void next_block(struct drawing *d, uint64_t word[RNG_LANES])
{
    block *s = d->s, sum = s[0] + s[3], shifted = s[1] << 17;
    block out = (sum << 23 | sum >> 41) + s[0];
    memcpy(word, &out, sizeof out);
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = s[3] << 45 | s[3] >> 19;
}

VMATH_INLINE void begin(struct drawing *d, const struct rng *rng)
{
    memcpy(d->s, rng->state, sizeof d->s);
}

VMATH_INLINE void end(const struct drawing *d, struct rng *rng)
{
    memcpy(rng->state, d->s, sizeof d->s);
}

uint64_t rng_u64(struct rng *rng)
{
    if (rng->used == RNG_LANES) {
        struct drawing d;
        begin(&d, rng);
        next_block(&d, rng->word);
        end(&d, rng);
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
VMATH_INLINE void block_pairs(struct drawing *d, float u[RNG_LANES], float v[RNG_LANES])
{
    uint64_t word[RNG_LANES];
    next_block(d, word);
    for (size_t i = 0; i < RNG_LANES; i++) {
        u[i] = (float)(int32_t)(word[i] >> 40) * 0x1p-24F;
        v[i] = ((float)(int32_t)(word[i] & 0x7fffffffU) + 0.5F) * 0x1p-31F;
    }
}

/* Bulk draws go by whole blocks; the last one may be drawn aside. */

VMATH_INLINE void block_uniform(struct drawing *d, float *x, float low, float high)
{
    float u[RNG_LANES], v[RNG_LANES];
    block_pairs(d, u, v);
    for (size_t i = 0; i < RNG_LANES; i++) {
        float drawn = low + u[i] * (high - low);
        x[i] = drawn < high ? drawn : low; /* rounding may reach high */
    }
}

VMATH_WIDE
void rng_uniform(struct rng *rng, float *out, size_t n, float low, float high)
{
    struct drawing d;
    size_t done = 0;
    begin(&d, rng);
    for (; n - done >= RNG_LANES; done += RNG_LANES) {
        block_uniform(&d, out + done, low, high);
    }
    if (done < n) {
        float last[RNG_LANES];
        block_uniform(&d, last, low, high);
        memcpy(out + done, last, (n - done) * sizeof *out);
    }
    end(&d, rng);
}

enum { NORMALS = 2 * RNG_LANES };

/* Box-Muller: so many normals. */
VMATH_INLINE void block_normal(struct drawing *d, float *x, float mean, float deviation)
{
    float u[RNG_LANES], v[RNG_LANES];
    block_pairs(d, u, v);
    for (size_t i = 0; i < RNG_LANES; i++) {
        float sine, cosine, radius = sqrtf(-2.0F * vmath_log(v[i]));
        vmath_sincos(u[i], &sine, &cosine);
        x[i] = mean + deviation * (radius * cosine);
        x[RNG_LANES + i] = mean + deviation * (radius * sine);
    }
}

VMATH_WIDE
void rng_normal(struct rng *rng, float *out, size_t n, float mean, float deviation)
{
    struct drawing d;
    size_t done = 0;
    begin(&d, rng);
    for (; n - done >= NORMALS; done += NORMALS) {
        block_normal(&d, out + done, mean, deviation);
    }
    if (done < n) {
        float last[NORMALS];
        block_normal(&d, last, mean, deviation);
        memcpy(out + done, last, (n - done) * sizeof *out);
    }
    end(&d, rng);
}

enum { MASKS = 4 * RNG_LANES };

/* So many mask bytes, of 16 bits each, a word's lowest first. */
VMATH_INLINE void block_mask(struct drawing *d, uint8_t *mask, uint16_t limit)
{
    uint64_t word[RNG_LANES];
    uint16_t bits[MASKS];
    next_block(d, word);
    for (size_t i = 0; i < RNG_LANES; i++) {
        word[i] = htole64(word[i]);
    }
    memcpy(bits, word, sizeof bits);
    for (size_t i = 0; i < MASKS; i++) {
        uint16_t drawn = le16toh(bits[i]);
        mask[i] = drawn >= limit;
    }
}

VMATH_WIDE
void rng_mask(struct rng *rng, uint8_t *mask, size_t n, float drop)
{
    const uint16_t limit = (uint16_t)lrintf(drop * 65536.0F);
    struct drawing d;
    size_t done = 0;
    begin(&d, rng);
    for (; n - done >= MASKS; done += MASKS) {
        block_mask(&d, mask + done, limit);
    }
    if (done < n) {
        uint8_t last[MASKS];
        block_mask(&d, last, limit);
        memcpy(mask + done, last, n - done);
    }
    end(&d, rng);
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
