/* Percentiles of what took how long, beside sorted values. */
#include "daemon/histogram.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "core/rng.h"

Test(histogram, nothing_yet)
{
    static const struct histogram none;

    cr_expect_eq(histogram_percentile(&none, 0.5), 0);
    cr_expect_eq(histogram_percentile(&none, 1.0), 0);
}

Test(histogram, small_values_are_exact)
{
    static struct histogram histogram;

    for (uint64_t i = 1; i <= 60; i++)
        histogram_add(&histogram, i);
    cr_expect_eq(histogram_percentile(&histogram, 0.5), 30);
    cr_expect_eq(histogram_percentile(&histogram, 1.0), 60);
    cr_expect_eq(histogram_percentile(&histogram, 1e-9), 1);
    cr_expect_eq(histogram.n, 60);
}

Test(histogram, the_ends_of_the_scale)
{
    static struct histogram histogram;

    histogram_add(&histogram, 0);
    histogram_add(&histogram, UINT64_MAX);
    cr_expect_eq(histogram_percentile(&histogram, 0.5), 0);
    cr_expect_eq(histogram_percentile(&histogram, 1.0), UINT64_MAX);
    cr_expect_eq(histogram.max, UINT64_MAX);
}

/* Each value alone is told as itself, its maximum; with a larger one beside it, to within 1/32. */
Test(histogram, every_power_of_two)
{
    for (unsigned bit = 0; bit < 62; bit++)
        for (int off = -1; off <= 1; off++) {
            struct histogram histogram = {0};
            const uint64_t value = (UINT64_C(1) << bit) + (uint64_t)(int64_t)off;
            uint64_t told;

            histogram_add(&histogram, value);
            cr_expect_eq(histogram_percentile(&histogram, 0.5), value);
            histogram_add(&histogram, UINT64_MAX);
            told = histogram_percentile(&histogram, 0.5);
            cr_expect(told >= value && told - value <= value / HISTOGRAM_STEPS, "bit %u", bit);
        }
}

Test(histogram, two_are_merged)
{
    static struct histogram a, b;

    for (uint64_t i = 1; i <= 10; i++)
        histogram_add(i % 2 ? &a : &b, i);
    histogram_merge(&a, &b);
    cr_expect_eq(a.n, 10);
    cr_expect_eq(a.max, 10);
    cr_expect_eq(histogram_percentile(&a, 0.7), 7);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

Test(histogram, percentiles_are_those_of_the_sorted_values)
{
    enum { N = 10000 };
    static const double shares[] = {0.01, 0.5, 0.9, 0.99, 0.999, 1.0};
    static struct histogram histogram;
    static uint64_t values[N];
    static float normal[N];
    struct rng rng;

    rng_init(&rng, 5, 0);
    rng_normal(&rng, normal, N, 12.0F, 3.0F);
    for (size_t i = 0; i < N; i++) {
        values[i] = (uint64_t)exp((double)normal[i]);
        histogram_add(&histogram, values[i]);
    }
    qsort(values, N, sizeof *values, by_value);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        const uint64_t exact = values[(size_t)ceil(shares[i] * N) - 1];
        const uint64_t told = histogram_percentile(&histogram, shares[i]);

        cr_expect(told >= exact && told - exact <= exact / HISTOGRAM_STEPS, "share %g", shares[i]);
    }
}
