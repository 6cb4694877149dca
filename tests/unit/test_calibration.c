/* From logits to p-values, and the distribution of the highest. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "core/ascending.h"
#include "core/calibration.h"
#include "core/rng.h"

static struct calibration fitted(float *logits, size_t n, double target)
{
    struct calibration c;
    cr_assert_eq(calibration_fit(&c, logits, n, target), 0);
    cr_assert_leq(calibration_p_value(&c, c.threshold), target + (n < 100 ? 1.0 : 0.0));
    return c;
}

Test(calibration, by_hand)
{
    float logits[] = {5, 1, 4, 2, 3, 10, 9, 8, 7, 6};
    struct calibration c = fitted(logits, 10, 3.0 / 11.0);
    cr_assert_eq(c.threshold, 9.0F);
    cr_assert_eq(calibration_p_value(&c, 9.0F), 3.0 / 11.0);
    cr_assert_eq(calibration_p_value(&c, 9.5F), 2.0 / 11.0);
    cr_assert_eq(calibration_p_value(&c, 99.0F), 1.0 / 11.0);
    cr_assert_eq(calibration_p_value(&c, -99.0F), 1.0);
    cr_assert_not(c.tail.used, "rows are few");
    calibration_clear(&c);
}

Test(calibration, ties_and_tiny_holdouts_keep_the_promise)
{
    float tied[] = {1, 2, 3, 3, 3, 3, 3, 3, 4, 5};
    struct calibration c = fitted(tied, 10, 0.5); /* 4 allowed, but the threes come together */
    cr_assert_eq(c.threshold, 4.0F);
    calibration_clear(&c);
    float same[] = {2, 2, 2, 2};
    c = fitted(same, 4, 0.5);
    cr_assert(c.threshold > 2.0F && c.threshold < 2.001F);
    calibration_clear(&c);
    float one[] = {-3};
    c = fitted(one, 1, 0.01);
    cr_assert(c.threshold > -3.0F && c.threshold < -2.99F);
    calibration_clear(&c);
}

/* n logits of the logistic distribution: its tail is exponential. */
static float *logistic(size_t n, uint64_t seed)
{
    float *logits = malloc(n * sizeof *logits);
    struct rng rng;
    rng_init(&rng, seed, 0);
    for (size_t i = 0; i < n; i++) {
        const double u = ((double)(rng_u64(&rng) >> 11) + 0.5) * 0x1p-53;
        logits[i] = (float)log(u / (1.0 - u));
    }
    return logits;
}

Test(calibration, many_rows_are_thinned_evenly)
{
    enum { N = 50000 };
    float *logits = logistic(N, 1);
    struct calibration c = fitted(logits, N, 0.001);
    cr_assert(c.n == CALIBRATION_ROWS_MAX && ascending_is(c.normals, c.n));
    cr_assert(c.normals[0] == logits[0] && c.normals[c.n - 1] == logits[N - 1]);
    for (float x = -6; x < 3; x += 0.1F) {
        cr_expect_lt(fabs(calibration_p_value(&c, x) - 1.0 / (1.0 + exp((double)x))), 0.01);
    }
    free(logits);
    calibration_clear(&c);
}

/* Beyond the highest row, too; and never higher for a higher logit. */
Test(calibration, the_tail_is_extrapolated)
{
    double sum = 0.0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        float *logits = logistic(5000, seed);
        struct calibration c = fitted(logits, 5000, 1e-3);
        double before = 1.0;
        cr_assert(c.tail.used, "seed %lu: A^2 %g", (unsigned long)seed, c.tail.misfit);
        cr_assert(c.tail.rows == 500 && fabs(c.tail.share - 0.1) < 1e-3);
        for (float x = -10; x < 50; x += 0.01F) {
            const double p = calibration_p_value(&c, x);
            cr_assert(p > 0.0 && p <= before, "seed %lu, logit %g", (unsigned long)seed, (double)x);
            before = p;
        }
        const double off = log(calibration_p_value(&c, 6.906755F) / 1e-3);
        cr_expect_lt(fabs(off), log(3.0), "seed %lu: %g", (unsigned long)seed, off);
        sum += off;
        cr_expect_lt(calibration_p_value(&c, nextafterf(c.threshold, 100.0F)), 1e-3);
        cr_expect_gt(calibration_p_value(&c, c.threshold - 0.001F), 1e-3);
        free(logits);
        calibration_clear(&c);
    }
    cr_expect_lt(fabs(sum / 20), log(1.2), "on the mean");
}

/* Steps are no such distribution: as many rows say. */
Test(calibration, a_tail_of_another_kind_is_not_used)
{
    float *logits = logistic(2000, 3);
    for (size_t i = 0; i < 2000; i++) {
        logits[i] = floorf(logits[i]);
    }
    struct calibration c = fitted(logits, 2000, 0.01);
    cr_assert_not(c.tail.used, "A^2 %g", c.tail.misfit);
    cr_assert_eq(calibration_p_value(&c, 1000.0F), 1.0 / 2001.0);
    free(logits);
    calibration_clear(&c);
}
