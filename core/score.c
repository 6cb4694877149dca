/* score.c - raw rows to scores: scale, encode, decode's hidden layers, alarm network. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "da3d.h"
#include "model.h"

/* Rows scored at a time: enough for full-speed products, few enough to stay in cache. */
enum { CHUNK_ROWS = 512 };

struct da3d_scorer {
    const struct da3d_model *model; /* borrowed */
    struct net trunk;               /* the decoder's hidden layers; borrowed */
    size_t chunk;                   /* rows that the following have room for */
    struct matrix inputs;           /* (chunk, inputs) */
    struct matrix activations;      /* (chunk, alarm's inputs) */
    struct net_pass encoder_pass, trunk_pass, alarm_pass;
};

struct da3d_scorer *da3d_scorer_new(const struct da3d_model *model, size_t max_rows)
{
    const struct net *net = model->parts.net;
    struct da3d_scorer *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->model = model;
    s->trunk = net_trunk(&net[PART_DECODER]);
    s->chunk = max_rows < CHUNK_ROWS ? max_rows + (max_rows == 0) : CHUNK_ROWS;
    s->inputs.ld = net_in(&net[PART_ENCODER]);
    s->activations.ld = net_in(&net[PART_ALARM]);
    s->inputs.at = matrix_alloc(s->chunk, s->inputs.ld);
    s->activations.at = matrix_alloc(s->chunk, s->activations.ld);
    if (s->inputs.at == NULL || s->activations.at == NULL ||
        net_pass_init(&s->encoder_pass, &net[PART_ENCODER], s->chunk, NET_FORWARD_ONLY) != 0 ||
        net_pass_init(&s->alarm_pass, &net[PART_ALARM], s->chunk, NET_FORWARD_ONLY) != 0) {
        da3d_scorer_free(s);
        return NULL;
    }
    net_pass_map(&s->trunk_pass, &s->trunk, s->activations, (struct matrix){0});
    return s;
}

void da3d_scorer_free(struct da3d_scorer *scorer)
{
    if (scorer == NULL) {
        return;
    }
    free(scorer->inputs.at);
    free(scorer->activations.at);
    net_pass_clear(&scorer->encoder_pass);
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

static void score_chunk(struct da3d_scorer *s, const double *rows, size_t n, struct da3d_score *out)
{
    const struct da3d_model *model = s->model;
    const struct net *net = model->parts.net;
    for (size_t i = 0; i < n; i++) {
        scaler_apply(&model->scaler, rows + i * model->scaler.n_columns,
                     matrix_rows(s->inputs, i).at);
    }
    struct matrix codes =
        net_forward(&net[PART_ENCODER], matrix_in(s->inputs), n, NULL, &s->encoder_pass);
    net_forward(&s->trunk, matrix_in(codes), n, NULL, &s->trunk_pass);
    struct matrix logits =
        net_forward(&net[PART_ALARM], matrix_in(s->activations), n, NULL, &s->alarm_pass);
    for (size_t i = 0; i < n; i++) {
        out[i] = score_of(model, finite_logit(logits.at[i]));
    }
}

void da3d_score(struct da3d_scorer *scorer, const double *rows, size_t n, struct da3d_score *out)
{
    const size_t columns = scorer->model->scaler.n_columns;
    for (size_t done = 0; done < n; done += scorer->chunk) {
        size_t left = n - done;
        score_chunk(scorer, rows + done * columns, left < scorer->chunk ? left : scorer->chunk,
                    out + done);
    }
}
