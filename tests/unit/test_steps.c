/* Training steps: each loss's gradient against its central difference, and who moves when. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/aae.h"
#include "core/detector.h"

enum { ROWS = 24, INPUTS = 9, PARAMS_MAX = 8192 };

static struct da3d_config steps_config(void)
{
    struct da3d_config c = da3d_config_paper;
    c.encoder = (struct da3d_layers){4, {12, 8, 6, 3}};
    c.alarm = (struct da3d_layers){2, {20, 10}};
    c.batch = ROWS;
    return c;
}

static struct da3d_config config;
static struct parts parts;
static struct aae aae;
static struct detector detector;
static const struct slices whole = {NULL, ROWS, 1};
static struct aae_draws aae_draws;
static struct detector_draws detector_draws;
static float x[ROWS * INPUTS], codes[ROWS * 3];

/* For the variant that config describes. */
static void setup_variant(void)
{
    struct streams streams;
    streams_init(&streams, 5, 0);
    parts_shape(&parts, &config, INPUTS);
    cr_assert_eq(parts_alloc(&parts), 0);
    for (size_t i = 0; i < PART_COUNT; i++) {
        net_randomise(&parts.net[i], &streams.rng[STREAM_PARAMETERS + i]);
        cr_assert_leq(parts.net[i].n_params, PARAMS_MAX);
    }
    cr_assert_eq(aae_init(&aae, &parts, &config, ROWS), 0);
    cr_assert_eq(detector_init(&detector, &parts, &config, ROWS), 0);
    cr_assert_eq(aae_draws_init(&aae_draws, &parts, &config, ROWS), 0);
    cr_assert_eq(detector_draws_init(&detector_draws, &parts, ROWS), 0);
    aae_draws_fill(&aae_draws, &parts, &config, ROWS, &streams);
    detector_draws_fill(&detector_draws, &parts, &config, ROWS, &streams);
    rng_uniform(&streams.rng[STREAM_HOLDOUT], x, ROWS * INPUTS, 0.0F, 1.0F);
    rng_normal(&streams.rng[STREAM_HOLDOUT], codes, ROWS * 3, 0.0F, 1.0F);
}

static void setup(void)
{
    config = steps_config();
    setup_variant();
}

static void teardown(void)
{
    parts_clear(&parts);
    aae_clear(&aae);
    detector_clear(&detector);
    aae_draws_clear(&aae_draws);
    detector_draws_clear(&detector_draws);
}

TestSuite(steps, .init = setup, .fini = teardown);

static double reconstruction(void)
{
    return aae_reconstruction(&aae, 0, x, ROWS, &aae_draws);
}

static double discrimination(void)
{
    return aae_discrimination(&aae, 0, x, ROWS, &aae_draws);
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

static double critic_loss(void)
{
    return detector_critic(&detector, 0, normal_rows(), ROWS, &detector_draws);
}

/* Moves params by step along direction from origin. */
static void move(float *params, const float *origin, const float *direction, float step, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        params[i] = origin[i] + step * direction[i];
    }
}

/* The gradient itself as the direction, with a random part: a slope clear of rounding. */
static void choose_direction(const float *grad, float *direction, size_t n, uint64_t stream)
{
    struct rng rng;
    double norm = 0, random_norm = 0;
    rng_init(&rng, 99, stream);
    rng_normal(&rng, direction, n, 0.0F, 1.0F);
    for (size_t i = 0; i < n; i++) {
        norm += (double)grad[i] * (double)grad[i];
        random_norm += (double)direction[i] * (double)direction[i];
    }
    cr_assert_gt(norm, 0.0);
    for (size_t i = 0; i < n; i++) {
        direction[i] = direction[i] / (float)sqrt(random_norm) + grad[i] / (float)sqrt(norm);
    }
}

static void check_gradient(const char *name, double (*loss)(void), struct net *net,
                           const struct adam *adam)
{
    static float origin[PARAMS_MAX], direction[PARAMS_MAX];
    const size_t n = net->n_params;
    const float step = 5e-4F;
    memcpy(origin, net->params, n * sizeof *origin);
    for (uint64_t trial = 0; trial < 5; trial++) {
        double predicted = 0;
        loss();
        choose_direction(adam->grad, direction, n, trial);
        for (size_t i = 0; i < n; i++) {
            predicted += (double)adam->grad[i] * (double)direction[i];
        }
        move(net->params, origin, direction, step, n);
        double above = loss();
        move(net->params, origin, direction, -step, n);
        double below = loss();
        memcpy(net->params, origin, n * sizeof *origin);
        double measured = (above - below) / (2.0 * (double)step);
        cr_assert_lt(fabs(predicted - measured), 0.03 * fabs(measured), "%s: %g, not %g", name,
                     predicted, measured);
    }
}

Test(steps, gradients_equal_central_differences)
{
    check_gradient("reconstruction, encoder", reconstruction, aae.encoder, &aae.reconstruction[0]);
    check_gradient("reconstruction, decoder", reconstruction, aae.decoder, &aae.reconstruction[1]);
    check_gradient("discrimination", discrimination, aae.discriminator, &aae.discrimination);
    check_gradient("deception", deception, aae.encoder, &aae.deception);
    check_gradient("alarm", alarm_loss, detector.alarm, &detector.alarm_adam);
    check_gradient("generator", generator_loss, detector.generator, &detector.generator_adam);
    check_gradient("critic", critic_loss, detector.critic, &detector.critic_adam);
}

