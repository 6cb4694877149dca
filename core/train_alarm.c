/* Stage 2 of a training run: batches, cut into slices, through detector and generator. */
#include <math.h>

#include "detector.h"
#include "hyper.h"
#include "stage.h"
#include "training.h"

/* The encoder is frozen from here on: each row has one code. */
static int encode_rows(struct training *t)
{
    const struct net *encoder = &t->model->parts.net[PART_ENCODER];
    const size_t in = net_in(encoder), out = net_out(encoder);
    struct net_pass pass;
    t->codes = matrix_alloc(t->n_train, out);
    if (t->codes == NULL ||
        net_pass_init(&pass, encoder, MATRIX_CHUNK_ROWS, NET_FORWARD_ONLY) != 0) {
        return da3d_fail(t->error, "out of memory");
    }
    for (size_t done = 0; done < t->n_train; done += MATRIX_CHUNK_ROWS) {
        size_t n = matrix_chunk(done, t->n_train);
        pass.out[encoder->n_layers - 1] = (struct matrix){t->codes + done * out, out};
        net_forward(encoder, (struct matrix_in){t->inputs + done * in, in}, n, NULL, &pass);
    }
    net_pass_clear(&pass);
    return 0;
}

struct alarm_stage {
    struct training *training;
    struct detector detector;
    struct detector_draws draws[SLICES_MAX];
    struct slices slices; /* of the batch at hand */
};

static void draw_for_alarm(void *ctx, size_t i)
{
    struct alarm_stage *s = ctx;
    const struct da3d_model *model = s->training->model;
    detector_draws_fill(&s->draws[i], &model->parts, &model->config, slices_rows(&s->slices, i),
                        &s->training->streams[i]);
}

static double train_alarm_batch(void *ctx, const float *rows, size_t n, double done)
{
    struct alarm_stage *s = ctx;
    s->detector.rate = hyper_rate(s->detector.config, done);
    s->slices = slices_of(s->training->crew, n);
    crew_run(s->training->crew, s->slices.n, draw_for_alarm, s);
    struct detector_losses losses = detector_train_batch(&s->detector, &s->slices, rows, s->draws);
    bool finite = isfinite(losses.generator) && isfinite(losses.critic);
    return finite ? losses.alarm : (double)NAN;
}

static int alarm_stage_init(struct alarm_stage *s, struct da3d_model *model)
{
    const size_t batch = model->config.batch;
    int result = detector_init(&s->detector, &model->parts, &model->config, batch);
    for (size_t i = 0; result == 0 && i < s->detector.n_work; i++) {
        result = detector_draws_init(&s->draws[i], &model->parts, slices_rows_max(batch));
    }
    return result;
}

static void alarm_stage_clear(struct alarm_stage *s)
{
    detector_clear(&s->detector);
    for (size_t i = 0; i < SLICES_MAX; i++) {
        detector_draws_clear(&s->draws[i]);
    }
}

int training_run_alarm(struct training *t)
{
    struct da3d_model *model = t->model;
    struct alarm_stage s = {.training = t};
    const bool codes = detector_takes_codes(&model->config);
    if ((codes && encode_rows(t) != 0) || alarm_stage_init(&s, model) != 0) {
        alarm_stage_clear(&s);
        return da3d_fail(t->error, "out of memory");
    }
    struct stage stage = {
        .kind = DA3D_STAGE_ALARM,
        .epochs = model->config.epochs_alarm,
        .batch = model->config.batch,
        .rows = codes ? t->codes : t->inputs,
        .n_rows = t->n_train,
        .columns = codes ? net_out(&model->parts.net[PART_ENCODER]) : model->scaler.n_inputs,
        .shuffle = &t->streams[0].rng[STREAM_SHUFFLE_ALARM],
        .train = train_alarm_batch,
        .ctx = &s,
        .done = t->aae_share,
        .share = 1.0 - t->aae_share,
    };
    int result = stage_run(&stage, t->watch, &model->report.alarm, t->error);
    alarm_stage_clear(&s);
    return result;
}
