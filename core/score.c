/* score.c - raw rows to scores: scale, read the autoencoder's activations, alarm network. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blas.h"
#include "da3d.h"
#include "model.h"
#include "reader.h"

/* Rows scored at a time: enough for full-speed products, few enough to stay in cache. */
enum { CHUNK_ROWS = 512 };

struct da3d_scorer {
    const struct da3d_model *model; /* borrowed */
    size_t chunk;                   /* rows that the following have room for */
    size_t slot;                    /* of the next row among them */
    struct matrix inputs;           /* (chunk, inputs) */
    struct reader reader;
    struct net_pass alarm_pass;
};

struct da3d_scorer *da3d_scorer_new(const struct da3d_model *model, size_t max_rows)
{
    const struct net *net = model->parts.net;
    struct da3d_scorer *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    blas_alone();
    s->model = model;
    s->chunk = max_rows < CHUNK_ROWS ? max_rows + (max_rows == 0) : CHUNK_ROWS;
    s->inputs.ld = net_in(&net[PART_ENCODER]);
    s->inputs.at = matrix_alloc(s->chunk, s->inputs.ld);
    if (s->inputs.at == NULL ||
        reader_init(&s->reader, &model->parts,
                    &(struct reader_plan){.read = model->config.activations, .rows = s->chunk}) !=
            0 ||
        net_pass_init(&s->alarm_pass, &net[PART_ALARM], s->chunk, NET_FORWARD_ONLY) != 0) {
        da3d_scorer_free(s);
        return NULL;
    }
    memset(s->inputs.at, 0, s->chunk * s->inputs.ld * sizeof *s->inputs.at);
    return s;
}

void da3d_scorer_free(struct da3d_scorer *scorer)
{
    if (scorer == NULL) {
        return;
    }
    free(scorer->inputs.at);
    reader_clear(&scorer->reader);
    net_pass_clear(&scorer->alarm_pass);
    free(scorer);
}

/* A hostile model's weights may overflow: the largest float then, so that it alerts. */
static float finite_logit(float logit)
{
    if (isnan(logit)) {
        return FLT_MAX;
    }
    return fminf(fmaxf(logit, -FLT_MAX), FLT_MAX);
}

static struct da3d_score score_of(const struct da3d_model *model, float logit)
{
    return (struct da3d_score){
        .logit = logit,
        .score = 1.0 / (1.0 + exp(-(double)logit)),
        .p_value = model_p_value(model, logit),
        .alert = logit >= model->threshold,
    };
}

/* BLAS rounds by a product's shape and by where in it a row stands: products are always of the
 * whole chunk, and rows take its slots in turn. The other slots hold rows from before. */
static void score_slots(struct da3d_scorer *s, const double *rows, size_t n, struct da3d_score *out)
{
    const struct da3d_model *model = s->model;
    for (size_t i = 0; i < n; i++) {
        scaler_apply(&model->scaler, rows + i * model->scaler.n_columns,
                     matrix_rows(s->inputs, s->slot + i).at);
    }
    struct matrix_in activations = reader_read(&s->reader, matrix_in(s->inputs), s->chunk);
    struct matrix logits =
        net_forward(&model->parts.net[PART_ALARM], activations, s->chunk, NULL, &s->alarm_pass);
    for (size_t i = 0; i < n; i++) {
        out[i] = score_of(model, finite_logit(logits.at[s->slot + i]));
    }
    s->slot = (s->slot + n) % s->chunk;
}

void da3d_score(struct da3d_scorer *scorer, const double *rows, size_t n, struct da3d_score *out)
{
    const size_t columns = scorer->model->scaler.n_columns;
    for (size_t done = 0, now; done < n; done += now) {
        size_t free_slots = scorer->chunk - scorer->slot;
        now = n - done < free_slots ? n - done : free_slots;
        score_slots(scorer, rows + done * columns, now, out + done);
    }
}
