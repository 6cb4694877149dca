/* Contributions: they add up, they name what is odd, they follow their column. */
#include <criterion/criterion.h>

#include "core/rank_gauss.h"
#include "core/scaler.h"
#include "core_sample.h"

enum { COLUMNS_MAX = SAMPLE_COLUMNS + 1, COLOURS = 3, EVERY = 40 };

static char *colours[COLOURS] = {(char[]){"blue"}, (char[]){"green"}, (char[]){"red"}};

/* The sample with a category behind its numbers: blue, in each fourth row green, never red. */
struct sample {
    struct schema_column columns[COLUMNS_MAX];
    struct schema schema;
    double *values; /* (SAMPLE_ROWS, COLUMNS_MAX) */
};

static struct sample sample_new(void)
{
    static struct sample s;
    double *numbers = sample_rows(SAMPLE_ROWS, 3);
    s.schema = sample_schema(s.columns);
    s.schema.n_columns = COLUMNS_MAX;
    s.columns[SAMPLE_COLUMNS] = (struct schema_column){
        .name = "colour", .kind = SCHEMA_CATEGORICAL, .n_values = COLOURS, .values = colours};
    s.values = malloc(SAMPLE_ROWS * COLUMNS_MAX * sizeof *s.values);
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        memcpy(s.values + i * COLUMNS_MAX, numbers + i * SAMPLE_COLUMNS,
               SAMPLE_COLUMNS * sizeof *numbers);
        s.values[i * COLUMNS_MAX + SAMPLE_COLUMNS] = i % 4 == 0;
    }
    free(numbers);
    return s;
}

static struct da3d_model *train(const struct sample *s, const struct da3d_config *config)
{
    struct da3d_model *model = NULL;
    struct da3d_error error;
    const struct da3d_rows rows = {&s->schema, s->values, SAMPLE_ROWS};
    cr_assert_eq(da3d_train(config, &rows, NULL, &model, &error), 0, "%s", error.text);
    return model;
}

static struct da3d_config config_of(uint32_t views)
{
    struct da3d_config config =
        views == 1U << DA3D_VIEW_ALARM ? sample_config() : da3d_config_default;
    config.views = views;
    config.epochs_aae = config.epochs_alarm = 3;
    return config;
}

static const uint32_t view_sets[] = {
    1U << DA3D_VIEW_ALARM,
    1U << DA3D_VIEW_RESIDUAL,
    1U << DA3D_VIEW_RESIDUAL | 1U << DA3D_VIEW_PROTOTYPES | 1U << DA3D_VIEW_COMPONENTS,
    (1U << DA3D_VIEW_COUNT) - 1,
};

/* Of normal rows, and of the same with a number, a missing group or a category that is odd. */
static void spoil(double *row, size_t i)
{
    row[0] += i % 4 == 1 ? 30.0 : 0.0;
    row[3] = row[4] = i % 4 == 2 ? (double)NAN : row[4];
    row[SAMPLE_COLUMNS] = i % 4 == 3 ? COLOURS - 1 : row[SAMPLE_COLUMNS];
}

static void expect_sum(struct da3d_explainer *explainer, struct da3d_scorer *scorer,
                       const double *row, uint32_t views)
{
    struct da3d_reason all[COLUMNS_MAX], top[2];
    struct da3d_score score;
    double sum = 0.0;
    da3d_score(scorer, row, 1, &score);
    cr_assert_eq(da3d_explain(explainer, row, all, COLUMNS_MAX + 5), COLUMNS_MAX);
    for (size_t k = 0; k < COLUMNS_MAX; k++) {
        sum += all[k].contribution;
        cr_assert(k == 0 || all[k - 1].contribution >= all[k].contribution);
        cr_assert(all[k].value == row[all[k].column] || isnan(row[all[k].column]));
    }
    double difference = (double)score.logit - (double)da3d_explain_baseline(explainer);
    cr_assert_lt(fabs(sum - difference), 1e-3 * (1.0 + fabs(difference)), "views %u: %g, not %g",
                 views, sum, difference);
    cr_assert_eq(da3d_explain(explainer, row, top, 2), 2);
    cr_assert(top[0].column == all[0].column && top[1].column == all[1].column);
}

Test(explain, contributions_add_up_for_all_views)
{
    struct sample s = sample_new();
    for (size_t v = 0; v < sizeof view_sets / sizeof *view_sets; v++) {
        const struct da3d_config config = config_of(view_sets[v]);
        struct da3d_model *model = train(&s, &config);
        struct da3d_explainer *explainer = da3d_explainer_new(model);
        struct da3d_scorer *scorer = da3d_scorer_new(model, 1);
        for (size_t i = 0; i < SAMPLE_ROWS; i += EVERY + 1) {
            double row[COLUMNS_MAX];
            memcpy(row, s.values + i * COLUMNS_MAX, sizeof row);
            spoil(row, i);
            expect_sum(explainer, scorer, row, view_sets[v]);
        }
        da3d_explainer_free(explainer);
        da3d_scorer_free(scorer);
        da3d_model_free(model);
    }
    free(s.values);
}

