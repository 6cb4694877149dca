/* Training over a convolutional autoencoder: each step against PyTorch (tests/golden/conv_torch.py)
 * and against central differences. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/aae.h"
#include "core/detector.h"
#include "tests/golden/conv_values.h"

enum { ROWS = 4, PIXELS = 28 * 28, CODE = 3, NOISE = 4, PARAMS_MAX = 16384 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct da3d_config config;
static struct parts parts;
static struct aae aae;
static struct detector detector;
static struct aae_draws aae_draws;
static struct detector_draws detector_draws;
static float x[ROWS * PIXELS], codes[ROWS * CODE];

/* As conv_torch.py's: exact in float32. */
static float pattern(uint32_t stream, uint32_t k)
{
    uint32_t h = (k + 1U) * 2654435761U + stream * 2246822519U;
    h ^= h >> 15;
    h *= 2246822519U;
    h ^= h >> 13;
    return (float)(h >> 8) / 16777216.0F - 0.5F;
}

static void draw(uint32_t stream, float *values, size_t n, float scale, float shift)
{
    for (uint32_t k = 0; k < n; k++) {
        values[k] = scale * pattern(stream, k) + shift;
    }
}

static void load_network(struct net *net, uint32_t stream)
{
    draw(stream, net->params, net->n_params, 0.5F, 0.0F);
    for (uint32_t l = 0; l < net->n_layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        const size_t channels = net_channels(layer);
        float *gamma = net->params + layer->weights, *variance = gamma + 2 * channels;
        for (size_t c = 0; c < channels && layer->kind == NET_BATCH_NORM; c++) {
            gamma[c] += 1.0F;
            variance[c] += 0.5F;
        }
    }
}

static void load_draws(void)
{
    draw(10, x, ROWS * PIXELS, 1.0F, 0.5F);
    draw(11, aae_draws.prior, ROWS * CODE, 4.0F, 0.0F);
    draw(12, detector_draws.trivial, ROWS * PIXELS, 2.0F, 0.5F);
    draw(13, detector_draws.alarm_noise, ROWS * NOISE, 4.0F, 0.0F);
    draw(14, detector_draws.generator_noise, 2 * ROWS * NOISE, 4.0F, 0.0F);
    draw(15, detector_draws.wide, ROWS * CODE, 8.0F, 0.0F);
    draw(16, detector_draws.critic_noise, ROWS * NOISE, 4.0F, 0.0F);
}

/* By the frozen encoder. */
static void encode(void)
{
    const struct net *encoder = &parts.net[PART_ENCODER];
    struct net_pass pass;
    cr_assert_eq(net_pass_init(&pass, encoder, ROWS, NET_FORWARD_ONLY), 0);
    struct matrix out = net_forward(encoder, (struct matrix_in){x, PIXELS}, ROWS, NULL, &pass);
    memcpy(codes, out.at, sizeof codes);
    net_pass_clear(&pass);
}

static struct da3d_config golden_config(void)
{
    struct da3d_config c = da3d_config_paper;
    c.layers = DA3D_LAYERS_CONV;
    c.image = (struct da3d_image){28, 28};
    c.encoder = (struct da3d_layers){4, {3, 2, 4, CODE}};
    c.discriminator = (struct da3d_layers){2, {5, 4}};
    c.generator = (struct da3d_layers){2, {6, 5}};
    c.alarm = (struct da3d_layers){2, {5, 4}};
    c.noise = NOISE;
    c.dropout = 0.0F;
    c.learning_rate = 0.01F;
    return c;
}

