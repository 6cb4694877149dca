#include "detector.h"

#include <string.h>

#include "hyper.h"
#include "loss.h"

static bool takes_codes(const struct detector *d)
{
    return detector_takes_codes(d->config);
}

static int init_reader(struct detector_work *w, const struct detector *d, const struct parts *parts,
                       size_t rows)
{
    const struct reader_plan plan = {
        .read = d->config->activations,
        .from_codes = takes_codes(d),
        .rows = 3 * rows,
        .grad_rows = rows,
    };
    if (reader_init(&w->reader, parts, &plan) != 0) {
        return -1;
    }
    w->stack.ld = reader_in(&w->reader);
    w->stack.at = matrix_alloc(3 * rows, w->stack.ld);
    return w->stack.at != NULL ? 0 : -1;
}

static int init_work(struct detector_work *w, const struct detector *d, const struct parts *parts,
                     size_t rows)
{
    w->codes.ld = net_out(d->encoder);
    w->codes.at = matrix_alloc(3 * rows, w->codes.ld);
    if (w->codes.at == NULL || init_reader(w, d, parts, rows) != 0 ||
        net_pass_init(&w->encoder_pass, d->encoder, rows, NET_FORWARD_ONLY) != 0 ||
        net_pass_init(&w->generator_pass, d->generator, 2 * rows, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&w->critic_pass, d->critic, 3 * rows, NET_WITH_GRADIENTS) != 0 ||
        net_pass_init(&w->alarm_pass, d->alarm, 3 * rows, NET_WITH_GRADIENTS) != 0) {
        return -1;
    }
    return takes_codes(d) ? 0
                          : net_pass_init(&w->decoder_pass, &d->decoder, rows, NET_WITH_GRADIENTS);
}

static int init_all(struct detector *d, const struct parts *parts, size_t batch)
{
    for (size_t i = 0; i < d->n_work; i++) {
        if (init_work(&d->work[i], d, parts, slices_rows_max(batch)) != 0) {
            return -1;
        }
    }
    if (adam_init(&d->generator_adam, d->generator->n_params, d->n_work) != 0 ||
        adam_init(&d->critic_adam, d->critic->n_params, d->n_work) != 0) {
        return -1;
    }
    return adam_init(&d->alarm_adam, d->alarm->n_params, d->n_work);
}

int detector_init(struct detector *detector, struct parts *parts, const struct da3d_config *config,
                  size_t batch)
{
    *detector = (struct detector){
        .config = config,
        .rate = config->learning_rate,
        .encoder = &parts->net[PART_ENCODER],
        .decoder = parts->net[PART_DECODER],
        .generator = &parts->net[PART_GENERATOR],
        .critic = &parts->net[PART_CRITIC],
        .alarm = &parts->net[PART_ALARM],
        .n_work = slices_of(NULL, batch).n,
    };
    if (config->reconstruction == DA3D_RECONSTRUCTION_CROSS_ENTROPY) {
        detector->decoder.layer[detector->decoder.n_layers - 1].activation = NET_SIGMOID;
    }
    if (init_all(detector, parts, batch) != 0) {
        detector_clear(detector);
        return -1;
    }
    return 0;
}

static void clear_work(struct detector_work *w)
{
    free(w->stack.at);
    free(w->codes.at);
    reader_clear(&w->reader);
    net_pass_clear(&w->encoder_pass);
    net_pass_clear(&w->decoder_pass);
    net_pass_clear(&w->generator_pass);
    net_pass_clear(&w->critic_pass);
    net_pass_clear(&w->alarm_pass);
}

void detector_clear(struct detector *detector)
{
    for (size_t i = 0; i < detector->n_work; i++) {
        clear_work(&detector->work[i]);
    }
    adam_clear(&detector->generator_adam);
    adam_clear(&detector->critic_adam);
    adam_clear(&detector->alarm_adam);
    *detector = (struct detector){0};
}

/* Copies n rows into a stack from row first on; returns the row behind them. */
static size_t stack_rows(struct matrix stack, size_t first, struct matrix_in rows, size_t n)
{
    memcpy(matrix_rows(stack, first).at, rows.at, n * stack.ld * sizeof(float));
    return first + n;
}

/* x: (n, inputs). Their codes, in the encoder's pass. */
static struct matrix_in encode(const struct detector *d, struct detector_work *w, const float *x,
                               size_t n)
{
    struct matrix_in in = {x, net_in(d->encoder)};
    return matrix_in(net_forward(d->encoder, in, n, NULL, &w->encoder_pass));
}

