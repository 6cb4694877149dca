/* score.c - raw rows to scores: scale, read the autoencoder, look with each view, fuse. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blas.h"
#include "da3d.h"
#include "model.h"
#include "reader.h"
#include "scorer.h"

struct da3d_scorer {
    const struct da3d_model *model; /* borrowed */
    size_t chunk;                   /* rows that the following have room for */
    size_t slot;                    /* of the next row among them */
    struct matrix inputs;           /* (chunk, inputs) */
    struct reader reader;
    struct net_pass alarm_pass;
    struct views_pass views_pass;
    float *values; /* (chunk, DA3D_VIEW_COUNT) */
};

static int init(struct da3d_scorer *s, const struct da3d_model *model)
{
    const struct net *net = model->parts.net;
    const bool alarm = da3d_has_view(&model->config, DA3D_VIEW_ALARM);
    const struct reader_plan plan = {
        .read = model->config.activations,
        .blind = !alarm,
        .reconstruct = !alarm || da3d_has_view(&model->config, DA3D_VIEW_RESIDUAL),
        .rows = s->chunk,
    };
    s->inputs.ld = net_in(&net[PART_ENCODER]);
    s->inputs.at = matrix_alloc(s->chunk, s->inputs.ld);
    s->values = calloc(s->chunk * DA3D_VIEW_COUNT, sizeof *s->values);
    if (s->inputs.at == NULL || s->values == NULL ||
        reader_init(&s->reader, &model->parts, &plan) != 0 ||
        net_pass_init(&s->alarm_pass, &net[PART_ALARM], s->chunk, NET_FORWARD_ONLY) != 0) {
        return -1;
    }
    memset(s->inputs.at, 0, s->chunk * s->inputs.ld * sizeof *s->inputs.at);
    return views_pass_init(&s->views_pass, &model->views, s->chunk);
}

struct da3d_scorer *da3d_scorer_new(const struct da3d_model *model, size_t max_rows)
{
    struct da3d_scorer *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    blas_alone();
    s->model = model;
    s->chunk = matrix_chunk(0, max_rows) + (max_rows == 0);
    if (init(s, model) != 0) {
        da3d_scorer_free(s);
        return NULL;
    }
    return s;
}

void da3d_scorer_free(struct da3d_scorer *scorer)
{
    if (scorer == NULL) {
        return;
    }
    free(scorer->inputs.at);
    free(scorer->values);
    reader_clear(&scorer->reader);
    net_pass_clear(&scorer->alarm_pass);
    views_pass_clear(&scorer->views_pass);
    free(scorer);
}

/* A hostile model's weights may overflow: the largest float then, so that it alerts. */
static float finite_value(float value)
{
    if (isnan(value)) {
        return FLT_MAX;
    }
    return fminf(fmaxf(value, -FLT_MAX), FLT_MAX);
}

static struct da3d_score score_of(const struct da3d_model *model, const float *values)
{
    struct da3d_score score = {0};
    score.logit = views_alarm_alone(&model->config)
                      ? values[DA3D_VIEW_ALARM]
                      : views_fuse(&model->views, values, score.surprise);
    score.score = 1.0 / (1.0 + exp(-(double)score.logit));
    score.p_value = calibration_p_value(&model->calibration, score.logit);
    score.alert = score.logit >= model->calibration.threshold;
    return score;
}

/* BLAS rounds by a product's shape and by where in it a row stands: products are always of the
 * whole chunk, and rows take its slots in turn. The other slots hold rows from before.
 * Returns the values of the n rows, which are behind the slot. */
static float *measure_slots(struct da3d_scorer *s, const double *rows, size_t n)
{
    const struct da3d_model *model = s->model;
    for (size_t i = 0; i < n; i++) {
        scaler_apply(&model->scaler, rows + i * model->scaler.n_columns,
                     matrix_rows(s->inputs, s->slot + i).at);
    }
    struct matrix_in activations = reader_read(&s->reader, matrix_in(s->inputs), s->chunk);
    if (da3d_has_view(&model->config, DA3D_VIEW_ALARM)) {
        struct matrix logits =
            net_forward(&model->parts.net[PART_ALARM], activations, s->chunk, NULL, &s->alarm_pass);
        for (size_t i = 0; i < s->chunk; i++) {
            s->values[i * DA3D_VIEW_COUNT + DA3D_VIEW_ALARM] = logits.at[i];
        }
    }
    views_measure(&model->views, &s->views_pass, matrix_in(s->inputs),
                  reader_reconstruction(&s->reader), s->chunk, s->values);
    float *values = s->values + s->slot * DA3D_VIEW_COUNT;
    for (size_t i = 0; i < n; i++) {
        values[i * DA3D_VIEW_COUNT + DA3D_VIEW_NOVELTY] =
            novelty_of(&model->novelty, rows + i * model->scaler.n_columns);
    }
    for (size_t i = 0; i < n * DA3D_VIEW_COUNT; i++) {
        values[i] = finite_value(values[i]);
    }
    s->slot = (s->slot + n) % s->chunk;
    return values;
}

/* What to do with the values of n rows, from row first on. */
typedef void use_values(void *ctx, const float *values, size_t first, size_t n);

static void for_values(struct da3d_scorer *s, const double *rows, size_t n, use_values *use,
                       void *ctx)
{
    const size_t columns = s->model->scaler.n_columns;
    for (size_t done = 0, now; done < n; done += now) {
        size_t free_slots = s->chunk - s->slot;
        now = n - done < free_slots ? n - done : free_slots;
        use(ctx, measure_slots(s, rows + done * columns, now), done, now);
    }
}

static void copy_values(void *ctx, const float *values, size_t first, size_t n)
{
    float *out = ctx;
    memcpy(out + first * DA3D_VIEW_COUNT, values, n * DA3D_VIEW_COUNT * sizeof *out);
}

void scorer_measure(struct da3d_scorer *scorer, const double *rows, size_t n, float *values)
{
    for_values(scorer, rows, n, copy_values, values);
}

struct scores {
    const struct da3d_model *model;
    struct da3d_score *out;
};

static void score_values(void *ctx, const float *values, size_t first, size_t n)
{
    struct scores *scores = ctx;
    for (size_t i = 0; i < n; i++) {
        scores->out[first + i] = score_of(scores->model, values + i * DA3D_VIEW_COUNT);
    }
}

void da3d_score(struct da3d_scorer *scorer, const double *rows, size_t n, struct da3d_score *out)
{
    for_values(scorer, rows, n, score_values, &(struct scores){scorer->model, out});
}
