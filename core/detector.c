#include "detector.h"

#include <string.h>

#include "hyper.h"
#include "loss.h"

static bool takes_codes(const struct detector *d)
{
    return detector_takes_codes(d->config);
}

static int init_reader(struct detector *d, const struct parts *parts, size_t batch)
{
    const struct reader_plan plan = {
        .read = d->config->activations,
        .from_codes = takes_codes(d),
        .rows = 3 * batch,
        .grad_rows = batch,
    };
    if (reader_init(&d->reader, parts, &plan) != 0) {
        return -1;
    }
    d->stack.ld = reader_in(&d->reader);
    d->stack.at = matrix_alloc(3 * batch, d->stack.ld);
    return d->stack.at != NULL ? 0 : -1;
}

static int alloc_all(struct detector *d, size_t batch)
{
    d->codes.at = matrix_alloc(3 * batch, d->codes.ld);
    if (d->codes.at == NULL || adam_init(&d->generator_adam, d->generator->n_params) != 0 ||
        adam_init(&d->critic_adam, d->critic->n_params) != 0 ||
        adam_init(&d->alarm_adam, d->alarm->n_params) != 0 ||
        net_pass_init(&d->encoder_pass, d->encoder, batch, NET_FORWARD_ONLY) != 0 ||
        net_pass_init(&d->generator_pass, d->generator, 2 * batch, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&d->critic_pass, d->critic, 3 * batch, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&d->alarm_pass, d->alarm, 3 * batch, NET_WITH_GRADIENTS) != 0) {
        return -1;
    }
    return takes_codes(d) ? 0
                          : net_pass_init(&d->decoder_pass, &d->decoder, batch, NET_WITH_GRADIENTS);
}

int detector_init(struct detector *detector, struct parts *parts, const struct da3d_config *config,
                  size_t batch)
{
    *detector = (struct detector){
        .config = config,
        .encoder = &parts->net[PART_ENCODER],
        .decoder = parts->net[PART_DECODER],
        .generator = &parts->net[PART_GENERATOR],
        .critic = &parts->net[PART_CRITIC],
        .alarm = &parts->net[PART_ALARM],
        .codes = {.ld = net_out(&parts->net[PART_ENCODER])},
    };
    detector->decoder.layer[detector->decoder.n_layers - 1].activation = NET_SIGMOID;
    if (init_reader(detector, parts, batch) != 0 || alloc_all(detector, batch) != 0) {
        detector_clear(detector);
        return -1;
    }
    return 0;
}

void detector_clear(struct detector *detector)
{
    free(detector->stack.at);
    free(detector->codes.at);
    adam_clear(&detector->generator_adam);
    adam_clear(&detector->critic_adam);
    adam_clear(&detector->alarm_adam);
    reader_clear(&detector->reader);
    net_pass_clear(&detector->encoder_pass);
    net_pass_clear(&detector->decoder_pass);
    net_pass_clear(&detector->generator_pass);
    net_pass_clear(&detector->critic_pass);
    net_pass_clear(&detector->alarm_pass);
    *detector = (struct detector){0};
}

/* Copies n rows into a stack from row first on; returns the row behind them. */
static size_t stack_rows(struct matrix stack, size_t first, struct matrix_in rows, size_t n)
{
    memcpy(matrix_rows(stack, first).at, rows.at, n * stack.ld * sizeof(float));
    return first + n;
}

/* x: (n, inputs). Their codes, in the encoder's pass. */
static struct matrix_in encode(struct detector *d, const float *x, size_t n)
{
    struct matrix_in in = {x, net_in(d->encoder)};
    return matrix_in(net_forward(d->encoder, in, n, NULL, &d->encoder_pass));
}

/* Codes of generated anomalies, dropout off, in the generator's pass. noise: (n, noise). */
static struct matrix_in generate(struct detector *d, const float *noise, size_t n)
{
    struct matrix_in in = {noise, net_in(d->generator)};
    return matrix_in(net_forward(d->generator, in, n, NULL, &d->generator_pass));
}

/* Codes as what the reader reads: themselves, or what the decoder, in its pass, makes of them. */
static struct matrix_in enter_codes(struct detector *d, struct matrix_in codes, size_t n)
{
    return takes_codes(d) ? codes
                          : matrix_in(net_forward(&d->decoder, codes, n, NULL, &d->decoder_pass));
}

