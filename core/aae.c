#include "aae.h"

#include <string.h>

#include "hyper.h"
#include "loss.h"

static int init_work(struct aae_work *work, const struct aae *aae, size_t rows)
{
    work->codes.ld = net_out(aae->encoder);
    work->codes.at = matrix_alloc(2 * rows, work->codes.ld);
    if (aae->config->corruption > 0.0F) {
        work->corrupted = matrix_alloc(rows, net_in(aae->encoder));
    }
    if (work->codes.at == NULL || (aae->config->corruption > 0.0F && work->corrupted == NULL) ||
        net_pass_init(&work->encoder_pass, aae->encoder, rows, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&work->decoder_pass, aae->decoder, rows, NET_WITH_GRADIENTS) != 0) {
        return -1;
    }
    return net_pass_init(&work->discriminator_pass, aae->discriminator, 2 * rows,
                         NET_WITH_GRADIENTS);
}

static int init_all(struct aae *aae)
{
    for (size_t i = 0; i < aae->n_work; i++) {
        if (init_work(&aae->work[i], aae, aae->max_rows) != 0) {
            return -1;
        }
    }
    if (adam_init(&aae->reconstruction[0], aae->encoder->n_params, aae->n_work) != 0 ||
        adam_init(&aae->reconstruction[1], aae->decoder->n_params, aae->n_work) != 0 ||
        adam_init(&aae->discrimination, aae->discriminator->n_params, aae->n_work) != 0) {
        return -1;
    }
    return adam_init(&aae->deception, aae->encoder->n_params, aae->n_work);
}

int aae_init(struct aae *aae, struct parts *parts, const struct da3d_config *config, size_t batch)
{
    *aae = (struct aae){
        .config = config,
        .rate = config->learning_rate,
        .encoder = &parts->net[PART_ENCODER],
        .decoder = &parts->net[PART_DECODER],
        .discriminator = &parts->net[PART_DISCRIMINATOR],
    };
    aae->n_work = aae_slices(aae, NULL, batch).n;
    aae->max_rows = net_normalises(aae->encoder) ? batch : slices_rows_max(batch);
    if (init_all(aae) != 0) {
        aae_clear(aae);
        return -1;
    }
    return 0;
}

void aae_clear(struct aae *aae)
{
    for (size_t i = 0; i < aae->n_work; i++) {
        free(aae->work[i].codes.at);
        free(aae->work[i].corrupted);
        net_pass_clear(&aae->work[i].encoder_pass);
        net_pass_clear(&aae->work[i].decoder_pass);
        net_pass_clear(&aae->work[i].discriminator_pass);
    }
    adam_clear(&aae->reconstruction[0]);
    adam_clear(&aae->reconstruction[1]);
    adam_clear(&aae->discrimination);
    adam_clear(&aae->deception);
    *aae = (struct aae){0};
}

struct slices aae_slices(const struct aae *aae, struct crew *crew, size_t rows)
{
    struct slices slices = slices_of(crew, rows);
    if (net_normalises(aae->encoder)) {
        slices.n = 1;
    }
    return slices;
}

static struct matrix_in inputs_of(const struct aae *aae, const float *x)
{
    return (struct matrix_in){x, net_in(aae->encoder)};
}

/* What the encoder is given to restore x (n, inputs) from. */
static struct matrix_in corrupted(const struct aae *aae, struct aae_work *work, const float *x,
                                  size_t n, const struct aae_draws *draws)
{
    const struct matrix_in in = inputs_of(aae, x);
    if (work->corrupted == NULL) {
        return in;
    }
    for (size_t i = 0; i < n * in.ld; i++) {
        work->corrupted[i] = x[i] + draws->corruption[i];
    }
    return inputs_of(aae, work->corrupted);
}

static double restored(const struct aae *aae, const float *output, const float *x, size_t n,
                       float *grad)
{
    return aae->config->reconstruction == DA3D_RECONSTRUCTION_SQUARED
               ? loss_squared(output, x, n, grad)
               : loss_cross_entropy(output, x, n, grad);
}

double aae_reconstruction(struct aae *aae, size_t slice, const float *x, size_t n,
                          const struct aae_draws *draws)
{
    struct aae_work *work = &aae->work[slice];
    struct matrix_in in = corrupted(aae, work, x, n, draws);
    struct matrix code =
        net_forward(aae->encoder, in, n, draws->reconstruct_encoder, &work->encoder_pass);
    struct matrix output = net_forward(aae->decoder, matrix_in(code), n, draws->reconstruct_decoder,
                                       &work->decoder_pass);
    double loss = restored(aae, output.at, x, n * in.ld,
                           net_output_grad(aae->decoder, &work->decoder_pass).at);
    net_backward(
        aae->decoder, &work->decoder_pass,
        &(struct net_backward){.x = matrix_in(code),
                               .rows = n,
                               .masks = draws->reconstruct_decoder,
                               .grad_params = adam_grad(&aae->reconstruction[1], slice),
                               .grad_x = net_output_grad(aae->encoder, &work->encoder_pass)});
    net_backward(aae->encoder, &work->encoder_pass,
                 &(struct net_backward){.x = in,
                                        .rows = n,
                                        .masks = draws->reconstruct_encoder,
                                        .grad_params = adam_grad(&aae->reconstruction[0], slice)});
    return loss;
}

