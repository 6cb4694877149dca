/* Holds every training step against PyTorch (tests/golden/da3d_torch.py). */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/aae.h"
#include "core/detector.h"
#include "tests/golden/da3d_values.h"

enum { ROWS = 6, INPUTS = 7, CODE = 3 };

#define COPY(to, from) memcpy(to, from, sizeof(from))

static struct da3d_config *golden_config(void)
{
    static struct da3d_config config;
    config = da3d_config_paper;
    config.encoder = (struct da3d_layers){4, {6, 5, 4, CODE}};
    config.discriminator = (struct da3d_layers){2, {6, 4}};
    config.generator = (struct da3d_layers){2, {7, 5}};
    config.alarm = (struct da3d_layers){2, {8, 6}};
    config.noise = 4;
    config.dropout = 0.3F;
    config.learning_rate = 0.01F;
    config.lambda_n = 1.5F;
    return &config;
}

static const struct {
    const float *before, *after;
    size_t n;
} golden_nets[PART_COUNT] = {
    [PART_ENCODER] = {golden_encoder_params, golden_encoder_after, COUNT(golden_encoder_params)},
    [PART_DECODER] = {golden_decoder_params, golden_decoder_after, COUNT(golden_decoder_params)},
    [PART_DISCRIMINATOR] = {golden_discriminator_params, golden_discriminator_after,
                            COUNT(golden_discriminator_params)},
    [PART_GENERATOR] = {golden_generator_params, golden_generator_after,
                        COUNT(golden_generator_params)},
    [PART_CRITIC] = {golden_critic_params, golden_critic_after, COUNT(golden_critic_params)},
    [PART_ALARM] = {golden_alarm_params, golden_alarm_after, COUNT(golden_alarm_params)},
};

static struct parts parts;
static struct aae aae;
static struct detector detector;
static const struct slices whole = {NULL, ROWS, 1};
static struct aae_draws aae_draws;
static struct detector_draws detector_draws;

/* The networks that the variant has, with the parameters that PyTorch began with. */
static void load_networks(const struct da3d_config *config)
{
    const bool both = config->activations == DA3D_ACTIVATIONS_BOTH;
    parts_shape(&parts, config, INPUTS);
    cr_assert_eq(parts_alloc(&parts), 0);
    for (size_t i = 0; i < PART_COUNT; i++) {
        const bool wide = both && i == PART_ALARM;
        const float *before = wide ? golden_alarm_both_params : golden_nets[i].before;
        size_t n = wide ? COUNT(golden_alarm_both_params) : golden_nets[i].n;
        if (parts.net[i].n_layers > 0) {
            cr_assert_eq(parts.net[i].n_params, n);
            memcpy(parts.net[i].params, before, n * sizeof(float));
        }
    }
}

static void load_draws(void)
{
    COPY(aae_draws.reconstruct_encoder, golden_reconstruct_encoder);
    COPY(aae_draws.reconstruct_decoder, golden_reconstruct_decoder);
    COPY(aae_draws.discriminate, golden_discriminate);
    COPY(aae_draws.deceive, golden_deceive);
    COPY(aae_draws.prior, golden_prior);
    COPY(detector_draws.trivial, golden_trivial);
    COPY(detector_draws.alarm, golden_alarm);
    COPY(detector_draws.wide, golden_wide);
    if (parts.net[PART_GENERATOR].n_layers > 0) {
        COPY(detector_draws.alarm_noise, golden_alarm_noise);
        COPY(detector_draws.generator_noise, golden_generator_noise);
        COPY(detector_draws.generator, golden_generator);
        COPY(detector_draws.critic_noise, golden_critic_noise);
        COPY(detector_draws.critic, golden_critic);
    }
}

/* config: must live as long as the detector. */
static void setup_for(const struct da3d_config *config)
{
    load_networks(config);
    cr_assert_eq(aae_init(&aae, &parts, config, ROWS), 0);
    cr_assert_eq(detector_init(&detector, &parts, config, ROWS), 0);
    cr_assert_eq(aae_draws_init(&aae_draws, &parts, config, ROWS), 0);
    cr_assert_eq(detector_draws_init(&detector_draws, &parts, ROWS), 0);
    load_draws();
}

static void setup(void)
{
    setup_for(golden_config());
}

static void teardown(void)
{
    parts_clear(&parts);
    aae_clear(&aae);
    detector_clear(&detector);
    aae_draws_clear(&aae_draws);
    detector_draws_clear(&detector_draws);
}

TestSuite(golden, .init = setup, .fini = teardown);

/* Relative to the largest expected value where a single one is tiny. */
static void expect_near(const char *what, const float *got, const float *want, size_t n)
{
    float largest = 0.0F;
    for (size_t i = 0; i < n; i++) {
        largest = fmaxf(largest, fabsf(want[i]));
    }
    for (size_t i = 0; i < n; i++) {
        double bound = 1e-4 * fabs((double)want[i]) + 1e-6 * (double)largest;
        cr_assert_leq(fabs((double)got[i] - (double)want[i]), bound, "%s[%zu]: %.9g, not %.9g",
                      what, i, (double)got[i], (double)want[i]);
    }
}

static void expect_loss(const char *what, double got, const float want[1])
{
    cr_assert_leq(fabs(got - (double)want[0]), 1e-5 * fabs((double)want[0]), "%s: %.9g, not %.9g",
                  what, got, (double)want[0]);
}

