#include "calibrate.h"

#include <stdlib.h>
#include <string.h>

#include "ascending.h"
#include "scorer.h"

/* values: (n, DA3D_VIEW_COUNT), what the views find in the rows of index. Returns 0, or -1 with
 * *t->error. */
static int measure(const struct training *t, const size_t *index, size_t n, float *values)
{
    const size_t columns = t->model->schema.n_columns;
    struct da3d_scorer *scorer = da3d_scorer_new(t->model, MATRIX_CHUNK_ROWS);
    double *rows = malloc(MATRIX_CHUNK_ROWS * columns * sizeof *rows);
    const bool room = scorer != NULL && rows != NULL;
    for (size_t done = 0, chunk; room && done < n; done += chunk) {
        chunk = matrix_chunk(done, n);
        for (size_t i = 0; i < chunk; i++) {
            memcpy(rows + i * columns, t->rows + index[done + i] * columns, columns * sizeof *rows);
        }
        scorer_measure(scorer, rows, chunk, values + done * DA3D_VIEW_COUNT);
    }
    da3d_scorer_free(scorer);
    free(rows);
    return room ? 0 : da3d_fail(t->error, "out of memory");
}

static void take_column(const float *values, size_t n, size_t view, float *column)
{
    for (size_t i = 0; i < n; i++) {
        column[i] = values[i * DA3D_VIEW_COUNT + view];
    }
}

static int fit(struct evidence *evidence, enum da3d_view view, float *column, size_t n)
{
    return view == DA3D_VIEW_NOVELTY ? evidence_fit_ranks(evidence, column, n)
                                     : evidence_fit(evidence, column, n);
}

/* values: of n rows. column: n, overwritten. */
static int fit_views(struct training *t, const float *values, size_t n, float *column)
{
    for (size_t i = 0; i < DA3D_VIEW_COUNT; i++) {
        const enum da3d_view view = (enum da3d_view)i;
        struct evidence *evidence = &t->model->views.evidence[view];
        evidence_clear(evidence);
        take_column(values, n, view, column);
        if (da3d_has_view(&t->model->config, view) && fit(evidence, view, column, n) != 0) {
            return da3d_fail(t->error, "out of memory");
        }
    }
    return 0;
}

static void fuse(const struct training *t, const float *values, size_t n, float *logits)
{
    float surprise[DA3D_VIEW_COUNT];
    if (views_alarm_alone(&t->model->config)) {
        take_column(values, n, DA3D_VIEW_ALARM, logits);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        logits[i] = views_fuse(&t->model->views, values + i * DA3D_VIEW_COUNT, surprise);
    }
}

static float *room_for(const struct training *t, size_t floats)
{
    float *room = calloc(floats + 1, sizeof *room);
    if (room == NULL) {
        da3d_fail(t->error, "out of memory");
    }
    return room;
}

int calibrate_views(struct training *t, const size_t *index, size_t n)
{
    float *values = room_for(t, n * DA3D_VIEW_COUNT);
    float *column = room_for(t, n);
    const bool fitted = values != NULL && column != NULL && measure(t, index, n, values) == 0 &&
                        fit_views(t, values, n, column) == 0;
    free(values);
    free(column);
    return fitted ? 0 : -1;
}

int calibrate_logits(const struct training *t, const size_t *index, size_t n, float *logits)
{
    float *values = room_for(t, n * DA3D_VIEW_COUNT);
    const int result = values != NULL ? measure(t, index, n, values) : -1;
    if (result == 0) {
        fuse(t, values, n, logits);
    }
    free(values);
    return result;
}

/* logits: n ascending. */
static double alerting_share(const struct da3d_model *model, const float *logits, size_t n)
{
    return (double)(n - ascending_below(logits, n, model->calibration.threshold)) / (double)n;
}

int calibrate(struct training *t)
{
    struct da3d_model *model = t->model;
    const double target = (double)model->config.target_fpr;
    float *logits = room_for(t, t->n_normal);
    int result = logits == NULL ? -1 : 0;
    if (result == 0 && !views_alarm_alone(&model->config)) {
        result = calibrate_views(t, t->order, t->n_normal);
    }
    if (result == 0) {
        result = calibrate_logits(t, t->order, t->n_normal, logits);
    }
    if (result == 0 && calibration_fit(&model->calibration, logits, t->n_normal, target) != 0) {
        result = da3d_fail(t->error, "out of memory");
    }
    if (result == 0) {
        model->report.holdout_alert_rate = alerting_share(model, logits, t->n_normal);
    }
    free(logits);
    return result;
}
