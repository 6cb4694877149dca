/* Trimming: a few attacks among the rows that are assumed normal. */
#include "core/trim.h"

#include <criterion/criterion.h>

#include "core_sample.h"

enum {
    COLUMNS = SAMPLE_COLUMNS + 1,
    WHO = SAMPLE_COLUMNS,
    PEERS = 40,
    EVERY = 50,
    DIRTY = 24,
    STRANGER = 777
};

/* The sample with who it was as its last column. One row in EVERY is of another kind, all of them
 * alike: a tight cluster of 2 % of the rows, where other rows never are. */
struct dirty {
    struct schema_column columns[COLUMNS];
    struct schema schema;
    double *rows; /* (SAMPLE_ROWS, COLUMNS) */
};

/* every: EVERY, or another; strangers: so many, who take turns. */
static void dirty_init(struct dirty *d, unsigned every, unsigned strangers)
{
    double *normal = sample_rows(SAMPLE_ROWS, 5);
    d->schema = sample_schema(d->columns);
    d->schema.n_columns = COLUMNS;
    d->columns[WHO] = (struct schema_column){.name = "who", .kind = SCHEMA_IDENTITY};
    d->rows = malloc(SAMPLE_ROWS * COLUMNS * sizeof *d->rows);
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        double *row = d->rows + i * COLUMNS;
        memcpy(row, normal + i * SAMPLE_COLUMNS, SAMPLE_COLUMNS * sizeof *row);
        row[WHO] = (double)(i % PEERS);
        if (i % every == every - 1) {
            row[0] = 22 + row[2];
            row[1] = 20 + row[2];
            row[2] = 0.3 + 0.1 * row[2];
            row[3] = row[4] = (double)NAN;
            row[WHO] = (double)(STRANGER + i / every % strangers);
        }
    }
    free(normal);
}

static struct da3d_model *train(const struct dirty *d, float trim)
{
    struct da3d_config config = da3d_config_default;
    const struct da3d_rows rows = {&d->schema, d->rows, SAMPLE_ROWS};
    struct da3d_model *model = NULL;
    struct da3d_error error = {""};
    config.epochs_aae = 20;
    config.trim = trim;
    config.target_fpr = 0.02F;
    cr_assert_eq(da3d_train(&config, &rows, NULL, &model, &error), 0, "%s", error.text);
    return model;
}

/* The scores of the attacks and of the other rows; returns how many of the first alert. */
static size_t found(const struct da3d_model *model, const struct dirty *d, size_t *false_alarms)
{
    struct da3d_scorer *scorer = da3d_scorer_new(model, 1);
    size_t alerts[2] = {0};
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        struct da3d_score score;
        da3d_score(scorer, d->rows + i * COLUMNS, 1, &score);
        alerts[i % EVERY == EVERY - 1] += score.alert;
    }
    da3d_scorer_free(scorer);
    *false_alarms = alerts[0];
    return alerts[1];
}

Test(trim, who_does_nothing_but_the_odd_stays_unknown)
{
    struct dirty d;
    size_t false_alarms;
    dirty_init(&d, EVERY, 1);
    struct da3d_model *all = train(&d, 0.0F), *trimmed = train(&d, -1.0F);
    cr_expect_eq(da3d_model_config(trimmed)->trim, 0.1F);
    cr_expect_eq(da3d_model_report(all)->rows_refused, 0U);
    cr_expect(da3d_model_knows(all, WHO, STRANGER));
    cr_expect_lt(found(all, &d, &false_alarms), DIRTY / 2U, "what was learned passes");
    cr_expect_eq(da3d_model_report(trimmed)->rows_refused, DIRTY);
    cr_expect(!da3d_model_knows(trimmed, WHO, STRANGER));
    cr_expect_eq(found(trimmed, &d, &false_alarms), DIRTY);
    cr_expect_leq(false_alarms, SAMPLE_ROWS / 25U, "twice the promise, at most");
    for (double who = 0; who < PEERS; who++) {
        cr_expect(da3d_model_knows(trimmed, WHO, who));
    }
    da3d_model_free(all);
    da3d_model_free(trimmed);
    free(d.rows);
}

/* What many do alike, and not rarely, is normal: they vouch for each other, as nobody does for
 * himself. */
Test(trim, what_many_do_is_learned)
{
    struct dirty d;
    dirty_init(&d, 8, DIRTY);
    struct da3d_model *model = train(&d, -1.0F);
    cr_expect_eq(da3d_model_report(model)->rows_refused, 0U);
    for (double who = STRANGER; who < STRANGER + DIRTY; who++) {
        cr_expect(da3d_model_knows(model, WHO, who));
    }
    da3d_model_free(model);
    free(d.rows);
}

/* Each row is judged by the others of a half that chance makes; nobody is refused. */
Test(trim, without_identities_views_alone_leave_rows_out)
{
    struct dirty d;
    size_t false_alarms;
    dirty_init(&d, EVERY, 1);
    d.columns[WHO].kind = SCHEMA_NUMERIC;
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        d.rows[i * COLUMNS + WHO] = 0.5;
    }
    struct da3d_model *open = train(&d, -1.0F), *all = train(&d, 0.0F), *trimmed = train(&d, 0.1F);
    size_t size[3];
    uint8_t *bytes[] = {da3d_model_encode(open, &size[0]), da3d_model_encode(all, &size[1]),
                        da3d_model_encode(trimmed, &size[2])};
    cr_expect(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0, "not by default");
    cr_expect_eq(da3d_model_report(trimmed)->rows_refused, 0U);
    const size_t before = found(all, &d, &false_alarms);
    cr_expect_geq(found(trimmed, &d, &false_alarms), before);
    cr_expect(size[1] != size[2] || memcmp(bytes[1], bytes[2], size[1]) != 0);
    for (size_t i = 0; i < 3; i++) {
        free(bytes[i]);
    }
    da3d_model_free(open);
    da3d_model_free(all);
    da3d_model_free(trimmed);
    free(d.rows);
}

/* One identity in all rows: the other half is empty, nobody can judge. */
Test(trim, nobody_judges_where_all_are_the_same)
{
    struct dirty d;
    dirty_init(&d, EVERY, 1);
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        d.rows[i * COLUMNS + WHO] = 3;
    }
    struct da3d_model *model = train(&d, -1.0F);
    cr_expect_eq(da3d_model_report(model)->rows_refused, 0U);
    cr_expect(da3d_model_knows(model, WHO, 3));
    da3d_model_free(model);
    free(d.rows);
}
