/* Normal scores of ranks: against values worked out by hand, and properties. */
#include "core/rank_gauss.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

static void expect_score(const struct rank_gauss *rg, double x, double want)
{
    float got = rank_gauss_apply(rg, x);
    cr_assert_lt(fabs((double)got - want), 1e-5, "score of %g: %g, not %g", x, (double)got, want);
}

/* Quantiles from tables. */
Test(rank_gauss, quantiles)
{
    static const double cases[][2] = {
        {0.5, 0.0},           {0.975, 1.959963985},  {0.025, -1.959963985},
        {0.999, 3.090232306}, {0.001, -3.090232306}, {0.6, 0.253347103},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_lt(fabs(normal_quantile(cases[i][0]) - cases[i][1]), 1e-8);
    }
}

/* 1 2 2 3: mid-ranks 1/8, 1/2, 7/8 of four. */
Test(rank_gauss, ties_share_their_middle_rank)
{
    static const double sorted[] = {1, 2, 2, 3};
    struct rank_gauss rg;
    cr_assert_eq(rank_gauss_fit(&rg, sorted, 4), 0);
    cr_assert_eq(rg.n, 3U);
    expect_score(&rg, 1, -1.150349380);
    expect_score(&rg, 2, 0.0);
    expect_score(&rg, 3, 1.150349380);
    expect_score(&rg, 2.5, 0.575174690);
    expect_score(&rg, 5, 1.150349380 + log(2.0)); /* one range beyond */
    expect_score(&rg, -1, -1.150349380 - log(2.0));
    rank_gauss_clear(&rg);
}

Test(rank_gauss, few_values)
{
    static const double two[] = {4, 4, 4, 9}, one[] = {7, 7};
    struct rank_gauss rg;
    cr_assert_eq(rank_gauss_fit(&rg, two, 4), 0);
    expect_score(&rg, 4, 0.0);
    expect_score(&rg, 9, 1.0);
    expect_score(&rg, 14, 1.0 + log(2.0));
    rank_gauss_clear(&rg);
    cr_assert_eq(rank_gauss_fit(&rg, one, 2), 0);
    expect_score(&rg, 7, 0.0);
    expect_score(&rg, 8, log(2.0));
    rank_gauss_clear(&rg);
    cr_assert_eq(rank_gauss_fit(&rg, one, 0), 0);
    expect_score(&rg, 7, 0.0);
    rank_gauss_clear(&rg);
}

/* A heavy tail of many values: bounded knots, which stay near the exact score. */
Test(rank_gauss, knots_are_bounded_and_near)
{
    enum { N = 20000 };
    static double sorted[N];
    struct rank_gauss rg;
    for (size_t i = 0; i < N; i++) {
        sorted[i] = pow(1.0 - ((double)i + 0.5) / N, -2.0);
    }
    cr_assert_eq(rank_gauss_fit(&rg, sorted, N), 0);
    cr_assert(rg.n > RANK_GAUSS_KNOTS / 2 && rg.n <= RANK_GAUSS_KNOTS);
    float last = -INFINITY;
    for (size_t i = 0; i < N; i++) {
        double exact = normal_quantile(fmin(fmax(((double)i + 0.5) / N, 0.001), 0.999));
        float got = rank_gauss_apply(&rg, sorted[i]);
        cr_assert(got >= last);
        cr_assert_lt(fabs((double)got - exact), 0.04, "value %zu: %g, not %g", i, (double)got,
                     exact);
        last = got;
    }
    rank_gauss_clear(&rg);
}

Test(rank_gauss, anything_stays_within_the_limit)
{
    static const double sorted[] = {-DBL_MAX, 0, 1, DBL_MAX};
    static const double any[] = {(double)-INFINITY, -DBL_MAX, -1e300,  0,
                                 DBL_MIN,           1e300,    DBL_MAX, (double)INFINITY};
    struct rank_gauss rg;
    cr_assert_eq(rank_gauss_fit(&rg, sorted, 4), 0);
    for (size_t i = 0; i < sizeof any / sizeof any[0]; i++) {
        float got = rank_gauss_apply(&rg, any[i]);
        cr_assert(got >= -RANK_GAUSS_LIMIT && got <= RANK_GAUSS_LIMIT);
    }
    rank_gauss_clear(&rg);
}