/* Fills the stack with normal rows, then each kind of anomalies of the variant, n rows each. */
static void stack_terms(struct detector *d, const float *rows, size_t n,
                        const struct detector_draws *draws)
{
    size_t end = stack_rows(d->stack, 0, (struct matrix_in){rows, d->stack.ld}, n);
    if (d->config->trivial) {
        struct matrix_in trivial = {draws->trivial, net_in(d->encoder)};
        end = stack_rows(d->stack, end, takes_codes(d) ? encode(d, trivial.at, n) : trivial, n);
    }
    if (d->config->generator_kind != DA3D_GENERATOR_NONE) {
        struct matrix_in codes = d->config->generator_kind == DA3D_GENERATOR_GAN
                                     ? generate(d, draws->alarm_noise, n)
                                     : (struct matrix_in){draws->wide, d->codes.ld};
        stack_rows(d->stack, end, enter_codes(d, codes, n), n);
    }
}

double detector_alarm(struct detector *d, const float *rows, size_t n,
                      const struct detector_draws *draws)
{
    const size_t terms = hyper_alarm_terms(d->config);
    stack_terms(d, rows, n, draws);
    struct matrix_in activations = reader_read(&d->reader, matrix_in(d->stack), terms * n);
    const float *logits =
        net_forward(d->alarm, activations, terms * n, draws->alarm, &d->alarm_pass).at;
    float *grad = net_output_grad(d->alarm, &d->alarm_pass).at;
    double loss = loss_cross_entropy_label(logits, 0.0F, n, grad);
    for (size_t first = n; first < terms * n; first += n) {
        loss += loss_cross_entropy_label(logits + first, 1.0F, n, grad + first);
    }
    net_backward(d->alarm, &d->alarm_pass,
                 &(struct net_backward){.x = activations,
                                        .rows = terms * n,
                                        .masks = draws->alarm,
                                        .grad_params = d->alarm_adam.grad});
    return loss;
}

/* mean sigmoid(g(codes)) through everything frozen; grad_codes: (n, code). */
static double fool_alarm(struct detector *d, struct matrix_in codes, size_t n,
                         struct matrix grad_codes)
{
    struct matrix_in entered = enter_codes(d, codes, n);
    struct matrix grad_entered =
        takes_codes(d) ? grad_codes : net_output_grad(&d->decoder, &d->decoder_pass);
    struct matrix_in activations = reader_read(&d->reader, entered, n);
    struct matrix logits = net_forward(d->alarm, activations, n, NULL, &d->alarm_pass);
    double loss = loss_mean_sigmoid(logits.at, n, net_output_grad(d->alarm, &d->alarm_pass).at);
    net_backward(d->alarm, &d->alarm_pass,
                 &(struct net_backward){.x = activations, .rows = n, .grad_x = d->reader.grad});
    reader_trace(&d->reader, entered, n, grad_entered);
    if (!takes_codes(d)) {
        net_backward(&d->decoder, &d->decoder_pass,
                     &(struct net_backward){.x = codes, .rows = n, .grad_x = grad_codes});
    }
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

double detector_critic(struct detector *d, const float *rows, size_t n,
                       const struct detector_draws *draws)
{
    struct matrix_in wide = {draws->wide, d->codes.ld}, normal = {rows, d->codes.ld};
    stack_rows(d->codes, 0, wide, n);
    stack_rows(d->codes, n, generate(d, draws->critic_noise, n), n);
    stack_rows(d->codes, 2 * n, takes_codes(d) ? normal : encode(d, rows, n), n);
    const float *verdicts =
        net_forward(d->critic, matrix_in(d->codes), 3 * n, draws->critic, &d->critic_pass).at;
    float *grad = net_output_grad(d->critic, &d->critic_pass).at;
    double loss = loss_mean(verdicts, n, 1.0F, grad) +
                  loss_mean(verdicts + n, n, -d->config->lambda_g, grad + n) +
                  loss_mean(verdicts + 2 * n, n, -d->config->lambda_n, grad + 2 * n);
    net_backward(d->critic, &d->critic_pass,
                 &(struct net_backward){.x = matrix_in(d->codes),
                                        .rows = 3 * n,
                                        .masks = draws->critic,
                                        .grad_params = d->critic_adam.grad});
    return loss;
}

struct detector_losses detector_train_batch(struct detector *d, const float *rows, size_t n,
                                            const struct detector_draws *draws)
{
    const struct adam_rule plain = hyper_rule(d->config, HYPER_STEP_PLAIN);
    const struct adam_rule critic = hyper_rule(d->config, HYPER_STEP_CRITIC);
    const struct adam_rule deceiver = hyper_rule(d->config, HYPER_STEP_DECEIVER);
    struct detector_losses losses = {.alarm = detector_alarm(d, rows, n, draws)};
    adam_step(&d->alarm_adam, d->alarm->params, &plain);
    if (d->config->generator_kind == DA3D_GENERATOR_GAN) {
        losses.generator = detector_generator(d, n, draws);
        adam_step(&d->generator_adam, d->generator->params, &deceiver);
        losses.critic = detector_critic(d, rows, n, draws);
        adam_step(&d->critic_adam, d->critic->params, &critic);
    }
    return losses;
}