/* Codes of generated anomalies, dropout off, in the generator's pass. noise: (n, noise). */
static struct matrix_in generate(const struct detector *d, struct detector_work *w,
                                 const float *noise, size_t n)
{
    struct matrix_in in = {noise, net_in(d->generator)};
    return matrix_in(net_forward(d->generator, in, n, NULL, &w->generator_pass));
}

/* Codes as what the reader reads: themselves, or what the decoder, in its pass, makes of them. */
static struct matrix_in enter_codes(const struct detector *d, struct detector_work *w,
                                    struct matrix_in codes, size_t n)
{
    return takes_codes(d) ? codes
                          : matrix_in(net_forward(&d->decoder, codes, n, NULL, &w->decoder_pass));
}

/* Fills the stack with normal rows, then each kind of anomalies of the variant, n rows each. */
static void stack_terms(const struct detector *d, struct detector_work *w, const float *rows,
                        size_t n, const struct detector_draws *draws)
{
    size_t end = stack_rows(w->stack, 0, (struct matrix_in){rows, w->stack.ld}, n);
    if (d->config->trivial) {
        struct matrix_in trivial = {draws->trivial, net_in(d->encoder)};
        end = stack_rows(w->stack, end, takes_codes(d) ? encode(d, w, trivial.at, n) : trivial, n);
    }
    if (d->config->generator_kind != DA3D_GENERATOR_NONE) {
        struct matrix_in codes = d->config->generator_kind == DA3D_GENERATOR_GAN
                                     ? generate(d, w, draws->alarm_noise, n)
                                     : (struct matrix_in){draws->wide, w->codes.ld};
        stack_rows(w->stack, end, enter_codes(d, w, codes, n), n);
    }
}

double detector_alarm(struct detector *d, size_t slice, const float *rows, size_t n,
                      const struct detector_draws *draws)
{
    struct detector_work *w = &d->work[slice];
    const size_t terms = hyper_alarm_terms(d->config);
    stack_terms(d, w, rows, n, draws);
    struct matrix_in activations = reader_read(&w->reader, matrix_in(w->stack), terms * n);
    const float *logits =
        net_forward(d->alarm, activations, terms * n, draws->alarm, &w->alarm_pass).at;
    float *grad = net_output_grad(d->alarm, &w->alarm_pass).at;
    double loss = loss_cross_entropy_label(logits, 0.0F, n, grad);
    for (size_t first = n; first < terms * n; first += n) {
        loss += loss_cross_entropy_label(logits + first, 1.0F, n, grad + first);
    }
    net_backward(d->alarm, &w->alarm_pass,
                 &(struct net_backward){.x = activations,
                                        .rows = terms * n,
                                        .masks = draws->alarm,
                                        .grad_params = adam_grad(&d->alarm_adam, slice)});
    return loss;
}

/* mean sigmoid(g(codes)) through everything frozen; grad_codes: (n, code). */
static double fool_alarm(const struct detector *d, struct detector_work *w, struct matrix_in codes,
                         size_t n, struct matrix grad_codes)
{
    struct matrix_in entered = enter_codes(d, w, codes, n);
    struct matrix grad_entered =
        takes_codes(d) ? grad_codes : net_output_grad(&d->decoder, &w->decoder_pass);
    struct matrix_in activations = reader_read(&w->reader, entered, n);
    struct matrix logits = net_forward(d->alarm, activations, n, NULL, &w->alarm_pass);
    double loss = loss_mean_sigmoid(logits.at, n, net_output_grad(d->alarm, &w->alarm_pass).at);
    net_backward(d->alarm, &w->alarm_pass,
                 &(struct net_backward){.x = activations, .rows = n, .grad_x = w->reader.grad});
    reader_trace(&w->reader, entered, n, grad_entered);
    if (!takes_codes(d)) {
        net_backward(&d->decoder, &w->decoder_pass,
                     &(struct net_backward){.x = codes, .rows = n, .grad_x = grad_codes});
    }
    return loss;
}

/* mean C(codes) through the frozen critic; grad_codes: (n, code). */
static double fool_critic(const struct detector *d, struct detector_work *w, struct matrix_in codes,
                          size_t n, struct matrix grad_codes)
{
    struct matrix verdicts = net_forward(d->critic, codes, n, NULL, &w->critic_pass);
    double loss = loss_mean(verdicts.at, n, 1.0F, net_output_grad(d->critic, &w->critic_pass).at);
    net_backward(d->critic, &w->critic_pass,
                 &(struct net_backward){.x = codes, .rows = n, .grad_x = grad_codes});
    return loss;
}

