#include "detector.h"

#include <string.h>

#include "hyper.h"
#include "loss.h"

/* Leading dimensions in whole cache lines. */
static size_t padded(size_t columns)
{
    return (columns + 15) / 16 * 16;
}

static int alloc_all(struct detector *d, size_t batch)
{
    d->codes.at = matrix_alloc(3 * batch, d->codes.ld);
    d->activations.at = matrix_alloc(3 * batch, d->activations.ld);
    d->activation_grad.at = matrix_alloc(batch, d->activation_grad.ld);
    if (d->codes.at == NULL || d->activations.at == NULL || d->activation_grad.at == NULL ||
        adam_init(&d->generator_adam, d->generator->n_params) != 0 ||
        adam_init(&d->critic_adam, d->critic->n_params) != 0 ||
        adam_init(&d->alarm_adam, d->alarm->n_params) != 0 ||
        net_pass_init(&d->encoder_pass, d->encoder, batch, NET_FORWARD_ONLY) != 0 ||
        net_pass_init(&d->generator_pass, d->generator, 2 * batch, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&d->critic_pass, d->critic, 3 * batch, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&d->alarm_pass, d->alarm, 3 * batch, NET_WITH_GRADIENTS) != 0) {
        return -1;
    }
    net_pass_map(&d->trunk_pass, &d->trunk, d->activations, d->activation_grad);
    return 0;
}

int detector_init(struct detector *detector, struct parts *parts, size_t batch)
{
    *detector = (struct detector){
        .encoder = &parts->net[PART_ENCODER],
        .trunk = net_trunk(&parts->net[PART_DECODER]),
        .generator = &parts->net[PART_GENERATOR],
        .critic = &parts->net[PART_CRITIC],
        .alarm = &parts->net[PART_ALARM],
        .codes = {.ld = net_out(&parts->net[PART_ENCODER])},
    };
    detector->activations.ld = padded(net_in(detector->alarm));
    detector->activation_grad.ld = detector->activations.ld;
    if (alloc_all(detector, batch) != 0) {
        detector_clear(detector);
        return -1;
    }
    return 0;
}

void detector_clear(struct detector *detector)
{
    free(detector->codes.at);
    free(detector->activations.at);
    free(detector->activation_grad.at);
    adam_clear(&detector->generator_adam);
    adam_clear(&detector->critic_adam);
    adam_clear(&detector->alarm_adam);
    net_pass_clear(&detector->encoder_pass);
    net_pass_clear(&detector->generator_pass);
    net_pass_clear(&detector->critic_pass);
    net_pass_clear(&detector->alarm_pass);
    *detector = (struct detector){0};
}

/* Writes n codes into the stack of codes, from row first. */
static void stack_codes(struct detector *d, size_t first, const float *codes, size_t n)
{
    memcpy(matrix_rows(d->codes, first).at, codes, n * d->codes.ld * sizeof(float));
}

/* Codes of generated anomalies, dropout off; in the generator's pass. noise: (n, noise). */
static const float *generate(struct detector *d, const float *noise, size_t n)
{
    struct matrix_in in = {noise, net_in(d->generator)};
    return net_forward(d->generator, in, n, NULL, &d->generator_pass).at;
}

double detector_alarm(struct detector *d, const float *codes, size_t n,
                      const struct detector_draws *draws)
{
    struct matrix_in trivial = {draws->trivial, net_in(d->encoder)};
    stack_codes(d, 0, codes, n);
    stack_codes(d, n, net_forward(d->encoder, trivial, n, NULL, &d->encoder_pass).at, n);
    stack_codes(d, 2 * n, generate(d, draws->alarm_noise, n), n);
    net_forward(&d->trunk, matrix_in(d->codes), 3 * n, NULL, &d->trunk_pass);
    const float *logits =
        net_forward(d->alarm, matrix_in(d->activations), 3 * n, draws->alarm, &d->alarm_pass).at;
    float *grad = net_output_grad(d->alarm, &d->alarm_pass).at;
    double loss = loss_cross_entropy_label(logits, 0.0F, n, grad) +
                  loss_cross_entropy_label(logits + n, 1.0F, n, grad + n) +
                  loss_cross_entropy_label(logits + 2 * n, 1.0F, n, grad + 2 * n);
    net_backward(d->alarm, &d->alarm_pass,
                 &(struct net_backward){.x = matrix_in(d->activations),
                                        .rows = 3 * n,
                                        .masks = draws->alarm,
                                        .grad_params = d->alarm_adam.grad});
    return loss;
}

