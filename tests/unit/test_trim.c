/* Trimming: a few attacks among the rows that are assumed normal. */
#include "core/trim.h"

#include <criterion/criterion.h>
#include <inttypes.h>

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

static struct da3d_config config_of(float trim)
{
    struct da3d_config config = da3d_config_default;
    config.epochs_aae = 20;
    config.trim = trim;
    config.target_fpr = 0.02F;
    return config;
}

static struct da3d_model *train_as(const struct dirty *d, const struct da3d_config *config)
{
    const struct da3d_rows rows = {&d->schema, d->rows, SAMPLE_ROWS};
    struct da3d_model *model = NULL;
    struct da3d_error error = {""};
    cr_assert_eq(da3d_train(config, &rows, NULL, &model, &error), 0, "%s", error.text);
    return model;
}

static struct da3d_model *train(const struct dirty *d, float trim)
{
    const struct da3d_config config = config_of(trim);
    return train_as(d, &config);
}

/* Of a row. */
static float logit_of(const struct da3d_model *model, const struct dirty *d, size_t row)
{
    struct da3d_scorer *scorer = da3d_scorer_new(model, 1);
    struct da3d_score score;
    da3d_score(scorer, d->rows + row * COLUMNS, 1, &score);
    da3d_scorer_free(scorer);
    return score.logit;
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
    const uint64_t held_out = da3d_model_report(all)->rows_holdout;
    const uint64_t normal = da3d_model_report(trimmed)->rows_holdout;
    cr_expect(held_out == 240 && normal < held_out && normal > held_out - DIRTY,
              "%" PRIu64 " set the threshold: some of the refused are held out, one of them counts",
              normal);
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

/* Somebody has judged them already, as those of a spool. */
Test(trim, rows_that_were_judged_are_taken)
{
    struct dirty d;
    struct da3d_config config = config_of(-1.0F);
    dirty_init(&d, EVERY, 1);
    config.judged = true;
    struct da3d_model *model = train_as(&d, &config), *all = train(&d, 0.0F);
    cr_expect_eq(da3d_model_config(model)->trim, 0.1F, "the next capture is trimmed");
    cr_expect(da3d_model_knows(model, WHO, STRANGER));
    cr_expect_eq(logit_of(model, &d, EVERY - 1), logit_of(all, &d, EVERY - 1));
    da3d_model_free(model);
    da3d_model_free(all);
    free(d.rows);
}

/* Nobody is refused where nobody is asked for. */
Test(trim, without_novelty_nobody_is_refused)
{
    struct dirty d;
    struct da3d_config config = config_of(0.1F);
    dirty_init(&d, EVERY, 1);
    config.views &= ~(1U << DA3D_VIEW_NOVELTY);
    struct da3d_model *model = train_as(&d, &config);
    cr_expect_eq(da3d_model_report(model)->rows_refused, 0U);
    cr_expect_eq(da3d_model_report(model)->rows_holdout, 240U);
    da3d_model_free(model);
    free(d.rows);
}

/* Each row is judged by the others of a half that chance makes; nobody is refused. */
Test(trim, without_identities_views_alone_leave_rows_out)
{
    struct dirty d;
    dirty_init(&d, EVERY, 1);
    d.columns[WHO].kind = SCHEMA_NUMERIC;
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        d.rows[i * COLUMNS + WHO] = 0.5;
    }
    struct da3d_model *open = train(&d, -1.0F), *all = train(&d, 0.0F), *trimmed = train(&d, 0.1F);
    const float learned = logit_of(all, &d, EVERY - 1);
    cr_expect_eq(logit_of(open, &d, EVERY - 1), learned, "not by default");
    cr_expect_gt(logit_of(trimmed, &d, EVERY - 1), learned + 0.5F);
    cr_expect_eq(da3d_model_report(trimmed)->rows_refused, 0U);
    da3d_model_free(open);
    da3d_model_free(all);
    da3d_model_free(trimmed);
    free(d.rows);
}

/* One identity in all rows: the other half is empty, nobody can judge, and nothing is left out. */
Test(trim, nobody_judges_where_all_are_the_same)
{
    struct dirty d;
    dirty_init(&d, EVERY, 1);
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        d.rows[i * COLUMNS + WHO] = 3;
    }
    struct da3d_model *model = train(&d, -1.0F), *all = train(&d, 0.0F);
    cr_expect_eq(da3d_model_report(model)->rows_refused, 0U);
    cr_expect(da3d_model_knows(model, WHO, 3));
    cr_expect_eq(logit_of(model, &d, EVERY - 1), logit_of(all, &d, EVERY - 1));
    da3d_model_free(model);
    da3d_model_free(all);
    free(d.rows);
}

/* Half of all rows are trimmed, and most of one half's are: the second time it has too few to judge
 * by, and what the first said stands. */
Test(trim, judges_may_run_out)
{
    struct dirty d;
    dirty_init(&d, EVERY, 1);
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        d.rows[i * COLUMNS + WHO] = i % 8 == 0;
    }
    struct da3d_model *model = train(&d, 0.5F);
    cr_expect(isfinite(logit_of(model, &d, 0)) && isfinite(logit_of(model, &d, EVERY - 1)));
    da3d_model_free(model);
    free(d.rows);
}