double detector_generator(struct detector *d, size_t slice, size_t n,
                          const struct detector_draws *draws)
{
    struct detector_work *w = &d->work[slice];
    struct matrix_in noise = {draws->generator_noise, net_in(d->generator)};
    struct matrix codes =
        net_forward(d->generator, noise, 2 * n, draws->generator, &w->generator_pass);
    struct matrix grad = net_output_grad(d->generator, &w->generator_pass);
    double loss = fool_alarm(d, w, matrix_in(codes), n, grad) +
                  fool_critic(d, w, matrix_in(matrix_rows(codes, n)), n, matrix_rows(grad, n));
    net_backward(d->generator, &w->generator_pass,
                 &(struct net_backward){.x = noise,
                                        .rows = 2 * n,
                                        .masks = draws->generator,
                                        .grad_params = adam_grad(&d->generator_adam, slice)});
    return loss;
}

double detector_critic(struct detector *d, size_t slice, const float *rows, size_t n,
                       const struct detector_draws *draws)
{
    struct detector_work *w = &d->work[slice];
    struct matrix_in wide = {draws->wide, w->codes.ld}, normal = {rows, w->codes.ld};
    stack_rows(w->codes, 0, wide, n);
    stack_rows(w->codes, n, generate(d, w, draws->critic_noise, n), n);
    stack_rows(w->codes, 2 * n, takes_codes(d) ? normal : encode(d, w, rows, n), n);
    const float *verdicts =
        net_forward(d->critic, matrix_in(w->codes), 3 * n, draws->critic, &w->critic_pass).at;
    float *grad = net_output_grad(d->critic, &w->critic_pass).at;
    double loss = loss_mean(verdicts, n, 1.0F, grad) +
                  loss_mean(verdicts + n, n, -d->config->lambda_g, grad + n) +
                  loss_mean(verdicts + 2 * n, n, -d->config->lambda_n, grad + 2 * n);
    net_backward(d->critic, &w->critic_pass,
                 &(struct net_backward){.x = matrix_in(w->codes),
                                        .rows = 3 * n,
                                        .masks = draws->critic,
                                        .grad_params = adam_grad(&d->critic_adam, slice)});
    return loss;
}

/* A batch as its slices' losses see it. */
struct batch {
    struct detector *d;
    const float *rows;
    size_t columns;
    const struct detector_draws *draws;
};

static double alarm(void *ctx, size_t slice, size_t first, size_t n)
{
    const struct batch *b = ctx;
    const float *rows = b->rows + first * b->columns;
    return detector_alarm(b->d, slice, rows, n, &b->draws[slice]);
}

static double generator(void *ctx, size_t slice, size_t first, size_t n)
{
    const struct batch *b = ctx;
    (void)first; /* it learns on noise alone */
    return detector_generator(b->d, slice, n, &b->draws[slice]);
}

static double critic(void *ctx, size_t slice, size_t first, size_t n)
{
    const struct batch *b = ctx;
    const float *rows = b->rows + first * b->columns;
    return detector_critic(b->d, slice, rows, n, &b->draws[slice]);
}

struct detector_losses detector_train_batch(struct detector *d, const struct slices *slices,
                                            const float *rows, const struct detector_draws *draws)
{
    const struct adam_rule plain = hyper_rule(d->config, d->rate, HYPER_STEP_PLAIN);
    const struct adam_rule critical = hyper_rule(d->config, d->rate, HYPER_STEP_CRITIC);
    const struct adam_rule deceiving = hyper_rule(d->config, d->rate, HYPER_STEP_DECEIVER);
    struct batch batch = {d, rows, d->work[0].stack.ld, draws};
    struct detector_losses losses = {.alarm = slices_mean(slices, alarm, &batch)};
    adam_step(&d->alarm_adam, d->alarm->params, &plain, slices);
    if (d->config->generator_kind == DA3D_GENERATOR_GAN) {
        losses.generator = slices_mean(slices, generator, &batch);
        adam_step(&d->generator_adam, d->generator->params, &deceiving, slices);
        losses.critic = slices_mean(slices, critic, &batch);
        adam_step(&d->critic_adam, d->critic->params, &critical, slices);
    }
    return losses;
}
