/* Sketches against stats_of(), which is exact. */
#include "features/sketch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N = 20000, BITS = 6, LOG2 = 48 };

static int64_t values[2 * N];
static uint32_t buckets[SKETCH_BUCKETS(BITS, LOG2)];

static uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void expect_within(double got, double want, double relative, const char *what)
{
    cr_expect(fabs(got - want) <= relative * fabs(want), "%s: %.17g, not %.17g", what, got, want);
}

static void sketch_of(const int64_t *list, size_t n, struct stats *out)
{
    struct sketch sketch;

    memset(buckets, 0, sizeof buckets);
    sketch_init(&sketch, buckets, BITS, LOG2);
    for (size_t i = 0; i < n; i++)
        sketch_add(&sketch, list[i]);
    sketch_stats(&sketch, NULL, 1, out);
}

/* The value that stands for v's bucket. */
static int64_t rounded(int64_t v)
{
    struct stats stats;
    int64_t pair[] = {v, 0, INT64_C(1) << 47}; /* a range that does not clip */

    sketch_of((int64_t[]){v, v, pair[1], pair[2]}, 4, &stats);
    return (int64_t)stats.mode;
}

Test(sketch, a_bucket_is_no_wider_than_it_says)
{
    uint64_t state = 1;

    for (int64_t v = 0; v < 300; v++)
        cr_expect_leq(llabs(rounded(v) - v), v >> (BITS + 1), "%ld", (long)v);
    for (int i = 0; i < 2000; i++) {
        int64_t v = (int64_t)(random64(&state) >> (17 + random64(&state) % 40));

        cr_assert_leq(llabs(rounded(v) - v), v >> (BITS + 1), "%ld", (long)v);
    }
    cr_expect_leq(rounded((INT64_C(1) << 47) - 1), INT64_C(1) << 47);
}

/* Distributions that differ: even, small numbers, powers of two, all but one equal. */
static int64_t draw(uint64_t *state, int kind)
{
    switch (kind) {
    case 0: return (int64_t)(random64(state) % 100000000000);
    case 1: return (int64_t)(random64(state) % 100);
    case 2: return (int64_t)(random64(state) >> (17 + random64(state) % 47));
    default: return random64(state) % 50 == 0 ? 3 : 30000000000;
    }
}

Test(sketch, moments_are_exact_and_the_median_within_its_bound)
{
    const double bound = 1.0 / (1 << (BITS + 1));
    uint64_t state = 2;

    for (int kind = 0; kind < 4; kind++) {
        struct stats exact, sketch;

        for (size_t i = 0; i < N; i++)
            values[i] = draw(&state, kind);
        sketch_of(values, N, &sketch);
        stats_of(values, N, values + N, 1, &exact);
        expect_within(sketch.mean, exact.mean, 1e-15, "mean");
        expect_within(sketch.variance, exact.variance, 1e-12, "variance");
        expect_within(sketch.deviation, exact.deviation, 1e-12, "deviation");
        expect_within(sketch.variation, exact.variation, 1e-12, "variation");
        expect_within(sketch.median, exact.median, bound, "median");
        cr_expect_leq(fabs(sketch.skew_median - exact.skew_median),
                      3 * bound * exact.median / exact.deviation + 1e-9);
    }
}

Test(sketch, the_mode_is_that_of_the_rounded_values)
{
    uint64_t state = 3;

    for (int kind = 0; kind < 4; kind++) {
        struct stats exact, sketch;

        for (size_t i = 0; i < N; i++)
            values[i] = draw(&state, kind);
        sketch_of(values, N, &sketch);
        for (size_t i = 0; i < N; i++)
            values[i] = rounded(values[i]);
        stats_of(values, N, values + N, 1, &exact);
        cr_expect_eq(sketch.mode, exact.mode, "%d: %.17g, not %.17g", kind, sketch.mode,
                     exact.mode);
    }
}

Test(sketch, small_values_are_exact)
{
    struct stats exact, sketch;
    uint64_t state = 4;

    for (size_t i = 0; i < N; i++)
        values[i] = (int64_t)(random64(&state) % 128);
    sketch_of(values, N, &sketch);
    stats_of(values, N, values + N, 1, &exact);
    cr_expect_eq(sketch.median, exact.median);
    cr_expect_eq(sketch.mode, exact.mode);
}

Test(sketch, values_out_of_reach_stay_within_the_range)
{
    static const int64_t negative[] = {-5, -4, -3}, huge[] = {INT64_C(1) << 48, INT64_C(3) << 47};
    struct stats stats;

    sketch_of(negative, 3, &stats);
    cr_expect_eq(stats.mean, -4);
    cr_expect_eq(stats.median, -3);
    sketch_of(huge, 2, &stats);
    cr_expect_eq(stats.mean, 0x1.4p48);
    cr_expect_eq(stats.median, 0x1p48);
    cr_expect_eq(stats.mode, 0x1p48);
}

Test(sketch, nothing_and_equal_values)
{
    static const int64_t equal[] = {1000003, 1000003, 1000003};
    struct stats exact, stats;

    sketch_of(NULL, 0, &stats);
    cr_expect(isnan(stats.mean) && isnan(stats.median) && isnan(stats.skew_mode));
    memcpy(values, equal, sizeof equal);
    stats_of(values, 3, values + 3, 1, &exact);
    sketch_of(equal, 3, &stats);
    cr_expect_eq(stats.median, exact.median);
    cr_expect_eq(stats.mode, exact.mode);
    cr_expect_eq(stats.variance, 0);
    cr_expect(isnan(stats.skew_median) && isnan(stats.skew_mode));
}