/* mean sigmoid(A(a(codes))) through the frozen decoder and alarm; grad_codes: (n, code). */
static double fool_alarm(struct detector *d, struct matrix_in codes, size_t n,
                         struct matrix grad_codes)
{
    net_forward(&d->trunk, codes, n, NULL, &d->trunk_pass);
    struct matrix logits =
        net_forward(d->alarm, matrix_in(d->activations), n, NULL, &d->alarm_pass);
    double loss = loss_mean_sigmoid(logits.at, n, net_output_grad(d->alarm, &d->alarm_pass).at);
    net_backward(d->alarm, &d->alarm_pass,
                 &(struct net_backward){
                     .x = matrix_in(d->activations), .rows = n, .grad_x = d->activation_grad});
    net_backward(
        &d->trunk, &d->trunk_pass,
        &(struct net_backward){.x = codes, .rows = n, .seeded = true, .grad_x = grad_codes});
    return loss;
}

/* mean C(codes) through the frozen critic; grad_codes: (n, code). */
static double fool_critic(struct detector *d, struct matrix_in codes, size_t n,
                          struct matrix grad_codes)
{
    struct matrix verdicts = net_forward(d->critic, codes, n, NULL, &d->critic_pass);
    double loss = loss_mean(verdicts.at, n, 1.0F, net_output_grad(d->critic, &d->critic_pass).at);
    net_backward(d->critic, &d->critic_pass,
                 &(struct net_backward){.x = codes, .rows = n, .grad_x = grad_codes});
    return loss;
}

double detector_generator(struct detector *d, size_t n, const struct detector_draws *draws)
{
    struct matrix_in noise = {draws->generator_noise, net_in(d->generator)};
    struct matrix codes =
        net_forward(d->generator, noise, 2 * n, draws->generator, &d->generator_pass);
    struct matrix grad = net_output_grad(d->generator, &d->generator_pass);
    double loss = fool_alarm(d, matrix_in(codes), n, grad) +
                  fool_critic(d, matrix_in(matrix_rows(codes, n)), n, matrix_rows(grad, n));
    net_backward(d->generator, &d->generator_pass,
                 &(struct net_backward){.x = noise,
                                        .rows = 2 * n,
                                        .masks = draws->generator,
                                        .grad_params = d->generator_adam.grad});
    return loss;
}

double detector_critic(struct detector *d, const float *codes, size_t n,
                       const struct detector_draws *draws, const struct da3d_config *config)
{
    stack_codes(d, 0, draws->wide, n);
    stack_codes(d, n, generate(d, draws->critic_noise, n), n);
    stack_codes(d, 2 * n, codes, n);
    const float *verdicts =
        net_forward(d->critic, matrix_in(d->codes), 3 * n, draws->critic, &d->critic_pass).at;
    float *grad = net_output_grad(d->critic, &d->critic_pass).at;
    double loss = loss_mean(verdicts, n, 1.0F, grad) +
                  loss_mean(verdicts + n, n, -config->lambda_g, grad + n) +
                  loss_mean(verdicts + 2 * n, n, -config->lambda_n, grad + 2 * n);
    net_backward(d->critic, &d->critic_pass,
                 &(struct net_backward){.x = matrix_in(d->codes),
                                        .rows = 3 * n,
                                        .masks = draws->critic,
                                        .grad_params = d->critic_adam.grad});
    return loss;
}

struct detector_losses detector_train_batch(struct detector *d, const float *codes, size_t n,
                                            const struct detector_draws *draws,
                                            const struct da3d_config *config)
{
    const struct adam_rule plain = hyper_rule(config, HYPER_STEP_PLAIN);
    const struct adam_rule critic = hyper_rule(config, HYPER_STEP_CRITIC);
    const struct adam_rule deceiver = hyper_rule(config, HYPER_STEP_DECEIVER);
    struct detector_losses losses;
    losses.alarm = detector_alarm(d, codes, n, draws);
    adam_step(&d->alarm_adam, d->alarm->params, &plain);
    losses.generator = detector_generator(d, n, draws);
    adam_step(&d->generator_adam, d->generator->params, &deceiver);
    losses.critic = detector_critic(d, codes, n, draws, config);
    adam_step(&d->critic_adam, d->critic->params, &critic);
    return losses;
}