double aae_discrimination(struct aae *aae, size_t slice, const float *x, size_t n,
                          const struct aae_draws *draws)
{
    struct aae_work *work = &aae->work[slice];
    const size_t size = n * work->codes.ld;
    struct matrix code = net_forward(aae->encoder, inputs_of(aae, x), n, NULL, &work->encoder_pass);
    memcpy(work->codes.at, code.at, size * sizeof(float));
    memcpy(work->codes.at + size, draws->prior, size * sizeof(float));
    const float *verdicts = net_forward(aae->discriminator, matrix_in(work->codes), 2 * n,
                                        draws->discriminate, &work->discriminator_pass)
                                .at;
    float *grad = net_output_grad(aae->discriminator, &work->discriminator_pass).at;
    double loss = loss_mean(verdicts, n, 1.0F, grad) + loss_mean(verdicts + n, n, -1.0F, grad + n);
    net_backward(aae->discriminator, &work->discriminator_pass,
                 &(struct net_backward){.x = matrix_in(work->codes),
                                        .rows = 2 * n,
                                        .masks = draws->discriminate,
                                        .grad_params = adam_grad(&aae->discrimination, slice)});
    return loss;
}

double aae_deception(struct aae *aae, size_t slice, const float *x, size_t n,
                     const struct aae_draws *draws)
{
    struct aae_work *work = &aae->work[slice];
    struct matrix_in in = inputs_of(aae, x);
    struct matrix code = net_forward(aae->encoder, in, n, draws->deceive, &work->encoder_pass);
    struct matrix verdicts =
        net_forward(aae->discriminator, matrix_in(code), n, NULL, &work->discriminator_pass);
    double loss = loss_mean(verdicts.at, n, -1.0F,
                            net_output_grad(aae->discriminator, &work->discriminator_pass).at);
    net_backward(
        aae->discriminator, &work->discriminator_pass,
        &(struct net_backward){.x = matrix_in(code),
                               .rows = n,
                               .grad_x = net_output_grad(aae->encoder, &work->encoder_pass)});
    net_backward(aae->encoder, &work->encoder_pass,
                 &(struct net_backward){.x = in,
                                        .rows = n,
                                        .masks = draws->deceive,
                                        .grad_params = adam_grad(&aae->deception, slice)});
    return loss;
}

/* A batch as its slices' losses see it. */
struct batch {
    struct aae *aae;
    const float *x;
    const struct aae_draws *draws;
};

static double reconstruction(void *ctx, size_t slice, size_t first, size_t n)
{
    const struct batch *b = ctx;
    const float *x = b->x + first * net_in(b->aae->encoder);
    return aae_reconstruction(b->aae, slice, x, n, &b->draws[slice]);
}

static double discrimination(void *ctx, size_t slice, size_t first, size_t n)
{
    const struct batch *b = ctx;
    const float *x = b->x + first * net_in(b->aae->encoder);
    return aae_discrimination(b->aae, slice, x, n, &b->draws[slice]);
}

static double deception(void *ctx, size_t slice, size_t first, size_t n)
{
    const struct batch *b = ctx;
    const float *x = b->x + first * net_in(b->aae->encoder);
    return aae_deception(b->aae, slice, x, n, &b->draws[slice]);
}

struct aae_losses aae_train_batch(struct aae *aae, const struct slices *slices, const float *x,
                                  const struct aae_draws *draws)
{
    const struct adam_rule plain = hyper_rule(aae->config, aae->rate, HYPER_STEP_PLAIN);
    const struct adam_rule critic = hyper_rule(aae->config, aae->rate, HYPER_STEP_CRITIC);
    const struct adam_rule deceiver = hyper_rule(aae->config, aae->rate, HYPER_STEP_DECEIVER);
    struct batch batch = {aae, x, draws};
    struct aae_losses losses;
    losses.reconstruction = slices_mean(slices, reconstruction, &batch);
    adam_step(&aae->reconstruction[0], aae->encoder->params, &plain, slices);
    adam_step(&aae->reconstruction[1], aae->decoder->params, &plain, slices);
    net_track(aae->encoder, &aae->work[0].encoder_pass, slices->rows);
    net_track(aae->decoder, &aae->work[0].decoder_pass, slices->rows);
    losses.discrimination = slices_mean(slices, discrimination, &batch);
    adam_step(&aae->discrimination, aae->discriminator->params, &critic, slices);
    losses.deception = slices_mean(slices, deception, &batch);
    adam_step(&aae->deception, aae->encoder->params, &deceiver, slices);
    net_track(aae->encoder, &aae->work[0].encoder_pass, slices->rows);
    return losses;
}
