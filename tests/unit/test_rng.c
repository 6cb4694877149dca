#include "core/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/vmath.h"

enum { N = 1 << 18 };

static struct rng seeded(uint64_t seed, uint64_t stream)
{
    struct rng rng;
    rng_init(&rng, seed, stream);
    return rng;
}

/* The published algorithm, one generator, written out again; seeded from the rng's first lane. */
Test(rng, lane_is_xoshiro256pp)
{
    struct rng rng = seeded(7, 3);
    uint64_t s[4] = {rng.state[0][0], rng.state[1][0], rng.state[2][0], rng.state[3][0]};
    for (int i = 0; i < 100; i++) {
        uint64_t sum = s[0] + s[3], want = ((sum << 23) | (sum >> 41)) + s[0], t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = (s[3] << 45) | (s[3] >> 19);
        cr_assert_eq(rng_u64(&rng), want);
        for (int lane = 1; lane < RNG_LANES; lane++) {
            rng_u64(&rng);
        }
    }
}

Test(rng, same_seed_same_numbers)
{
    struct rng a = seeded(42, 1), b = seeded(42, 1), c = seeded(43, 1);
    float x[100], y[100], z[100];
    rng_normal(&a, x, 100, 0.0F, 1.0F);
    rng_normal(&b, y, 100, 0.0F, 1.0F);
    rng_normal(&c, z, 100, 0.0F, 1.0F);
    cr_assert_eq(memcmp(x, y, sizeof x), 0);
    cr_assert_neq(memcmp(x, z, sizeof x), 0);
}

