/* The population stability index, against values worked out by hand. */
#include "core/psi.h"

#include <criterion/criterion.h>
#include <math.h>

/* 0 in 70 % of the rows that have a value, 1 to 30 each as often in the others; missing in 20 %. */
static const struct column_summary mostly_zero = {
    .missing = 0.2,
    .quantile = {0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 29, 30},
    .up_to = {0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.8, 0.9, 0.99, 1.0},
};

Test(psi, bins_of_a_number)
{
    static const double shares[] = {0.0, 0.56, 0.08, 0.08, 0.072, 0.008, 0.0, 0.2};
    static const struct {
        double value;
        uint8_t bin;
    } cases[] = {
        {-0.1, 0},
        {0, 1},
        {0.1, 2},
        {10, 2},
        {10.5, 3},
        {20, 3},
        {29, 4},
        {30, 5},
        {31, 6},
        {1e300, 6},
        {(double)INFINITY, 6},
        {(double)NAN, 7},
    };
    const struct schema_column column = {"c", 1, SCHEMA_NUMERIC, 0, NULL};
    struct psi_bins bins;
    cr_assert_eq(psi_bins_init(&bins, &mostly_zero, &column), 0);
    cr_assert_eq(bins.n, 8U);
    for (size_t i = 0; i < 8; i++) {
        cr_expect_lt(fabs(bins.share[i] - shares[i]), 1e-12, "bin %zu: %g", i, bins.share[i]);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(psi_bin(&bins, cases[i].value), cases[i].bin, "%g", cases[i].value);
    }
    psi_bins_clear(&bins);
}

/* Rare categories share a bin; words that training had not have one. */
Test(psi, bins_of_categories)
{
    char a[] = "a", b[] = "b", c[] = "c", d[] = "d", *values[] = {a, b, c, d};
    double shares[] = {0.6, 0.01, 0.38, 0.01, 0.0};
    const struct schema_column column = {"c", 0, SCHEMA_CATEGORICAL, 4, values};
    const struct column_summary summary = {.share = shares};
    struct psi_bins bins;
    cr_assert_eq(psi_bins_init(&bins, &summary, &column), 0);
    cr_assert_eq(bins.n, 5U);
    cr_expect(psi_bin(&bins, 1) == psi_bin(&bins, 3) && psi_bin(&bins, 0) != psi_bin(&bins, 2));
    cr_expect(psi_bin(&bins, 4) == psi_bin(&bins, 99) && psi_bin(&bins, 4) != psi_bin(&bins, 1));
    cr_expect_lt(fabs(bins.share[psi_bin(&bins, 1)] - 0.02), 1e-12);
    psi_bins_clear(&bins);
}

Test(psi, index_by_hand)
{
    struct psi_bins bins = {.n = 3, .share = {0.5, 0.5, 0.0}};
    const uint32_t same[] = {500, 500, 0}, moved[] = {800, 200, 0}, fresh[] = {450, 450, 100};
    const uint32_t none[] = {0, 0, 0};
    cr_expect_eq(psi_index(&bins, same), 0.0);
    cr_expect_lt(fabs(psi_index(&bins, moved) - (0.3 * log(1.6) - 0.3 * log(0.4) - 0.001)), 1e-12);
    cr_expect_lt(fabs(psi_index(&bins, fresh) - (-0.1 * log(0.9) + 0.0999 * log(1000) - 0.001)),
                 1e-12);
    cr_expect_eq(psi_index(&bins, none), 0.0);
}

Test(psi, p_values)
{
    struct psi_bins bins;
    uint32_t counts[PSI_BINS_MAX] = {0};
    double sum = 0;
    psi_bins_uniform(&bins);
    for (uint32_t b = 0; b < bins.n; b++) {
        sum += bins.share[b];
    }
    cr_expect_lt(fabs(sum - 1.0), 1e-12);
    for (int i = 1; i <= 1000; i++) {
        counts[psi_bin(&bins, i / 1000.0)]++;
    }
    cr_expect_eq(psi_index(&bins, counts), 0.0);
}

/* Known or new: (.9 - .98) ln(.9 / .98) + (.1 - .02) ln(.1 / .02) - 1 / 100. */
Test(psi, bins_of_identities)
{
    const struct schema_column column = {"who", 0, SCHEMA_IDENTITY, 0, NULL};
    const struct column_summary summary = {.fresh = 0.02};
    const uint32_t counts[] = {90, 10};
    struct psi_bins bins;
    cr_assert_eq(psi_bins_init(&bins, &summary, &column), 0);
    cr_assert_eq(bins.n, 2U);
    cr_expect(psi_bin(&bins, 0) == 0 && psi_bin(&bins, 1) == 1);
    cr_expect_eq(psi_bin(&bins, (double)NAN), 1, "who is missing is known to nobody");
    cr_expect_lt(fabs(psi_index(&bins, counts) - 0.125568), 1e-6);
    cr_expect_eq(psi_index(&bins, (const uint32_t[]){10000, 0}), 0, "fewer are no news");
    psi_bins_clear(&bins);
}
