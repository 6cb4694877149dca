/* train.c - the life of a training run: check, split, scale, stage 1, stage 2, calibrate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blas.h"
#include "detector.h"
#include "hyper.h"
#include "training.h"

enum { TRAIN_ROWS_MIN = 50, CHUNK_ROWS = 512, PIXEL_MAX = 255 };

static int check_row(const struct training *t, const struct schema *schema, size_t row)
{
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        double x = t->rows[row * schema->n_columns + c];
        if (isinf(x) || (isnan(x) && schema->columns[c].missing_group == 0)) {
            return da3d_fail(t->error, "row %zu, column '%s': %s", row + 1, schema->columns[c].name,
                             isinf(x) ? "infinite" : "missing, but the column may not be");
        }
    }
    return 0;
}

static int check_rows(const struct training *t, const struct schema *schema)
{
    for (size_t row = 0; row < t->n_rows; row++) {
        if (check_row(t, schema, row) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Which rows are held out depends on the seed and the number of rows alone. */
static int split(struct training *t, const struct da3d_config *config)
{
    t->n_holdout = (size_t)llround((double)t->n_rows * (double)config->holdout);
    t->n_holdout = t->n_holdout > 0 ? t->n_holdout : 1;
    t->n_train = t->n_rows > t->n_holdout ? t->n_rows - t->n_holdout : 0;
    if (t->n_train < TRAIN_ROWS_MIN) {
        return da3d_fail(t->error, "too few rows: %zu to learn from after the holdout, not %d",
                         t->n_train, TRAIN_ROWS_MIN);
    }
    t->order = malloc(t->n_rows * sizeof *t->order);
    if (t->order == NULL) {
        return da3d_fail(t->error, "out of memory");
    }
    for (size_t i = 0; i < t->n_rows; i++) {
        t->order[i] = i;
    }
    rng_shuffle(&t->streams[0].rng[STREAM_HOLDOUT], t->order, t->n_rows);
    return 0;
}

/* Work per row of stage 2 in multiply-adds, about: how often its steps pass each network. */
static double alarm_work(const struct net *net, const struct da3d_config *config)
{
    const double terms = hyper_alarm_terms(config);
    const double deceiving = config->generator_kind == DA3D_GENERATOR_GAN ? 2 : 0;
    const double reading = terms + deceiving;
    return (detector_takes_codes(config) ? 1 : reading) * net_work(&net[PART_ENCODER]) +
           reading * net_work(&net[PART_DECODER]) +
           (3 * terms + deceiving) * net_work(&net[PART_ALARM]) +
           8 * net_work(&net[PART_GENERATOR]) + 11 * net_work(&net[PART_CRITIC]);
}

/* The same of stage 1. */
static double aae_work(const struct net *net)
{
    return 7 * net_work(&net[PART_ENCODER]) + 3 * net_work(&net[PART_DECODER]) +
           8 * net_work(&net[PART_DISCRIMINATOR]);
}

static double aae_share(const struct parts *parts, const struct da3d_config *config)
{
    double aae = aae_work(parts->net) * config->epochs_aae;
    double alarm = alarm_work(parts->net, config) * config->epochs_alarm;
    return aae / (aae + alarm);
}

static int build_networks(struct training *t, const struct da3d_config *config)
{
    struct da3d_model *model = t->model;
    model->config = *config;
    hyper_derive(&model->config, model->scaler.n_inputs, t->n_train);
    if (hyper_check_columns(&model->config, model->scaler.n_columns, model->scaler.n_inputs,
                            t->error) != 0) {
        return -1;
    }
    parts_shape(&model->parts, &model->config, model->scaler.n_inputs);
    if (parts_alloc(&model->parts) != 0) {
        return da3d_fail(t->error, "out of memory");
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        net_randomise(&model->parts.net[i], &t->streams[0].rng[STREAM_PARAMETERS + i]);
    }
    t->aae_share = aae_share(&model->parts, &model->config);
    return 0;
}

static int scale_inputs(struct training *t)
{
    struct scaler *scaler = &t->model->scaler;
    const size_t *train = t->order + t->n_holdout;
    t->inputs = matrix_alloc(t->n_train, scaler->n_inputs);
    if (t->inputs == NULL) {
        return da3d_fail(t->error, "out of memory");
    }
    if (t->model->config.image.height > 0) {
        scaler_set(scaler, 0.0, PIXEL_MAX);
    } else if (scaler_fit(scaler, t->rows, train, t->n_train) != 0) {
        return da3d_fail(t->error, "out of memory");
    }
    for (size_t i = 0; i < t->n_train; i++) {
        scaler_apply(scaler, t->rows + train[i] * scaler->n_columns,
                     t->inputs + i * scaler->n_inputs);
    }
    return 0;
}

