/* Stage 1 of a training run: batches, cut into slices, through the adversarial autoencoder. */
#include <math.h>

#include "aae.h"
#include "hyper.h"
#include "stage.h"
#include "training.h"

struct aae_stage {
    struct training *training;
    struct aae aae;
    struct aae_draws draws[SLICES_MAX];
    struct slices slices; /* of the batch at hand */
};

static void draw_for_aae(void *ctx, size_t i)
{
    struct aae_stage *s = ctx;
    const struct da3d_model *model = s->training->model;
    aae_draws_fill(&s->draws[i], &model->parts, &model->config, slices_rows(&s->slices, i),
                   &s->training->streams[i]);
}

static double train_aae_batch(void *ctx, const float *rows, size_t n, double done)
{
    struct aae_stage *s = ctx;
    s->aae.rate = hyper_rate(s->aae.config, done);
    s->slices = aae_slices(&s->aae, s->training->crew, n);
    crew_run(s->training->crew, s->slices.n, draw_for_aae, s);
    struct aae_losses losses = aae_train_batch(&s->aae, &s->slices, rows, s->draws);
    bool finite = isfinite(losses.discrimination) && isfinite(losses.deception);
    return finite ? losses.reconstruction : (double)NAN;
}

static int aae_stage_init(struct aae_stage *s, struct da3d_model *model)
{
    const struct da3d_config *config = &model->config;
    int result = aae_init(&s->aae, &model->parts, config, config->batch);
    for (size_t i = 0; result == 0 && i < s->aae.n_work; i++) {
        result = aae_draws_init(&s->draws[i], &model->parts, config, s->aae.max_rows);
    }
    return result;
}

static void aae_stage_clear(struct aae_stage *s)
{
    aae_clear(&s->aae);
    for (size_t i = 0; i < SLICES_MAX; i++) {
        aae_draws_clear(&s->draws[i]);
    }
}

int training_run_aae(struct training *t)
{
    struct da3d_model *model = t->model;
    struct aae_stage s = {.training = t};
    if (aae_stage_init(&s, model) != 0) {
        aae_stage_clear(&s);
        return da3d_fail(t->error, "out of memory");
    }
    struct stage stage = {
        .kind = DA3D_STAGE_AAE,
        .epochs = model->config.epochs_aae,
        .batch = model->config.batch,
        .rows = t->inputs,
        .n_rows = t->n_train,
        .columns = model->scaler.n_inputs,
        .shuffle = &t->streams[0].rng[STREAM_SHUFFLE_AAE],
        .train = train_aae_batch,
        .ctx = &s,
        .share = t->aae_share,
    };
    int result = stage_run(&stage, t->watch, &model->report.reconstruction, t->error);
    aae_stage_clear(&s);
    return result;
}