Test(rng, normal_moments)
{
    static float x[N];
    struct rng rng = seeded(1, 0);
    rng_normal(&rng, x, N, 0.5F, 2.0F);
    double mean = 0, m2 = 0, m3 = 0, m4 = 0;
    for (size_t i = 0; i < N; i++) {
        mean += (double)x[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        double d = (double)x[i] - mean;
        m2 += d * d / N;
        m3 += d * d * d / N;
        m4 += d * d * d * d / N;
    }
    double deviation = sqrt(m2);
    /* Five standard errors each. */
    cr_assert_lt(fabs(mean - 0.5), 5 * 2.0 / sqrt(N));
    cr_assert_lt(fabs(deviation - 2.0), 5 * 2.0 / sqrt(2.0 * N));
    cr_assert_lt(fabs(m3 / (m2 * deviation)), 5 * sqrt(6.0 / N));
    cr_assert_lt(fabs(m4 / (m2 * m2) - 3.0), 5 * sqrt(24.0 / N));
}

/* Kolmogorov-Smirnov distance from the exact distribution, 0.1 % critical value. */
Test(rng, normal_distribution)
{
    static float x[N];
    static double bins[2001];
    struct rng rng = seeded(5, 0);
    rng_normal(&rng, x, N, 0.0F, 1.0F);
    for (size_t i = 0; i < N; i++) {
        double at = ((double)x[i] + 10.0) * 100.0;
        bins[(size_t)ceil(at)] += 1.0 / N;
    }
    double below = 0, worst = 0;
    for (size_t i = 0; i <= 2000; i++) {
        below += bins[i];
        double exact = 0.5 * erfc(-((double)i / 100.0 - 10.0) / sqrt(2.0));
        worst = fmax(worst, fabs(below - exact));
    }
    cr_assert_lt(worst, 1.95 / sqrt(N));
}

Test(rng, uniform_chi_square)
{
    static float x[N];
    double count[256] = {0}, chi2 = 0;
    struct rng rng = seeded(2, 0);
    rng_uniform(&rng, x, N, -1.0F, 3.0F);
    for (size_t i = 0; i < N; i++) {
        cr_assert(x[i] >= -1.0F && x[i] < 3.0F);
        count[(size_t)((x[i] + 1.0F) * 64.0F)]++;
    }
    for (size_t i = 0; i < 256; i++) {
        chi2 += pow(count[i] - N / 256.0, 2) / (N / 256.0);
    }
    cr_assert(chi2 > 160 && chi2 < 370, "chi2 %g of 255 degrees of freedom", chi2);
}

Test(rng, streams_are_independent)
{
    static float x[N], y[N];
    for (uint64_t stream = 1; stream < 8; stream++) {
        struct rng a = seeded(9, 0), b = seeded(9, stream);
        rng_normal(&a, x, N, 0.0F, 1.0F);
        rng_normal(&b, y, N, 0.0F, 1.0F);
        double correlation = 0;
        for (size_t i = 0; i < N; i++) {
            correlation += (double)x[i] * (double)y[i] / N;
        }
        cr_assert_lt(fabs(correlation), 5 / sqrt(N), "stream %u", (unsigned)stream);
    }
}

Test(rng, mask_share_and_neighbours)
{
    static uint8_t mask[N + 5];
    struct rng rng = seeded(3, 0);
    mask[N + 4] = 77;
    rng_mask(&rng, mask, N + 4, 0.1F);
    double kept = 0, pairs = 0;
    for (size_t i = 1; i < N; i++) {
        cr_assert_leq(mask[i], 1);
        kept += mask[i];
        pairs += mask[i] & mask[i - 1];
    }
    cr_assert_lt(fabs(kept / N - 0.9), 5 * sqrt(0.09 / N));
    cr_assert_lt(fabs(pairs / N - 0.81), 5 * sqrt(0.5 / N));
    cr_assert_eq(mask[N + 4], 77, "one byte too many");
}

Test(rng, below_is_even)
{
    struct rng rng = seeded(4, 0);
    double count[7] = {0};
    for (size_t i = 0; i < 70000; i++) {
        count[rng_below(&rng, 7)]++;
    }
    double chi2 = 0;
    for (size_t i = 0; i < 7; i++) {
        chi2 += pow(count[i] - 10000.0, 2) / 10000.0;
    }
    cr_assert_lt(chi2, 22.5, "chi2 %g of 6 degrees of freedom", chi2);
}

Test(rng, shuffle_is_an_even_permutation_choice)
{
    struct rng rng = seeded(6, 0);
    double count[4][4] = {{0}};
    for (size_t i = 0; i < 40000; i++) {
        size_t v[4] = {0, 1, 2, 3}, sum = 0;
        rng_shuffle(&rng, v, 4);
        for (size_t k = 0; k < 4; k++) {
            count[k][v[k]]++;
            sum |= (size_t)1 << v[k];
        }
        cr_assert_eq(sum, 15U);
    }
    for (size_t k = 0; k < 16; k++) {
        cr_assert_lt(fabs(count[k / 4][k % 4] - 10000.0), 5 * sqrt(10000 * 0.75));
    }
}

Test(vmath, exp_and_sigmoid)
{
    for (float x = -86.0F; x < 87.0F; x += 0.0137F) {
        double want = exp((double)x);
        cr_assert_lt(fabs((double)vmath_exp(x) - want), 3e-7 * want, "exp %g", (double)x);
        double sigmoid = 1.0 / (1.0 + exp(-(double)x));
        cr_assert_lt(fabs((double)vmath_sigmoid(x) - sigmoid), 4e-7 * sigmoid);
    }
    cr_assert(isfinite(vmath_exp(1e30F)) && vmath_exp(-1e30F) > 0.0F);
    cr_assert(isfinite(vmath_exp(NAN)));
}

Test(vmath, log)
{
    for (float x = 1e-30F; x < 1e30F; x *= 1.0173F) {
        double want = log((double)x);
        cr_assert_lt(fabs((double)vmath_log(x) - want), 3e-7 * fabs(want) + 1e-7, "log %g",
                     (double)x);
    }
}

Test(vmath, sine_and_cosine)
{
    for (int i = 0; i <= 100000; i++) {
        float turns = (float)i / 100000.0F, sine, cosine;
        double angle = 2.0 * acos(-1.0) * (double)turns;
        vmath_sincos(turns, &sine, &cosine);
        cr_assert_lt(fabs((double)sine - sin(angle)), 3e-7, "%g turns", (double)turns);
        cr_assert_lt(fabs((double)cosine - cos(angle)), 3e-7, "%g turns", (double)turns);
    }
}