/* What scoring the held-out rows needs. */
struct holdout {
    struct da3d_scorer *scorer;
    double *rows;              /* (CHUNK_ROWS, columns) */
    struct da3d_score *scores; /* CHUNK_ROWS */
    float *logits;             /* n_holdout */
};

static int holdout_init(struct holdout *h, const struct training *t)
{
    h->scorer = da3d_scorer_new(t->model, CHUNK_ROWS);
    h->rows = malloc(CHUNK_ROWS * (size_t)t->model->schema.n_columns * sizeof *h->rows);
    h->scores = malloc(CHUNK_ROWS * sizeof *h->scores);
    h->logits = malloc(t->n_holdout * sizeof *h->logits);
    bool whole = h->scorer != NULL && h->rows != NULL && h->scores != NULL && h->logits != NULL;
    return whole ? 0 : -1;
}

static void holdout_clear(struct holdout *h)
{
    da3d_scorer_free(h->scorer);
    free(h->rows);
    free(h->scores);
    free(h->logits);
}

/* Fills logits from first on, n of them. */
static void holdout_score(struct holdout *h, const struct training *t, size_t first, size_t n)
{
    const size_t columns = t->model->schema.n_columns;
    for (size_t i = 0; i < n; i++) {
        memcpy(h->rows + i * columns, t->rows + t->order[first + i] * columns,
               columns * sizeof *h->rows);
    }
    da3d_score(h->scorer, h->rows, n, h->scores);
    for (size_t i = 0; i < n; i++) {
        h->logits[first + i] = h->scores[i].logit;
    }
}

static int calibrate(struct training *t)
{
    struct holdout h;
    int result = holdout_init(&h, t);
    for (size_t done = 0; result == 0 && done < t->n_holdout; done += CHUNK_ROWS) {
        size_t left = t->n_holdout - done;
        holdout_score(&h, t, done, left < CHUNK_ROWS ? left : CHUNK_ROWS);
    }
    if (result == 0) {
        result = model_calibrate(t->model, h.logits, t->n_holdout);
    }
    holdout_clear(&h);
    return result == 0 ? 0 : da3d_fail(t->error, "out of memory");
}

static int check_networks(const struct training *t)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (!net_finite(&t->model->parts.net[i])) {
            return da3d_fail(t->error, "diverged: a parameter is not finite");
        }
    }
    return 0;
}

static int start_crew(struct training *t, uint32_t threads)
{
    threads = threads > 0 ? threads : crew_processors();
    blas_alone();
    t->crew = crew_new(threads < SLICES_MAX ? threads : SLICES_MAX);
    return t->crew != NULL ? 0 : da3d_fail(t->error, "cannot start %u threads", threads);
}

static int run(struct training *t, const struct da3d_config *config)
{
    if (start_crew(t, config->threads) != 0 || split(t, config) != 0 ||
        build_networks(t, config) != 0 || scale_inputs(t) != 0 || training_run_aae(t) != 0 ||
        training_run_alarm(t) != 0 || check_networks(t) != 0 || calibrate(t) != 0) {
        return -1;
    }
    struct da3d_report *report = &t->model->report;
    report->rows_train = t->n_train;
    report->rows_holdout = t->n_holdout;
    report->n_parameters = parts_n_params(&t->model->parts);
    return 0;
}

int da3d_train(const struct da3d_config *config, const struct da3d_rows *rows,
               const struct da3d_watch *watch, struct da3d_model **out, struct da3d_error *error)
{
    struct training t = {.rows = rows->values, .n_rows = rows->n, .watch = watch, .error = error};
    if (hyper_check(config, error) != 0 || schema_check(rows->schema, error) != 0 ||
        check_rows(&t, rows->schema) != 0) {
        return -1;
    }
    t.model = model_new(rows->schema);
    if (t.model == NULL) {
        return da3d_fail(error, "out of memory");
    }
    for (size_t i = 0; i < SLICES_MAX; i++) {
        streams_init(&t.streams[i], config->seed, i);
    }
    int result = run(&t, config);
    crew_free(t.crew);
    free(t.order);
    free(t.inputs);
    free(t.codes);
    if (result != 0) {
        da3d_model_free(t.model);
        return -1;
    }
    *out = t.model;
    return 0;
}
