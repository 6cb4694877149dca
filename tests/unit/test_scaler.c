#include "core/scaler.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/schema.h"

enum { COLUMNS = 6 };

#define MISSING    ((double)NAN)
#define HUGE_INPUT ((double)INFINITY)

/* Groups: c1 and c4 share 7, c2 has 3, the others are never missing. */
static struct schema_column columns[COLUMNS] = {{"c0", 0}, {"c1", 7}, {"c2", 3},
                                                {"c3", 0}, {"c4", 7}, {"c5", 0}};
static const struct schema schema = {"test-v1", COLUMNS, columns};

static const double rows[5][COLUMNS] = {
    {0, 10, MISSING, 4, 1, -1e308},
    {2, 20, MISSING, 4, 2, 1e308},
    {4, MISSING, MISSING, 4, MISSING, 0},
    {1000, 90, MISSING, 4, 5, 0}, /* not in the training rows below */
    {1, 30, MISSING, 4, 9, 0},
};

static struct scaler fitted(void)
{
    static const size_t train[] = {0, 1, 2, 4};
    struct scaler scaler;
    cr_assert_eq(scaler_init(&scaler, &schema), 0);
    cr_assert_eq(scaler_fit(&scaler, rows[0], train, 4), 0);
    return scaler;
}

static void expect(const struct scaler *scaler, const double *row, const double want[8])
{
    float x[8];
    scaler_apply(scaler, row, x);
    for (size_t i = 0; i < 8; i++) {
        cr_assert_lt(fabs((double)x[i] - want[i]), 1e-6, "input %zu: %g, not %g", i, (double)x[i],
                     want[i]);
    }
}

Test(scaler, inputs_are_columns_and_groups)
{
    struct scaler scaler = fitted();
    cr_assert_eq(scaler.n_inputs, COLUMNS + 2U);
    cr_assert_eq(scaler.column[1].indicator, 6U);
    cr_assert_eq(scaler.column[4].indicator, 6U);
    cr_assert_eq(scaler.column[2].indicator, 7U);
    cr_assert_eq(scaler.column[0].indicator, 0U);
    scaler_clear(&scaler);
}

Test(scaler, training_rows)
{
    struct scaler scaler = fitted();
    expect(&scaler, rows[0], (double[]){0, 0, 0, 0, 0, 0, 0, 1});
    expect(&scaler, rows[1], (double[]){0.5, 0.5, 0, 0, 0.125, 1, 0, 1});
    /* Medians: c1 of 10 20 30, c4 of 1 2 9. */
    expect(&scaler, rows[2], (double[]){1, 0.5, 0, 0, 0.125, 0.5, 1, 1});
    expect(&scaler, rows[4], (double[]){0.25, 1, 0, 0, 1, 0.5, 0, 1});
    scaler_clear(&scaler);
}

Test(scaler, beyond_the_training_rows)
{
    struct scaler scaler = fitted();
    const double far[] = {8, -1e9, 5, 77, HUGE_INPUT, DBL_MAX};
    expect(&scaler, far, (double[]){2, -2.5, 3.5, 3.5, 3.5, DBL_MAX / 1e308 / 2 + 0.5, 0, 0});
    const double worst[] = {MISSING, -HUGE_INPUT, HUGE_INPUT, MISSING, -DBL_MAX, -HUGE_INPUT};
    expect(&scaler, worst, (double[]){0, -2.5, 3.5, 0, -2.5, -2.5, 0, 0});
    scaler_clear(&scaler);
}

Test(scaler, even_median)
{
    static const size_t train[] = {0, 1, 3, 4};
    struct scaler scaler;
    cr_assert_eq(scaler_init(&scaler, &schema), 0);
    cr_assert_eq(scaler_fit(&scaler, rows[0], train, 4), 0);
    /* c1: 10 20 30 90 -> 25; c4: 1 2 5 9 -> 3.5 */
    cr_assert_float_eq(scaler.column[1].fill, 15.0F / 80.0F, 1e-6F);
    cr_assert_float_eq(scaler.column[4].fill, 2.5F / 8.0F, 1e-6F);
    scaler_clear(&scaler);
}

Test(schema, refuses_what_is_not_well_formed)
{
    struct schema_column two[2] = {{"a", 0}, {"b", 0}};
    struct schema good = {"set-v1", 2, two}, s = good;
    struct da3d_error error;
    cr_assert_eq(schema_check(&good, &error), 0);
    s.n_columns = 0;
    cr_assert_eq(schema_check(&s, &error), -1);
    s.n_columns = SCHEMA_COLUMNS_MAX + 1;
    cr_assert_eq(schema_check(&s, &error), -1);
    strcpy(two[1].name, "a");
    cr_assert_eq(schema_check(&good, &error), -1);
    cr_assert(strstr(error.text, "'a'") != NULL);
    strcpy(two[1].name, "b\n");
    cr_assert_eq(schema_check(&good, &error), -1);
    two[1].name[0] = '\0';
    cr_assert_eq(schema_check(&good, &error), -1);
    memset(two[1].name, 'x', SCHEMA_NAME_MAX);
    cr_assert_eq(schema_check(&good, &error), -1);
    strcpy(two[1].name, "b");
    good.set[0] = '\0';
    cr_assert_eq(schema_check(&good, &error), -1);
}
