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
static struct schema_column columns[COLUMNS] = {
    {.name = "c0", .missing_group = 0}, {.name = "c1", .missing_group = 7},
    {.name = "c2", .missing_group = 3}, {.name = "c3", .missing_group = 0},
    {.name = "c4", .missing_group = 7}, {.name = "c5", .missing_group = 0}};
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
    cr_assert_eq(scaler_fit(&scaler, DA3D_SCALING_MIN_MAX, rows[0], train, 4), 0);
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
    /* Never missing in training: c0's median of 0 1 2 4, c3's of a constant. */
    expect(&scaler, worst, (double[]){0.375, -2.5, 3.5, 0, -2.5, -2.5, 0, 0});
    scaler_clear(&scaler);
}

Test(scaler, even_median)
{
    static const size_t train[] = {0, 1, 3, 4};
    struct scaler scaler;
    cr_assert_eq(scaler_init(&scaler, &schema), 0);
    cr_assert_eq(scaler_fit(&scaler, DA3D_SCALING_MIN_MAX, rows[0], train, 4), 0);
    /* c1: 10 20 30 90 -> 25; c4: 1 2 5 9 -> 3.5 */
    cr_assert_float_eq(scaler.column[1].fill, 15.0F / 80.0F, 1e-6F);
    cr_assert_float_eq(scaler.column[4].fill, 2.5F / 8.0F, 1e-6F);
    scaler_clear(&scaler);
}

/* c0 numeric; c1 of a b c, at times missing; c2 of x, never missing; c3 without a category. */
static char a[] = "a", b[] = "b", c[] = "c", x[] = "x";
static char *abc[] = {a, b, c}, *just_x[] = {x};
static struct schema_column mixed_columns[] = {
    {.name = "c0"},
    {.name = "c1", .missing_group = 4, .kind = SCHEMA_CATEGORICAL, .n_values = 3, .values = abc},
    {.name = "c2", .kind = SCHEMA_CATEGORICAL, .n_values = 1, .values = just_x},
    {.name = "c3", .kind = SCHEMA_CATEGORICAL},
};
static const struct schema mixed = {"table-v1", 4, mixed_columns};

Test(scaler, categories_are_one_hot_with_an_other)
{
    static const double train[][4] = {{0, 0, 0, 0}, {4, MISSING, 0, 0}, {1, 2, 0, 0}};
    static const size_t all[] = {0, 1, 2};
    struct scaler scaler;
    cr_assert_eq(scaler_init(&scaler, &mixed), 0);
    cr_assert_eq(scaler.n_inputs, 1U + 4U + 2U + 1U + 1U);
    cr_assert_eq(schema_inputs(&mixed), scaler.n_inputs);
    cr_assert_eq(scaler_fit(&scaler, DA3D_SCALING_MIN_MAX, train[0], all, 3), 0);
    const struct {
        double row[4];
        float want[9];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 1, 0, 0, 0, 1, 0, 1, 0}},
        {{4, MISSING, 0, 0}, {1, 0, 0, 0, 0, 1, 0, 1, 1}},
        {{1, 2, 0, 0}, {.25F, 0, 0, 1, 0, 1, 0, 1, 0}},
        {{MISSING, 3, MISSING, MISSING},
         {.25F, 0, 0, 0, 1, 0, 1, 1, 0}},                          /* unseen, never missing */
        {{8, -1, 1e300, HUGE_INPUT}, {2, 0, 0, 0, 1, 0, 1, 1, 0}}, /* no index at all */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float got[9];
        scaler_apply(&scaler, cases[i].row, got);
        cr_expect_eq(memcmp(got, cases[i].want, sizeof got), 0, "case %zu", i);
    }
    scaler_clear(&scaler);
}

Test(schema, finds_categories)
{
    cr_expect_eq(schema_category(&mixed_columns[1], "a"), 0U);
    cr_expect_eq(schema_category(&mixed_columns[1], "c"), 2U);
    cr_expect_eq(schema_category(&mixed_columns[1], "bb"), 3U);
    cr_expect_eq(schema_category(&mixed_columns[3], "a"), 0U);
}

Test(schema, copies_categories)
{
    struct schema copy;
    cr_assert_eq(schema_copy(&copy, &mixed), 0);
    cr_expect_eq(copy.columns[1].n_values, 3U);
    cr_expect_neq(copy.columns[1].values, abc);
    cr_expect_str_eq(copy.columns[1].values[2], "c");
    cr_expect_eq(copy.columns[3].kind, SCHEMA_CATEGORICAL);
    schema_clear(&copy);
}

Test(schema, refuses_bad_categories)
{
    static char empty[] = "", upper[] = "A", control[] = "b\n";
    char *values[] = {a, b};
    struct schema_column column = {
        .name = "c", .kind = SCHEMA_CATEGORICAL, .n_values = 2, .values = values};
    const struct schema one = {"table-v1", 1, &column};
    struct da3d_error error;
    cr_assert_eq(schema_check(&one, &error), 0);
    for (size_t i = 0; i < 4; i++) {
        values[1] = (char *[]){a, empty, upper, control}[i];
        cr_expect_eq(schema_check(&one, &error), -1, "case %zu", i);
    }
    values[1] = b;
    column.kind = SCHEMA_NUMERIC;
    cr_expect_eq(schema_check(&one, &error), -1, "a number has no categories");
}

Test(schema, refuses_what_is_not_well_formed)
{
    struct schema_column two[2] = {{.name = "a"}, {.name = "b"}};
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
