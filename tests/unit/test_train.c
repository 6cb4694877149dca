/* da3d_train(): what it learns, what it refuses, what it leaves alone. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/da3d.h"
#include "core/metrics.h"
#include "tests/unit/core_sample.h"

struct run {
    struct schema_column columns[SAMPLE_COLUMNS];
    struct schema schema;
    struct da3d_config config;
    double *rows;
    size_t n;
    struct da3d_model *model;
    struct da3d_error error;
};

static struct run *new_run(void)
{
    struct run *r = calloc(1, sizeof *r);
    cr_assert_not_null(r);
    r->schema = sample_schema(r->columns);
    r->config = sample_config();
    r->n = SAMPLE_ROWS;
    r->rows = sample_rows(r->n, 1);
    cr_assert_not_null(r->rows);
    return r;
}

static int train(struct run *r, const struct da3d_watch *watch)
{
    struct da3d_rows rows = {&r->schema, r->rows, r->n};

    return da3d_train(&r->config, &rows, watch, &r->model, &r->error);
}

static void free_run(struct run *r)
{
    da3d_model_free(r->model);
    free(r->rows);
    free(r);
}

/* The model's bytes, and frees the run. */
static uint8_t *bytes_of(struct run *r, size_t *size)
{
    uint8_t *bytes;
    cr_assert_eq(train(r, NULL), 0, "%s", r->error.text);
    bytes = da3d_model_encode(r->model, size);
    cr_assert_not_null(bytes);
    free_run(r);
    return bytes;
}

static bool same_model(struct run *a, struct run *b)
{
    size_t m, n;
    uint8_t *x = bytes_of(a, &m), *y = bytes_of(b, &n);
    bool same = m == n && memcmp(x, y, m) == 0;
    free(x);
    free(y);
    return same;
}

Test(train, same_seed_same_bytes)
{
    cr_assert(same_model(new_run(), new_run()));
}

/* Of 800 rows a batch has three slices, the last batch, of 160, one. */
static struct run *new_run_with_threads(uint32_t threads)
{
    struct run *r = new_run();
    r->config.batch = 800;
    r->config.threads = threads;
    return r;
}

Test(train, any_number_of_threads_same_bytes)
{
    for (uint32_t threads = 2; threads <= 4; threads++) {
        cr_assert(same_model(new_run_with_threads(1), new_run_with_threads(threads)), "%u threads",
                  threads);
    }
}

Test(train, another_seed_another_model)
{
    struct run *other = new_run();
    other->config.seed = 2;
    cr_assert_not(same_model(new_run(), other));
}

/* Present values anywhere within five times the range that normal rows fill. */
static void make_anomalies(double *rows, size_t n)
{
    static const double low[] = {7, 14, -0.3, 2, 76}, range[] = {16, 32, 0.6, 6, 16};
    struct rng rng;
    rng_init(&rng, 17, 0);
    for (size_t i = 0; i < n; i++) {
        double *row = rows + i * SAMPLE_COLUMNS;
        float u[SAMPLE_COLUMNS];
        rng_uniform(&rng, u, SAMPLE_COLUMNS, -2.0F, 3.0F);
        for (size_t c = 0; c < SAMPLE_COLUMNS; c++) {
            row[c] = isnan(row[c]) ? row[c] : low[c] + range[c] * (double)u[c];
        }
    }
}

static double auc_of(const struct da3d_model *model)
{
    enum { N = 400 };
    static float logits[2 * N];
    static bool anomaly[2 * N];
    static struct da3d_score scores[2 * N];
    double *test = sample_rows(2 * N, 2);
    make_anomalies(test + N * SAMPLE_COLUMNS, N);
    struct da3d_scorer *scorer = da3d_scorer_new(model, 2 * N);
    cr_assert(test != NULL && scorer != NULL);
    da3d_score(scorer, test, 2 * N, scores);
    for (size_t i = 0; i < 2 * N; i++) {
        logits[i] = scores[i].logit;
        anomaly[i] = i >= N;
    }
    da3d_scorer_free(scorer);
    free(test);
    return metrics_auc(logits, anomaly, 2 * N);
}

