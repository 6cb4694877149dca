/* train.c - the life of a training run: check, split, scale, stage 1, stage 2, trim, calibrate. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blas.h"
#include "calibrate.h"
#include "detector.h"
#include "hyper.h"
#include "split.h"
#include "trim.h"

enum { PIXEL_MAX = 255 };

/* What is wrong with a value; NULL: nothing. */
static const char *fault_of(const struct schema_column *column, double x)
{
    if (isinf(x)) {
        return "infinite";
    }
    if (isnan(x)) {
        return column->missing_group == 0 ? "missing, but the column may not be" : NULL;
    }
    return column->kind == SCHEMA_IDENTITY && !schema_is_identity(x)
               ? "no identity: not a whole number below 2^53"
               : NULL;
}

static int check_row(const struct training *t, const struct schema *schema, size_t row)
{
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        const struct schema_column *column = &schema->columns[c];
        const char *fault = fault_of(column, t->rows[row * schema->n_columns + c]);
        if (fault != NULL) {
            return da3d_fail(t->error, "row %zu, column '%s': %s", row + 1, column->name, fault);
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
    double alarm = da3d_has_view(config, DA3D_VIEW_ALARM)
                       ? alarm_work(parts->net, config) * config->epochs_alarm
                       : 0.0;
    return aae / (aae + alarm);
}

static int build_networks(struct training *t, const struct da3d_config *config)
{
    struct da3d_model *model = t->model;
    model->config = *config;
    if (model->novelty.n == 0) {
        model->config.views &= ~(1U << DA3D_VIEW_NOVELTY);
    }
    if (model->config.views == 0) {
        return da3d_fail(t->error, "the view 'novelty' alone: no column is an identity");
    }
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
        if (t->from != NULL) {
            net_take(&model->parts.net[i], &t->from->parts.net[i]);
        }
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
    if (summary_fit(t->model->columns, &t->model->schema, t->rows, train, t->n_train) != 0) {
        return da3d_fail(t->error, "out of memory");
    }
    if (t->model->config.image.height > 0) {
        scaler_set(scaler, 0.0, PIXEL_MAX);
    } else if (scaler_fit(scaler, t->model->config.scaling, t->rows, train, t->n_train) != 0) {
        return da3d_fail(t->error, "out of memory");
    }
    for (size_t i = 0; i < t->n_train; i++) {
        scaler_apply(scaler, t->rows + train[i] * scaler->n_columns,
                     t->inputs + i * scaler->n_inputs);
    }
    return 0;
}

/* Who is in the first n rows of index, but for refused ones. index: n, overwritten. */
static int learn_identities(struct training *t, size_t *index, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!t->refused[index[i]]) {
            index[kept++] = index[i];
        }
    }
    const struct novelty_rows rows = {t->rows, t->model->schema.n_columns, index, kept};
    return novelty_learn(&t->model->novelty, &rows) == 0 ? 0 : da3d_fail(t->error, "out of memory");
}

/* How often identities are new, by the held-out rows. */
static void note_newcomers(struct training *t)
{
    const struct novelty *novelty = &t->model->novelty;
    const size_t columns = t->model->schema.n_columns;
    for (uint32_t i = 0; i < novelty->n; i++) {
        const uint32_t column = novelty->of[i].column;
        size_t fresh = 1;
        for (size_t k = 0; k < t->n_normal; k++) {
            fresh += !novelty_knows(novelty, column, t->rows[t->order[k] * columns + column]);
        }
        t->model->columns[column].fresh = (double)fresh / (double)(t->n_normal + 1);
    }
}

/* What the held-out rows show of new ones is to be expected of later rows; then these are known
 * too. */
static int calibrate_and_meet(struct training *t)
{
    size_t *index = malloc(t->n_rows * sizeof *index);
    if (index == NULL) {
        return da3d_fail(t->error, "out of memory");
    }
    memcpy(index, t->order + t->n_holdout, t->n_train * sizeof *index);
    int result = learn_identities(t, index, t->n_train) == 0 ? calibrate(t) : -1;
    if (result == 0 && da3d_has_view(&t->model->config, DA3D_VIEW_NOVELTY)) {
        note_newcomers(t);
    }
    for (size_t i = 0; i < t->n_rows; i++) {
        index[i] = i;
    }
    if (result == 0) {
        result = learn_identities(t, index, t->n_rows);
    }
    free(index);
    return result;
}

int training_fit_views(struct training *t, const float *x, size_t n)
{
    struct da3d_model *model = t->model;
    const struct views_rows rows = {x, n, model->scaler.n_inputs};
    views_clear(&model->views);
    if (views_fit(&model->views, &model->config, &model->parts, &rows,
                  &t->streams[0].rng[STREAM_PROTOTYPES]) != 0) {
        return da3d_fail(t->error, errno == ERANGE ? "the principal components do not converge"
                                                   : "out of memory");
    }
    return 0;
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
    if (start_crew(t, config->threads) != 0 || split_rows(t, config) != 0 ||
        build_networks(t, config) != 0 || scale_inputs(t) != 0 || training_run_aae(t) != 0 ||
        (da3d_has_view(&t->model->config, DA3D_VIEW_ALARM) && training_run_alarm(t) != 0) ||
        check_networks(t) != 0 || trim(t) != 0 || calibrate_and_meet(t) != 0) {
        return -1;
    }
    struct da3d_report *report = &t->model->report;
    report->rows_train = t->n_train;
    report->rows_holdout = t->n_normal;
    report->n_parameters = parts_n_params(&t->model->parts);
    return 0;
}

int da3d_train(const struct da3d_config *config, const struct da3d_rows *rows,
               const struct da3d_watch *watch, struct da3d_model **out, struct da3d_error *error)
{
    return da3d_train_from(NULL, config, rows, watch, out, error);
}

int da3d_train_from(const struct da3d_model *from, const struct da3d_config *config,
                    const struct da3d_rows *rows, const struct da3d_watch *watch,
                    struct da3d_model **out, struct da3d_error *error)
{
    struct training t = {
        .rows = rows->values, .n_rows = rows->n, .from = from, .watch = watch, .error = error};
    if (hyper_check(config, error) != 0 || schema_check(rows->schema, error) != 0 ||
        check_rows(&t, rows->schema) != 0) {
        return -1;
    }
    t.model = model_new(rows->schema);
    t.refused = calloc(rows->n + 1, sizeof *t.refused);
    if (t.model == NULL || t.refused == NULL) {
        da3d_model_free(t.model);
        free(t.refused);
        return da3d_fail(error, "out of memory");
    }
    for (size_t i = 0; i < SLICES_MAX; i++) {
        streams_init(&t.streams[i], config->seed, i);
    }
    int result = run(&t, config);
    crew_free(t.crew);
    free(t.order);
    free(t.refused);
    free(t.inputs);
    free(t.codes);
    if (result != 0) {
        da3d_model_free(t.model);
        return -1;
    }
    *out = t.model;
    return 0;
}
