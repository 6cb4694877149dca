#include "features/stats.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MANY = 65536 };

static int64_t values[2 * MANY], sorted[2 * MANY];

static void expect_near(double got, double want)
{
    cr_expect(fabs(got - want) <= 1e-14 * fabs(want), "%.17g, not %.17g", got, want);
}

static void stats_of_list(const int64_t *list, size_t n, int64_t unit, struct stats *out)
{
    memcpy(values, list, n * sizeof *list);
    stats_of(values, n, values + n, unit, out);
}

Test(stats, by_hand)
{
    static const int64_t list[] = {60, 40, 100, 40};
    struct stats stats;

    stats_of_list(list, 4, 1, &stats);
    expect_near(stats.variance, 600);
    expect_near(stats.deviation, 24.494897427831781);
    expect_near(stats.mean, 60);
    expect_near(stats.median, 50);
    expect_near(stats.mode, 40);
    expect_near(stats.skew_median, 30 / 24.494897427831781);
    expect_near(stats.skew_mode, 20 / 24.494897427831781);
    expect_near(stats.variation, 24.494897427831781 / 60);
}

Test(stats, odd_count_and_unit)
{
    static const int64_t list[] = {3000, -1000, 1000};
    struct stats stats;

    stats_of_list(list, 3, 1000, &stats);
    expect_near(stats.variance, 8.0 / 3);
    expect_near(stats.mean, 1);
    expect_near(stats.median, 1);
    expect_near(stats.mode, -1);
    expect_near(stats.skew_mode, 2 / sqrt(8.0 / 3));
    cr_expect_eq(stats.skew_median, 0);
}

Test(stats, the_smallest_of_several_modes)
{
    static const int64_t list[] = {9, 7, 9, 5, 7, 5, 8};
    struct stats stats;

    stats_of_list(list, 7, 1, &stats);
    cr_expect_eq(stats.mode, 5);
}

static bool all_undefined(const double *x, size_t n)
{
    while (n > 0 && isnan(x[n - 1]))
        n--;
    return n == 0;
}

Test(stats, undefined)
{
    static const int64_t equal[] = {5, 5, 5}, zero[] = {-1, 1};
    struct stats stats;

    stats_of_list(equal, 0, 1, &stats);
    cr_expect(all_undefined(&stats.variance, 8));
    stats_of_list(equal, 3, 1, &stats);
    cr_expect_eq(stats.variance, 0);
    cr_expect_eq(stats.deviation, 0);
    cr_expect_eq(stats.variation, 0);
    cr_expect(all_undefined(&stats.skew_median, 2));
    stats_of_list(zero, 2, 1, &stats);
    expect_near(stats.variance, 1);
    cr_expect(isnan(stats.variation));
    cr_expect_eq(stats.skew_mode, 1);
}

/* 0, 1, ..., n-1 times a step has the variance (n^2-1)/12 step^2. */
Test(stats, long_rows_are_exact)
{
    const int64_t step = 1831054; /* 120 s in all */
    const double n = MANY;
    struct stats stats;

    for (int64_t i = 0; i < MANY; i++)
        values[i] = i * step;
    stats_of(values, MANY, values + MANY, 1000000000, &stats);
    expect_near(stats.variance, (n * n - 1) / 12 * (1.831054e-3 * 1.831054e-3));
    expect_near(stats.mean, (n - 1) / 2 * 1.831054e-3);
    cr_expect_eq(stats.skew_median, 0);
    expect_near(stats.skew_mode, sqrt(3 * (n - 1) / (n + 1)));
}

/* A spread of one nanosecond, half a minute away from zero. */
Test(stats, small_spread_far_from_zero)
{
    struct stats stats;

    for (int64_t i = 0; i < MANY; i++)
        values[i] = 39000000000 + (i % 4 == 0);
    stats_of(values, MANY, values + MANY, 1000000000, &stats);
    expect_near(stats.variance, 0.1875e-18);
    expect_near(stats.skew_median, 0.75 / sqrt(0.1875));
    expect_near(stats.skew_mode, 0.25 / sqrt(0.1875));
}

Test(stats, extreme_values)
{
    static const int64_t list[] = {INT64_MIN, INT64_MAX, INT64_MAX};
    struct stats stats;

    stats_of_list(list, 3, 1, &stats);
    expect_near(stats.median, 0x1p63);
    expect_near(stats.variance, 2 * 0x1p128 / 9);
}

static uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Sorted lists, nearly sorted ones and random ones, of every length around the sort's run length:
 * the values end up in order, none is lost, and the result does not depend on the order. */
Test(stats, order_does_not_matter)
{
    uint64_t state = 3;

    for (size_t n = 1; n < 300; n++) {
        struct stats in_order, shuffled;
        size_t swaps = random64(&state) % 3 * (n / 2);

        for (size_t i = 0; i < n; i++)
            values[i] = sorted[i] = (int64_t)(i / (1 + n % 3));
        for (size_t s = 0; s < swaps; s++) {
            size_t a = random64(&state) % n, b = random64(&state) % n;
            int64_t value = values[a];

            values[a] = values[b];
            values[b] = value;
        }
        stats_of(values, n, values + n, 1, &shuffled);
        cr_assert_arr_eq(values, sorted, n * sizeof *values, "%zu", n);
        stats_of(sorted, n, sorted + n, 1, &in_order);
        cr_assert_arr_eq(&in_order, &shuffled, sizeof in_order);
    }
}