/* Frees the run. */
static double auc_of_variant(struct run *r)
{
    r->config.encoder = (struct da3d_layers){3, {24, 12, 4}};
    r->config.alarm = (struct da3d_layers){2, {64, 32}};
    r->config.epochs_aae = 30;
    r->config.epochs_alarm = 150;
    r->config.learning_rate = 2e-3F;
    cr_assert_eq(train(r, NULL), 0, "%s", r->error.text);
    double auc = auc_of(r->model);
    free_run(r);
    return auc;
}

Test(train, separates_obvious_anomalies)
{
    double auc = auc_of_variant(new_run());
    cr_assert_gt(auc, 0.95, "AUC %g", auc);
}

Test(train, separates_them_as_a_variant)
{
    static const struct {
        enum da3d_generator generator;
        enum da3d_activations activations;
    } variants[] = {
        {DA3D_GENERATOR_GAN, DA3D_ACTIVATIONS_ENCODER},
        {DA3D_GENERATOR_GAN, DA3D_ACTIVATIONS_BOTH},
        {DA3D_GENERATOR_GAUSSIAN, DA3D_ACTIVATIONS_DECODER},
        {DA3D_GENERATOR_NONE, DA3D_ACTIVATIONS_BOTH},
    };
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        struct run *r = new_run();
        r->config.generator_kind = variants[i].generator;
        r->config.activations = variants[i].activations;
        double auc = auc_of_variant(r);
        cr_assert_gt(auc, 0.95, "variant %zu: AUC %g", i, auc);
    }
}

Test(train, report_and_derived_config)
{
    struct run *r = new_run();
    r->config.alarm.n = 0;
    cr_assert_eq(train(r, NULL), 0, "%s", r->error.text);
    const struct da3d_report *report = da3d_model_report(r->model);
    cr_assert_eq(report->rows_train, 960U);
    cr_assert_eq(report->rows_holdout, 240U);
    cr_assert_leq(report->holdout_alert_rate, (double)r->config.target_fpr);
    cr_assert(report->reconstruction > 0 && report->alarm > 0);
    const struct da3d_config *config = da3d_model_config(r->model);
    cr_assert_eq(config->batch, 64U);
    cr_assert_eq(config->alarm.width[0], 100U);
    /* d = 5 columns + 1 group, encoder 8 6 5 2, a = 5 + 6 + 8 hidden activations. */
    uint64_t encoder = 6 * 8 + 8 + 8 * 6 + 6 + 6 * 5 + 5 + 5 * 2 + 2;
    uint64_t decoder = 2 * 5 + 5 + 5 * 6 + 6 + 6 * 8 + 8 + 8 * 6 + 6;
    uint64_t critic = 2 * 40 + 40 + 40 * 20 + 20 + 20 * 10 + 10 + 10 * 5 + 5 + 5 + 1;
    uint64_t generator = 8 * 50 + 50 + 50 * 40 + 40 + 40 * 30 + 30 + 30 * 20 + 20 + 20 * 2 + 2;
    uint64_t alarm = 19 * 100 + 100 + 100 * 50 + 50 + 50 * 25 + 25 + 25 * 10 + 10 + 10 + 1;
    cr_assert_eq(report->n_parameters, encoder + decoder + 2 * critic + generator + alarm);
    free_run(r);
}

struct heard {
    unsigned calls, stop_at;
    double fraction;
    bool forward;
};

static bool hear(void *ctx, const struct da3d_progress *p)
{
    struct heard *heard = ctx;
    heard->calls++;
    heard->forward = heard->forward && p->fraction > heard->fraction;
    heard->fraction = p->fraction;
    cr_assert(p->epoch >= 1 && p->epoch <= p->epochs);
    cr_assert((p->stage == DA3D_STAGE_AAE ? p->reconstruction : p->alarm) > 0.0);
    return heard->calls != heard->stop_at;
}

Test(train, progress_tells_every_epoch_and_can_stop)
{
    struct run *r = new_run();
    struct heard heard = {.forward = true};
    cr_assert_eq(train(r, &(struct da3d_watch){hear, &heard}), 0);
    cr_assert_eq(heard.calls, 6U);
    cr_assert(heard.forward && fabs(heard.fraction - 1.0) < 1e-9);
    da3d_model_free(r->model);
    r->model = NULL;
    heard = (struct heard){.stop_at = 4};
    cr_assert_eq(train(r, &(struct da3d_watch){hear, &heard}), -1);
    cr_assert_eq(heard.calls, 4U);
    cr_assert_null(r->model);
    cr_assert(strstr(r->error.text, "stopped") != NULL);
    free_run(r);
}

