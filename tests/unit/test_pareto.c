/* The generalised Pareto distribution: against independent values (tests/golden/pareto_numpy.py),
 * and properties. */
#include "core/pareto.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "tests/golden/pareto_values.h"

enum { ROWS_MAX = 1000 };

/* The golden script's sample, ascending: exact quantiles, moved by a fixed pattern. */
static void make_sample(double *excess, size_t n, const struct pareto *pareto, double seed)
{
    for (size_t i = 0; i < n; i++) {
        const double step = (double)i + 0.5 + 0.4 * sin(seed + 3.7 * (double)i);
        excess[n - 1 - i] = pareto_excess(pareto, step / (double)n);
    }
}

static void expect_near(double got, double want, const char *what, size_t i)
{
    cr_expect(fabs(got - want) <= 1e-9 * fmax(1.0, fabs(want)),
              "%s of sample %zu: %.15g, not %.15g", what, i, got, want);
}

Test(pareto, fits_as_independent_code_does)
{
    for (size_t i = 0; i < sizeof pareto_values / sizeof pareto_values[0]; i++) {
        const struct pareto made = {pareto_values[i].shape, pareto_values[i].scale};
        struct pareto pareto;
        double excess[ROWS_MAX];
        make_sample(excess, pareto_values[i].n, &made, pareto_values[i].seed);
        cr_assert(pareto_fit(&pareto, excess, pareto_values[i].n));
        expect_near(pareto.shape, pareto_values[i].fitted_shape, "shape", i);
        expect_near(pareto.scale, pareto_values[i].fitted_scale, "scale", i);
        expect_near(pareto_misfit(&pareto, excess, pareto_values[i].n), pareto_values[i].misfit,
                    "A^2", i);
        expect_near(pareto_beyond(&pareto, 2.0), pareto_values[i].beyond_2, "P(excess > 2)", i);
    }
}

Test(pareto, excess_is_the_inverse)
{
    for (double shape = -0.8; shape < 1.0; shape += 0.1) {
        const struct pareto pareto = {fabs(shape) < 1e-9 ? 0.0 : shape, 0.7};
        cr_expect_eq(pareto_beyond(&pareto, 0.0), 1.0);
        for (double p = 1.0; p > 1e-9; p /= 3.0) {
            const double y = pareto_excess(&pareto, p);
            cr_expect_lt(fabs(pareto_beyond(&pareto, y) / p - 1.0), 1e-6, "shape %g, p %g", shape,
                         p);
        }
    }
}

/* Where shapes vanish, the exponential distribution. */
Test(pareto, shapes_near_zero_agree)
{
    for (double y = 0.0; y < 20.0; y += 0.5) {
        const struct pareto zero = {0.0, 2.0}, near = {2e-6, 2.0};
        cr_expect_lt(fabs(log(pareto_beyond(&zero, y) / pareto_beyond(&near, y))), 1e-3);
        cr_expect_lt(fabs(pareto_beyond(&zero, y) - exp(-y / 2.0)), 1e-15);
    }
}

Test(pareto, what_cannot_be_has_no_share_and_the_worst_fit)
{
    const struct pareto bounded = {-0.5, 1.0}; /* up to 2 */
    const double excess[] = {0.1, 0.5, 2.5};
    cr_expect_eq(pareto_beyond(&bounded, 2.5), 0.0);
    cr_expect(isinf(pareto_misfit(&bounded, excess, 3)));
}

/* All alike, or nearly: no numbers that are none. */
Test(pareto, hard_samples)
{
    static const double samples[][4] = {
        {1, 1, 1, 1}, {1e-300, 1e-300, 1e-300, 1}, {1, 1, 1, 1e300}, {1e-9, 1, 2, 3}};
    for (size_t i = 0; i < 4; i++) {
        struct pareto pareto;
        if (pareto_fit(&pareto, samples[i], 4)) {
            cr_expect(isfinite(pareto.shape) && pareto.scale > 0.0, "sample %zu", i);
            cr_expect_not(isnan(pareto_misfit(&pareto, samples[i], 4)), "sample %zu", i);
        }
    }
}