/* For the configuration as it is. */
static void setup_config(void)
{
    static const uint32_t streams[PART_COUNT] = {
        [PART_ENCODER] = 1,   [PART_DECODER] = 2, [PART_DISCRIMINATOR] = 3,
        [PART_GENERATOR] = 4, [PART_CRITIC] = 5,  [PART_ALARM] = 6};
    parts_shape(&parts, &config, PIXELS);
    cr_assert_eq(parts_alloc(&parts), 0);
    for (size_t i = 0; i < PART_COUNT; i++) {
        load_network(&parts.net[i], streams[i]);
    }
    cr_assert_eq(aae_init(&aae, &parts, &config, ROWS), 0);
    cr_assert_eq(detector_init(&detector, &parts, &config, ROWS), 0);
    cr_assert_eq(aae_draws_init(&aae_draws, &parts, &config, ROWS), 0);
    cr_assert_eq(detector_draws_init(&detector_draws, &parts, ROWS), 0);
    load_draws();
    encode();
}

static void setup(void)
{
    config = golden_config();
    setup_config();
}

static void teardown(void)
{
    parts_clear(&parts);
    aae_clear(&aae);
    detector_clear(&detector);
    aae_draws_clear(&aae_draws);
    detector_draws_clear(&detector_draws);
}

TestSuite(conv_golden, .init = setup, .fini = teardown);

/* Within a tolerance relative to the largest of them. */
static void check_values(const char *name, const float *got, const float *want, size_t n,
                         float tolerance)
{
    float largest = 1e-9F;
    for (size_t i = 0; i < n; i++) {
        largest = fmaxf(largest, fabsf(want[i]));
    }
    for (size_t i = 0; i < n; i++) {
        cr_assert_leq(fabsf(got[i] - want[i]), tolerance * largest, "%s[%zu]: %g, not %g", name, i,
                      (double)got[i], (double)want[i]);
    }
}

/* A vector as conv_torch.py's write_vector() writes it. */
static void check_vector(const char *name, const float *got, size_t n, const float *want,
                         float tolerance)
{
    float sums[8] = {0};
    for (uint32_t i = 0; i < 8; i++) {
        for (uint32_t k = 0; k < n; k++) {
            sums[i] += pattern(100 + i, k) * got[k];
        }
    }
    check_values(name, n > 600 ? sums : got, want, n > 600 ? 8 : n, tolerance);
}