static uint32_t changed_parts(float *const before[PART_COUNT])
{
    uint32_t changed = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        size_t bytes = parts.net[i].n_params * sizeof(float);
        changed |= memcmp(before[i], parts.net[i].params, bytes) != 0 ? 1U << i : 0U;
    }
    return changed;
}

static void remember(float *before[PART_COUNT])
{
    static float kept[PART_COUNT][PARAMS_MAX];
    for (size_t i = 0; i < PART_COUNT; i++) {
        before[i] = kept[i];
        memcpy(kept[i], parts.net[i].params, parts.net[i].n_params * sizeof(float));
    }
}

Test(steps, losses_move_nothing)
{
    float *before[PART_COUNT];
    remember(before);
    double (*const losses[])(void) = {reconstruction, discrimination, deception,
                                      alarm_loss,     generator_loss, critic_loss};
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        losses[i]();
        cr_assert_eq(changed_parts(before), 0U, "loss %zu", i);
    }
}

Test(steps, stages_leave_frozen_networks_alone)
{
    float *before[PART_COUNT];
    remember(before);
    aae_train_batch(&aae, &whole, x, &aae_draws);
    cr_assert_eq(changed_parts(before),
                 1U << PART_ENCODER | 1U << PART_DECODER | 1U << PART_DISCRIMINATOR);
    remember(before);
    detector_train_batch(&detector, &whole, codes, &detector_draws);
    cr_assert_eq(changed_parts(before),
                 1U << PART_GENERATOR | 1U << PART_CRITIC | 1U << PART_ALARM);
}

Test(steps, weight_clipping_bounds_the_critics_alone)
{
    config.clip_kind = DA3D_CLIP_WEIGHTS;
    aae_train_batch(&aae, &whole, x, &aae_draws);
    detector_train_batch(&detector, &whole, codes, &detector_draws);
    for (size_t part = 0; part < PART_COUNT; part++) {
        float largest = 0.0F;
        for (size_t i = 0; i < parts.net[part].n_params; i++) {
            largest = fmaxf(largest, fabsf(parts.net[part].params[i]));
        }
        bool critic = part == PART_DISCRIMINATOR || part == PART_CRITIC;
        cr_assert(critic ? largest <= config.clip : largest > 0.1F, "network %zu", part);
    }
}

static void check_variant_gradients(void)
{
    char name[64];
    snprintf(name, sizeof name, "generator %d, trivial %d, activations %d",
             (int)config.generator_kind, config.trivial, (int)config.activations);
    check_gradient(name, alarm_loss, detector.alarm, &detector.alarm_adam);
    if (config.generator_kind == DA3D_GENERATOR_GAN) {
        check_gradient(name, generator_loss, detector.generator, &detector.generator_adam);
        check_gradient(name, critic_loss, detector.critic, &detector.critic_adam);
    }
}

/* A batch of the variant moves what it has to train, and nothing else. */
static void check_variant_moves(void)
{
    float *before[PART_COUNT];
    uint32_t trained = 1U << PART_ALARM;
    if (config.generator_kind == DA3D_GENERATOR_GAN) {
        trained |= 1U << PART_GENERATOR | 1U << PART_CRITIC;
    }
    remember(before);
    detector_train_batch(&detector, &whole, normal_rows(), &detector_draws);
    cr_assert_eq(changed_parts(before), trained);
}

/* Every combination, also the one that hyper_check() refuses: one to three terms in the alarm
 * network's loss. */
Test(variants, gradients_equal_central_differences_and_the_frozen_stay)
{
    for (int i = 0; i < 18; i++) {
        config = steps_config();
        config.trivial = i % 2 == 0;
        config.generator_kind = (enum da3d_generator)(i / 2 % 3);
        config.activations = (enum da3d_activations)(i / 6);
        setup_variant();
        check_variant_gradients();
        check_variant_moves();
        teardown();
    }
}

/* The autoencoder of --method default: restored from noise, by the squared error. */
Test(variants, gradients_of_restoring)
{
    config = steps_config();
    config.reconstruction = DA3D_RECONSTRUCTION_SQUARED;
    config.corruption = 0.5F;
    setup_variant();
    check_gradient("restoring, encoder", reconstruction, aae.encoder, &aae.reconstruction[0]);
    check_gradient("restoring, decoder", reconstruction, aae.decoder, &aae.reconstruction[1]);
    double restored = reconstruction();
    aae_draws.corruption[0] += 1.0F;
    cr_assert_neq(reconstruction(), restored);
    teardown();
}

/* Half a batch is trained on as if the rest did not exist. */
Test(steps, partial_batch_ignores_stale_rows)
{
    double all = reconstruction();
    static float grad[PARAMS_MAX];
    memcpy(grad, aae.reconstruction[0].grad, aae.encoder->n_params * sizeof(float));
    double half = aae_reconstruction(&aae, 0, x, ROWS / 2, &aae_draws);
    double again = aae_reconstruction(&aae, 0, x, ROWS / 2, &aae_draws);
    cr_assert_eq(half, again);
    cr_assert_neq(half, all);
    cr_assert_eq(reconstruction(), all);
    cr_assert_eq(memcmp(grad, aae.reconstruction[0].grad, aae.encoder->n_params * sizeof(float)),
                 0);
}