/* A row whose c2 is huge changes the scaler and the networks if it is trained on, and calibration
 * alone if it is held out. */
Test(train, holdout_is_never_trained_on)
{
    enum { N = 70 };
    size_t held_out = 0, size;
    struct run *clean = new_run();
    clean->n = N;
    clean->config.epochs_aae = clean->config.epochs_alarm = 1;
    uint8_t *want = bytes_of(clean, &size);
    for (size_t poisoned = 0; poisoned < N; poisoned++) {
        struct run *r = new_run();
        r->n = N;
        r->config.epochs_aae = r->config.epochs_alarm = 1;
        r->rows[poisoned * SAMPLE_COLUMNS + 2] = 1e6;
        uint8_t *got = bytes_of(r, &size);
        /* All but calibration and report at the end: threshold, count, logits, tail, numbers. */
        size_t tail = 4 + 4 + 14 * 4 + 3 * 4 + 4 * 8 + 6 * 8;
        held_out += memcmp(got, want, size - tail) == 0;
        free(got);
    }
    free(want);
    cr_assert_eq(held_out, 14U, "%zu rows leave the networks alone", held_out);
}

static void expect_refusal(struct run *r, const char *reason)
{
    cr_assert_eq(train(r, NULL), -1, "trained in spite of: %s", reason);
    cr_assert(strstr(r->error.text, reason) != NULL, "'%s' lacks '%s'", r->error.text, reason);
    cr_assert_null(r->model);
    free_run(r);
}

Test(train, refuses_too_few_rows)
{
    struct run *r = new_run();
    r->n = 61; /* 12 held out, 49 left */
    expect_refusal(r, "too few rows");
    r = new_run();
    r->n = 0;
    expect_refusal(r, "too few rows");
    r = new_run();
    r->n = 62;
    cr_assert_eq(train(r, NULL), 0, "%s", r->error.text);
    free_run(r);
}

Test(train, refuses_values_that_are_not_numbers)
{
    struct run *r = new_run();
    r->rows[7 * SAMPLE_COLUMNS + 1] = (double)NAN;
    expect_refusal(r, "row 8, column 'c1': missing");
    r = new_run();
    r->rows[9 * SAMPLE_COLUMNS + 4] = -(double)INFINITY;
    expect_refusal(r, "row 10, column 'c4': infinite");
}

Test(train, refuses_bad_schema_and_config)
{
    struct run *r = new_run();
    strcpy(r->columns[1].name, "c0");
    expect_refusal(r, "two columns are named 'c0'");
    r = new_run();
    r->config.dropout = 2.0F;
    expect_refusal(r, "dropout");
}

Test(train, divergence_is_refused)
{
    struct run *r = new_run();
    r->config.learning_rate = 1.0F;
    r->config.encoder =
        (struct da3d_layers){16, {40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 2}};
    r->config.epochs_aae = 400;
    int result = train(r, NULL);
    cr_assert(result == -1 && strstr(r->error.text, "diverged") != NULL, "%d %s", result,
              r->error.text);
    free_run(r);
}

Test(train, always_missing_group_and_constant_column)
{
    struct run *r = new_run();
    struct da3d_score score;
    for (size_t i = 0; i < r->n; i++) {
        r->rows[i * SAMPLE_COLUMNS + 2] = 7.0;
        r->rows[i * SAMPLE_COLUMNS + 3] = r->rows[i * SAMPLE_COLUMNS + 4] = (double)NAN;
    }
    cr_assert_eq(train(r, NULL), 0, "%s", r->error.text);
    struct da3d_scorer *scorer = da3d_scorer_new(r->model, 1);
    da3d_score(scorer, (double[]){10, 20, -1e300, 5, 90}, 1, &score);
    cr_assert(isfinite(score.logit));
    da3d_scorer_free(scorer);
    free_run(r);
}
