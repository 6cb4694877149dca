#include "aae.h"

#include <string.h>

#include "hyper.h"
#include "loss.h"

int aae_init(struct aae *aae, struct parts *parts, size_t batch)
{
    *aae = (struct aae){
        .encoder = &parts->net[PART_ENCODER],
        .decoder = &parts->net[PART_DECODER],
        .discriminator = &parts->net[PART_DISCRIMINATOR],
        .codes = {.ld = net_out(&parts->net[PART_ENCODER])},
    };
    aae->codes.at = matrix_alloc(2 * batch, aae->codes.ld);
    if (aae->codes.at == NULL || adam_init(&aae->reconstruction[0], aae->encoder->n_params) != 0 ||
        adam_init(&aae->reconstruction[1], aae->decoder->n_params) != 0 ||
        adam_init(&aae->discrimination, aae->discriminator->n_params) != 0 ||
        adam_init(&aae->deception, aae->encoder->n_params) != 0 ||
        net_pass_init(&aae->encoder_pass, aae->encoder, batch, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&aae->decoder_pass, aae->decoder, batch, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&aae->discriminator_pass, aae->discriminator, 2 * batch,
                      NET_WITH_GRADIENTS) != 0) {
        aae_clear(aae);
        return -1;
    }
    return 0;
}

void aae_clear(struct aae *aae)
{
    free(aae->codes.at);
    adam_clear(&aae->reconstruction[0]);
    adam_clear(&aae->reconstruction[1]);
    adam_clear(&aae->discrimination);
    adam_clear(&aae->deception);
    net_pass_clear(&aae->encoder_pass);
    net_pass_clear(&aae->decoder_pass);
    net_pass_clear(&aae->discriminator_pass);
    *aae = (struct aae){0};
}

static struct matrix_in inputs_of(const struct aae *aae, const float *x)
{
    return (struct matrix_in){x, net_in(aae->encoder)};
}

double aae_reconstruction(struct aae *aae, const float *x, size_t n, const struct aae_draws *draws)
{
    struct matrix_in in = inputs_of(aae, x);
    struct matrix code =
        net_forward(aae->encoder, in, n, draws->reconstruct_encoder, &aae->encoder_pass);
    struct matrix logits = net_forward(aae->decoder, matrix_in(code), n, draws->reconstruct_decoder,
                                       &aae->decoder_pass);
    double loss = loss_cross_entropy(logits.at, x, n * in.ld,
                                     net_output_grad(aae->decoder, &aae->decoder_pass).at);
    net_backward(
        aae->decoder, &aae->decoder_pass,
        &(struct net_backward){.x = matrix_in(code),
                               .rows = n,
                               .masks = draws->reconstruct_decoder,
                               .grad_params = aae->reconstruction[1].grad,
                               .grad_x = net_output_grad(aae->encoder, &aae->encoder_pass)});
    net_backward(aae->encoder, &aae->encoder_pass,
                 &(struct net_backward){.x = in,
                                        .rows = n,
                                        .masks = draws->reconstruct_encoder,
                                        .grad_params = aae->reconstruction[0].grad});
    return loss;
}

double aae_discrimination(struct aae *aae, const float *x, size_t n, const struct aae_draws *draws)
{
    const size_t size = n * aae->codes.ld;
    struct matrix code = net_forward(aae->encoder, inputs_of(aae, x), n, NULL, &aae->encoder_pass);
    memcpy(aae->codes.at, code.at, size * sizeof(float));
    memcpy(aae->codes.at + size, draws->prior, size * sizeof(float));
    const float *verdicts = net_forward(aae->discriminator, matrix_in(aae->codes), 2 * n,
                                        draws->discriminate, &aae->discriminator_pass)
                                .at;
    float *grad = net_output_grad(aae->discriminator, &aae->discriminator_pass).at;
    double loss = loss_mean(verdicts, n, 1.0F, grad) + loss_mean(verdicts + n, n, -1.0F, grad + n);
    net_backward(aae->discriminator, &aae->discriminator_pass,
                 &(struct net_backward){.x = matrix_in(aae->codes),
                                        .rows = 2 * n,
                                        .masks = draws->discriminate,
                                        .grad_params = aae->discrimination.grad});
    return loss;
}

double aae_deception(struct aae *aae, const float *x, size_t n, const struct aae_draws *draws)
{
    struct matrix_in in = inputs_of(aae, x);
    struct matrix code = net_forward(aae->encoder, in, n, draws->deceive, &aae->encoder_pass);
    struct matrix verdicts =
        net_forward(aae->discriminator, matrix_in(code), n, NULL, &aae->discriminator_pass);
    double loss = loss_mean(verdicts.at, n, -1.0F,
                            net_output_grad(aae->discriminator, &aae->discriminator_pass).at);
    net_backward(
        aae->discriminator, &aae->discriminator_pass,
        &(struct net_backward){.x = matrix_in(code),
                               .rows = n,
                               .grad_x = net_output_grad(aae->encoder, &aae->encoder_pass)});
    net_backward(
        aae->encoder, &aae->encoder_pass,
        &(struct net_backward){
            .x = in, .rows = n, .masks = draws->deceive, .grad_params = aae->deception.grad});
    return loss;
}

struct aae_losses aae_train_batch(struct aae *aae, const float *x, size_t n,
                                  const struct aae_draws *draws, const struct da3d_config *config)
{
    const struct adam_rule plain = hyper_rule(config, HYPER_STEP_PLAIN);
    const struct adam_rule critic = hyper_rule(config, HYPER_STEP_CRITIC);
    const struct adam_rule deceiver = hyper_rule(config, HYPER_STEP_DECEIVER);
    struct aae_losses losses;
    losses.reconstruction = aae_reconstruction(aae, x, n, draws);
    adam_step(&aae->reconstruction[0], aae->encoder->params, &plain);
    adam_step(&aae->reconstruction[1], aae->decoder->params, &plain);
    net_track(aae->encoder, &aae->encoder_pass, n);
    net_track(aae->decoder, &aae->decoder_pass, n);
    losses.discrimination = aae_discrimination(aae, x, n, draws);
    adam_step(&aae->discrimination, aae->discriminator->params, &critic);
    losses.deception = aae_deception(aae, x, n, draws);
    adam_step(&aae->deception, aae->encoder->params, &deceiver);
    net_track(aae->encoder, &aae->encoder_pass, n);
    return losses;
}