#define EXPECT_GRAD(adam, name) expect_near(#name, (adam).grad, name, COUNT(name))

static void expect_first(size_t part)
{
    size_t bytes = golden_nets[part].n * sizeof(float);
    cr_assert_eq(memcmp(parts.net[part].params, golden_nets[part].before, bytes), 0);
}

static void expect_untouched(void)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        expect_first(i);
    }
}

static void expect_after(size_t part, const float *after, size_t n)
{
    cr_assert_eq(parts.net[part].n_params, n);
    for (size_t k = 0; k < n; k++) {
        double want = (double)after[k], got = (double)parts.net[part].params[k];
        cr_assert_leq(fabs(got - want), 1e-4 * fabs(want) + 1e-5,
                      "network %zu [%zu]: %.9g, not %.9g", part, k, got, want);
    }
}

Test(golden, reconstruction)
{
    double loss = aae_reconstruction(&aae, 0, golden_x, ROWS, &aae_draws);
    expect_loss("reconstruction", loss, golden_reconstruction_loss);
    EXPECT_GRAD(aae.reconstruction[0], golden_reconstruction_grad_encoder);
    EXPECT_GRAD(aae.reconstruction[1], golden_reconstruction_grad_decoder);
    expect_untouched();
}

Test(golden, discrimination)
{
    double loss = aae_discrimination(&aae, 0, golden_x, ROWS, &aae_draws);
    expect_loss("discrimination", loss, golden_discrimination_loss);
    EXPECT_GRAD(aae.discrimination, golden_discrimination_grad_discriminator);
}

Test(golden, deception)
{
    double loss = aae_deception(&aae, 0, golden_x, ROWS, &aae_draws);
    expect_loss("deception", loss, golden_deception_loss);
    EXPECT_GRAD(aae.deception, golden_deception_grad_encoder);
}

Test(golden, alarm)
{
    double loss = detector_alarm(&detector, 0, golden_codes, ROWS, &detector_draws);
    expect_loss("alarm", loss, golden_alarm_loss);
    EXPECT_GRAD(detector.alarm_adam, golden_alarm_grad_alarm);
    expect_untouched();
}

Test(golden, generator)
{
    double loss = detector_generator(&detector, 0, ROWS, &detector_draws);
    expect_loss("generator", loss, golden_generator_loss);
    EXPECT_GRAD(detector.generator_adam, golden_generator_grad_generator);
}

Test(golden, critic)
{
    double loss = detector_critic(&detector, 0, golden_codes, ROWS, &detector_draws);
    expect_loss("critic", loss, golden_critic_loss);
    EXPECT_GRAD(detector.critic_adam, golden_critic_grad_critic);
}

Test(golden, two_batches_of_each_stage)
{
    for (int batch = 0; batch < 2; batch++) {
        aae_train_batch(&aae, &whole, golden_x, &aae_draws);
    }
    float codes[ROWS * CODE];
    struct matrix encoded =
        net_forward(&parts.net[PART_ENCODER], (struct matrix_in){golden_x, INPUTS}, ROWS, NULL,
                    &aae.work[0].encoder_pass);
    memcpy(codes, encoded.at, sizeof codes);
    for (int batch = 0; batch < 2; batch++) {
        detector_train_batch(&detector, &whole, codes, &detector_draws);
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        expect_after(i, golden_nets[i].after, golden_nets[i].n);
    }
}

static struct da3d_config variant_config(const struct golden_variant *v)
{
    struct da3d_config config = *golden_config();
    config.generator_kind = v->generator_kind;
    config.trivial = v->trivial;
    config.activations = v->activations;
    config.clip_kind = v->clip_kind;
    return config;
}

static void expect_step(const char *what, double loss, const struct adam *adam,
                        const struct golden_step *want)
{
    cr_assert_eq(adam->n, want->n, "%s", what);
    expect_loss(what, loss, &want->loss);
    expect_near(what, adam->grad, want->grad, want->n);
}

/* Each variant's losses and gradients, then its networks after two batches, the autoencoder's and
 * the discriminator's being what they were. */
static void check_variant(const struct golden_variant *v)
{
    const struct da3d_config config = variant_config(v);
    setup_for(&config);
    const float *rows = detector_takes_codes(&config) ? golden_codes : golden_x;
    double loss = detector_alarm(&detector, 0, rows, ROWS, &detector_draws);
    expect_step("alarm", loss, &detector.alarm_adam, &v->alarm);
    if (v->generator.n > 0) {
        loss = detector_generator(&detector, 0, ROWS, &detector_draws);
        expect_step("generator", loss, &detector.generator_adam, &v->generator);
        loss = detector_critic(&detector, 0, rows, ROWS, &detector_draws);
        expect_step("critic", loss, &detector.critic_adam, &v->critic);
    }
    for (int batch = 0; batch < 2; batch++) {
        detector_train_batch(&detector, &whole, rows, &detector_draws);
    }
    expect_after(PART_ALARM, v->alarm.after, v->alarm.n);
    expect_after(PART_GENERATOR, v->generator.after, v->generator.n);
    expect_after(PART_CRITIC, v->critic.after, v->critic.n);
    for (size_t i = PART_ENCODER; i <= PART_DISCRIMINATOR; i++) {
        expect_first(i);
    }
    teardown();
}

Test(golden_variants, losses_gradients_and_two_batches)
{
    for (size_t i = 0; i < COUNT(golden_variants); i++) {
        check_variant(&golden_variants[i]);
    }
}