static void expect_first(struct da3d_explainer *explainer, const double *row, uint32_t column)
{
    struct da3d_reason top;
    cr_assert_eq(da3d_explain(explainer, row, &top, 1), 1);
    cr_assert_eq(top.column, column, "column %u, not %u", top.column, column);
    cr_assert_gt(top.contribution, 0.0);
}

/* A category counts as one column, whatever it has of inputs. */
Test(explain, names_what_is_odd)
{
    struct sample s = sample_new();
    const struct da3d_config config = config_of(da3d_config_default.views);
    struct da3d_model *model = train(&s, &config);
    struct da3d_explainer *explainer = da3d_explainer_new(model);
    double row[COLUMNS_MAX];
    memcpy(row, s.values, sizeof row);
    row[2] = 40.0;
    expect_first(explainer, row, 2);
    memcpy(row, s.values, sizeof row);
    row[SAMPLE_COLUMNS] = COLOURS - 1;
    expect_first(explainer, row, SAMPLE_COLUMNS);
    da3d_explainer_free(explainer);
    da3d_model_free(model);
    free(s.values);
}

/* The sample's numbers that are never missing, in that order. */
enum { FEW = 3 };
static struct sample sample_of(const size_t order[FEW])
{
    struct sample s = sample_new();
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        double row[COLUMNS_MAX];
        memcpy(row, s.values + i * COLUMNS_MAX, sizeof row);
        for (size_t c = 0; c < FEW; c++) {
            s.values[i * FEW + c] = row[order[c]];
        }
    }
    s.schema.n_columns = FEW;
    return s;
}

static void contributions_of(const struct da3d_model *model, const double *row, double *out)
{
    struct da3d_explainer *explainer = da3d_explainer_new(model);
    struct da3d_reason reasons[FEW];
    cr_assert_eq(da3d_explain(explainer, row, reasons, FEW), FEW);
    for (size_t k = 0; k < FEW; k++) {
        out[reasons[k].column] = reasons[k].contribution;
    }
    da3d_explainer_free(explainer);
}

/* Principal components do not mind the order of columns. */
Test(explain, contributions_follow_their_column)
{
    static const size_t as_is[FEW] = {0, 1, 2}, order[FEW] = {2, 0, 1};
    const double row[FEW] = {15.0, 40.0, 0.5}, moved[FEW] = {0.5, 15.0, 40.0};
    const struct da3d_config config = config_of(1U << DA3D_VIEW_COMPONENTS);
    struct sample a = sample_of(as_is), b = sample_of(order);
    struct da3d_model *of_a = train(&a, &config), *of_b = train(&b, &config);
    double in_a[FEW], in_b[FEW];
    contributions_of(of_a, row, in_a);
    contributions_of(of_b, moved, in_b);
    for (size_t c = 0; c < FEW; c++) {
        cr_assert_lt(fabs(in_b[c] - in_a[order[c]]), 0.01, "%g, not %g", in_b[c], in_a[order[c]]);
    }
    da3d_model_free(of_a);
    da3d_model_free(of_b);
    free(a.values);
    free(b.values);
}

/* Rows lie around c0 = 10 and 20; in each fourth c3 and c4 are missing. */
Test(explain, nearest_rows_are_alike)
{
    struct sample s = sample_new();
    const struct da3d_config config = config_of(da3d_config_default.views);
    struct da3d_model *model = train(&s, &config);
    struct da3d_explainer *explainer = da3d_explainer_new(model);
    double near[DA3D_NEAREST][COLUMNS_MAX];
    for (size_t i = 0; i < 8; i++) {
        const double *row = s.values + i * COLUMNS_MAX;
        cr_assert_eq(da3d_explain_nearest(explainer, row, near[0], 9), DA3D_NEAREST);
        cr_assert_lt(fabs(near[0][0] - row[0]), 3.0, "%g, not %g", near[0][0], row[0]);
        cr_assert_eq(isnan(near[0][3]), isnan(row[3]));
        cr_assert_eq(near[0][SAMPLE_COLUMNS], row[SAMPLE_COLUMNS]);
    }
    da3d_explainer_free(explainer);
    da3d_model_free(model);
    free(s.values);
}

Test(rank_gauss, invert_is_the_way_back)
{
    static double sorted[1000];
    struct rank_gauss rg;
    for (size_t i = 0; i < 1000; i++) {
        sorted[i] = exp(0.01 * (double)i);
    }
    cr_assert_eq(rank_gauss_fit(&rg, sorted, 1000), 0);
    for (double x = -5.0; x < 40000.0; x = x * 1.1 + 1.0) {
        double back = rank_gauss_invert(&rg, (double)rank_gauss_apply(&rg, x));
        cr_assert_lt(fabs(back - x), 1e-2 * (1.0 + fabs(x)), "%g, not %g", back, x);
    }
    rank_gauss_clear(&rg);
}