#define CHECK_LOSS(name, loss)                                                                     \
    cr_assert_float_eq(loss, (double)conv_##name##_loss[0], 1e-6, "%s", #name)
#define CHECK_GRAD(name, part, adam)                                                               \
    check_vector(#name, (adam).grad, (adam).n, conv_##name##_grad_##part, 1e-4F)

Test(conv_golden, codes)
{
    check_values("codes", codes, conv_codes, COUNT(conv_codes), 1e-5F);
}

Test(conv_golden, losses_and_gradients)
{
    CHECK_LOSS(reconstruction, aae_reconstruction(&aae, 0, x, ROWS, &aae_draws));
    CHECK_GRAD(reconstruction, encoder, aae.reconstruction[0]);
    CHECK_GRAD(reconstruction, decoder, aae.reconstruction[1]);
    CHECK_LOSS(discrimination, aae_discrimination(&aae, 0, x, ROWS, &aae_draws));
    CHECK_GRAD(discrimination, discriminator, aae.discrimination);
    CHECK_LOSS(deception, aae_deception(&aae, 0, x, ROWS, &aae_draws));
    CHECK_GRAD(deception, encoder, aae.deception);
    CHECK_LOSS(alarm, detector_alarm(&detector, 0, codes, ROWS, &detector_draws));
    CHECK_GRAD(alarm, alarm, detector.alarm_adam);
    CHECK_LOSS(generator, detector_generator(&detector, 0, ROWS, &detector_draws));
    CHECK_GRAD(generator, generator, detector.generator_adam);
    CHECK_LOSS(critic, detector_critic(&detector, 0, codes, ROWS, &detector_draws));
    CHECK_GRAD(critic, critic, detector.critic_adam);
}

#define CHECK_AFTER(part, name)                                                                    \
    check_vector(#name, parts.net[part].params, parts.net[part].n_params, conv_##name##_after,     \
                 2e-4F)

static const struct slices whole = {NULL, ROWS, 1};

Test(conv_golden, networks_after_two_batches_of_each_stage)
{
    for (size_t batch = 0; batch < 2; batch++) {
        aae_train_batch(&aae, &whole, x, &aae_draws);
    }
    encode();
    for (size_t batch = 0; batch < 2; batch++) {
        detector_train_batch(&detector, &whole, codes, &detector_draws);
    }
    CHECK_AFTER(PART_ENCODER, encoder);
    CHECK_AFTER(PART_DECODER, decoder);
    CHECK_AFTER(PART_DISCRIMINATOR, discriminator);
    CHECK_AFTER(PART_GENERATOR, generator);
    CHECK_AFTER(PART_CRITIC, critic);
    CHECK_AFTER(PART_ALARM, alarm);
}

static double reconstruction(void)
{
    return aae_reconstruction(&aae, 0, x, ROWS, &aae_draws);
}

static double deception(void)
{
    return aae_deception(&aae, 0, x, ROWS, &aae_draws);
}

static const float *normal_rows(void)
{
    return detector_takes_codes(&config) ? codes : x;
}

static double alarm_loss(void)
{
    return detector_alarm(&detector, 0, normal_rows(), ROWS, &detector_draws);
}

static double generator_loss(void)
{
    return detector_generator(&detector, 0, ROWS, &detector_draws);
}

/* Along the gradient itself. */
static void check_difference(const char *name, double (*loss)(void), struct net *net,
                             const struct adam *adam)
{
    static float origin[PARAMS_MAX], direction[PARAMS_MAX];
    const size_t n = net->n_params;
    const double step = 5e-4;
    double square = 0, ends[2];
    cr_assert_leq(n, PARAMS_MAX);
    loss();
    memcpy(origin, net->params, n * sizeof *origin);
    memcpy(direction, adam->grad, n * sizeof *direction);
    for (size_t i = 0; i < n; i++) {
        square += (double)direction[i] * (double)direction[i];
    }
    cr_assert_gt(square, 0.0, "%s", name);
    for (int side = 0; side < 2; side++) {
        double far = (side == 0 ? step : -step) / sqrt(square);
        for (size_t i = 0; i < n; i++) {
            net->params[i] = origin[i] + (float)far * direction[i];
        }
        ends[side] = loss();
    }
    memcpy(net->params, origin, n * sizeof *origin);
    double measured = (ends[0] - ends[1]) / (2.0 * step);
    cr_assert_lt(fabs(sqrt(square) - measured), 0.03 * measured, "%s: %g, not %g", name,
                 sqrt(square), measured);
}

/* Whatever the alarm network reads: also through encoder and decoder with its sigmoid. */
Test(conv_steps, gradients_equal_central_differences)
{
    for (int i = 0; i < 3; i++) {
        config = golden_config();
        config.activations = (enum da3d_activations)i;
        setup_config();
        check_difference("reconstruction, encoder", reconstruction, aae.encoder,
                         &aae.reconstruction[0]);
        check_difference("reconstruction, decoder", reconstruction, aae.decoder,
                         &aae.reconstruction[1]);
        check_difference("deception", deception, aae.encoder, &aae.deception);
        check_difference("alarm", alarm_loss, detector.alarm, &detector.alarm_adam);
        check_difference("generator", generator_loss, detector.generator, &detector.generator_adam);
        teardown();
    }
}

/* The running averages move with training, not with a loss, and stand still in stage 2. */
Test(conv_golden, frozen_networks_stay)
{
    static float before[2][PARAMS_MAX];
    for (size_t i = 0; i < 2; i++) {
        memcpy(before[i], parts.net[i].params, parts.net[i].n_params * sizeof(float));
    }
    reconstruction();
    deception();
    detector_train_batch(&detector, &whole, codes, &detector_draws);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(memcmp(before[i], parts.net[i].params, parts.net[i].n_params * sizeof(float)),
                     0);
    }
}
