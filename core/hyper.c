#include "hyper.h"

#include <math.h>

#include "crew.h"
#include "schema.h"
#include "views.h"

/* What both methods have: the authors' networks and weights of the adversaries. */
#define COMMON_CONSTANTS                                                                           \
    .discriminator = {4, {40, 20, 10, 5}}, .generator = {4, {50, 40, 30, 20}}, .noise = 8,         \
    .prototypes = 4096, .clip = 0.01F, .clip_kind = DA3D_CLIP_GRADIENT_NORM,                       \
    .generator_kind = DA3D_GENERATOR_GAN, .trivial = true,                                         \
    .activations = DA3D_ACTIVATIONS_DECODER, .sigma_h = 2.0F, .lambda_g = 2.0F, .lambda_n = 2.0F,  \
    .holdout = 0.2F, .trim = -1.0F, .target_fpr = 0.01F, .seed = 1

/* The authors' constants; the network sizes of the autoencoder and the alarm network, which they
 * choose per data set, and the batch are derived. */
const struct da3d_config da3d_config_paper = {
    COMMON_CONSTANTS,
    .method = DA3D_METHOD_PAPER,
    .epochs_aae = 500,
    .epochs_alarm = 500,
    .learning_rate = 1e-4F,
    .dropout = 0.1F,
    .views = 1U << DA3D_VIEW_ALARM,
};

/* What the paper's data sets and others taught (tests/bench): see da3dd(8), METHOD. */
const struct da3d_config da3d_config_default = {
    COMMON_CONSTANTS,
    .method = DA3D_METHOD_DEFAULT,
    .learning_rate = 1e-3F,
    .scaling = DA3D_SCALING_RANK_GAUSS,
    .reconstruction = DA3D_RECONSTRUCTION_SQUARED,
    .schedule = DA3D_SCHEDULE_COSINE,
    .corruption = 2.0F,
    .views = 1U << DA3D_VIEW_RESIDUAL | 1U << DA3D_VIEW_PROTOTYPES | 1U << DA3D_VIEW_COMPONENTS |
             1U << DA3D_VIEW_NOVELTY,
};

/* Five hidden layers falling geometrically from 1.25 inputs + 12, at most 1024, to two codes, then
 * the code: near what the authors chose by hand (inputs 122: 150 100 70 40 25 10; inputs 29: 50 40
 * 30 20 10 2; inputs 6: 12 10 8 6 3 2). */
static struct da3d_layers derived_encoder(uint32_t inputs)
{
    enum { HIDDEN = 5 };
    const double code = fmax(2.0, round(sqrt((double)inputs)));
    const double first = fmin(1024.0, 1.25 * inputs + 12.0), last = 2.0 * code;
    struct da3d_layers layers = {.n = HIDDEN + 1};
    for (uint32_t i = 0; i < HIDDEN; i++) {
        layers.width[i] = (uint32_t)lround(first * pow(last / first, i / (HIDDEN - 1.0)));
    }
    layers.width[HIDDEN] = (uint32_t)code;
    return layers;
}

/* A wide first layer and a code of half the inputs: it is the noise, not the code, that keeps the
 * autoencoder from passing everything on. */
static struct da3d_layers default_encoder(uint32_t inputs)
{
    const uint32_t half = inputs / 2 > 2 ? inputs / 2 : 2;
    return (struct da3d_layers){4, {256, 128, 64, half < 64 ? half : 64}};
}

/* The authors' channels for images. */
static const struct da3d_layers conv_encoder = {HYPER_CONV_LAYERS, {32, 16, 8, 16}};

static bool is_image(const struct da3d_config *config)
{
    return config->image.height > 0 || config->image.width > 0;
}

static struct da3d_layers derived_alarm(uint32_t inputs)
{
    if (inputs < 16) {
        return (struct da3d_layers){4, {100, 50, 25, 10}};
    }
    return (struct da3d_layers){4, {1000, 500, 200, 75}};
}

/* The authors' batches over the sizes of their data sets. */
static uint32_t derived_batch(size_t rows)
{
    static const struct {
        size_t below;
        uint32_t batch;
    } table[] = {{8000, 64}, {24000, 128}, {48000, 256}, {200000, 512}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (rows < table[i].below) {
            return table[i].batch;
        }
    }
    return 4096;
}

/* Epochs for about so many steps. */
static uint32_t epochs_of(uint32_t steps, uint32_t batch, size_t rows)
{
    return (uint32_t)ceil((double)steps * batch / (double)rows);
}

static void derive_sizes(struct da3d_config *config, uint32_t inputs)
{
    const bool paper = config->method == DA3D_METHOD_PAPER;
    if (config->encoder.n == 0 && config->layers == DA3D_LAYERS_CONV) {
        config->encoder = conv_encoder;
    }
    if (config->encoder.n == 0) {
        config->encoder = paper ? derived_encoder(inputs) : default_encoder(inputs);
    }
    if (config->alarm.n == 0) {
        config->alarm = paper ? derived_alarm(inputs) : (struct da3d_layers){2, {64, 32}};
    }
}

/* Is a view of those that rows may be left out of? */
static bool can_trim(const struct da3d_config *config)
{
    return (config->views & (1U << DA3D_VIEW_RESIDUAL | 1U << DA3D_VIEW_PROTOTYPES |
                             1U << DA3D_VIEW_COMPONENTS)) != 0;
}

void hyper_derive(struct da3d_config *config, uint32_t inputs, size_t rows)
{
    if (config->layers == DA3D_LAYERS_AUTO) {
        config->layers = is_image(config) ? DA3D_LAYERS_CONV : DA3D_LAYERS_DENSE;
    }
    if (config->holdout_by == DA3D_HOLDOUT_AUTO) {
        config->holdout_by = DA3D_HOLDOUT_RANDOM;
    }
    derive_sizes(config, inputs);
    if (config->discriminator.n == 0) {
        config->discriminator = da3d_config_paper.discriminator;
    }
    if (config->generator.n == 0) {
        config->generator = da3d_config_paper.generator;
    }
    if (config->batch == 0) {
        config->batch = config->method == DA3D_METHOD_PAPER ? derived_batch(rows) : 256;
    }
    if (config->batch > rows) {
        config->batch = (uint32_t)rows;
    }
    if (config->epochs_aae == 0) {
        config->epochs_aae = epochs_of(2000, config->batch, rows);
    }
    if (config->epochs_alarm == 0) {
        config->epochs_alarm = epochs_of(500, config->batch, rows);
    }
    if (is_image(config)) {
        config->scaling = DA3D_SCALING_MIN_MAX;
        config->reconstruction = DA3D_RECONSTRUCTION_CROSS_ENTROPY;
        config->corruption = 0.0F;
        config->views = 1U << DA3D_VIEW_ALARM;
    }
    if (inputs > COMPONENTS_MAX) {
        config->views &= ~(1U << DA3D_VIEW_COMPONENTS);
    }
    if (!can_trim(config)) {
        config->trim = 0.0F;
    } else if (config->trim < 0.0F) {
        config->trim = da3d_has_view(config, DA3D_VIEW_NOVELTY) ? 0.1F : 0.0F;
    }
}

uint32_t hyper_alarm_terms(const struct da3d_config *config)
{
    return 1U + (config->trivial ? 1U : 0U) +
           (config->generator_kind != DA3D_GENERATOR_NONE ? 1U : 0U);
}

bool hyper_is_derived(const struct da3d_config *config)
{
    return config->layers != DA3D_LAYERS_AUTO && config->holdout_by != DA3D_HOLDOUT_AUTO &&
           config->encoder.n > 0 && config->alarm.n > 0 && config->discriminator.n > 0 &&
           config->generator.n > 0 && config->batch > 0 && config->epochs_aae > 0 &&
           config->epochs_alarm > 0 && config->trim >= 0.0F;
}

static struct hyper_field field(const char *name, size_t offset)
{
    return (struct hyper_field){name, offset};
}

#define FIELD(name) field(#name, offsetof(struct da3d_config, name))

static int check_layers(const struct da3d_layers *layers, struct hyper_field name, uint32_t least,
                        struct hyper_fault *fault)
{
    fault->field = name;
    if (layers->n == 0) {
        return 0;
    }
    if (layers->n < least || layers->n > DA3D_LAYERS_MAX) {
        return da3d_fail(&fault->reason, "%u layers, not %u to %d", layers->n, least,
                         DA3D_LAYERS_MAX);
    }
    for (uint32_t i = 0; i < layers->n; i++) {
        if (layers->width[i] == 0 || layers->width[i] > DA3D_WIDTH_MAX) {
            return da3d_fail(&fault->reason, "a layer of width %u, not 1 to %d", layers->width[i],
                             DA3D_WIDTH_MAX);
        }
    }
    return 0;
}

struct count_range {
    struct hyper_field field;
    uint32_t value, low, high;
};

struct number_range {
    struct hyper_field field;
    float value, low, high;
};

static int check_ranges(const struct count_range *ranges, size_t n, struct hyper_fault *fault)
{
    for (size_t i = 0; i < n; i++) {
        const struct count_range *r = &ranges[i];
        if (r->value < r->low || r->value > r->high) {
            fault->field = r->field;
            return da3d_fail(&fault->reason, "%u is not %u to %u", r->value, r->low, r->high);
        }
    }
    return 0;
}

static int check_counts(const struct da3d_config *config, struct hyper_fault *fault)
{
    const struct count_range ranges[] = {
        {FIELD(noise), config->noise, 1, DA3D_WIDTH_MAX},
        {FIELD(epochs_aae), config->epochs_aae, 0, HYPER_EPOCHS_MAX},
        {FIELD(epochs_alarm), config->epochs_alarm, 0, HYPER_EPOCHS_MAX},
        {FIELD(batch), config->batch, 0, HYPER_BATCH_MAX},
        {FIELD(prototypes), config->prototypes, 1, PROTOTYPES_MAX},
        {FIELD(threads), config->threads, 0, CREW_THREADS_MAX},
    };
    return check_ranges(ranges, sizeof ranges / sizeof ranges[0], fault);
}

static int check_numbers(const struct da3d_config *config, struct hyper_fault *fault)
{
    const float positive = 1e-9F, below_1 = 0.999999F;
    const struct number_range ranges[] = {
        {FIELD(learning_rate), config->learning_rate, positive, 1.0F},
        {FIELD(dropout), config->dropout, 0.0F, 0.9F},
        {FIELD(corruption), config->corruption, 0.0F, 1e3F},
        {FIELD(clip), config->clip, positive, 1e6F},
        {FIELD(sigma_h), config->sigma_h, 0.0F, 1e3F},
        {FIELD(lambda_g), config->lambda_g, 0.0F, 1e3F},
        {FIELD(lambda_n), config->lambda_n, 0.0F, 1e3F},
        {FIELD(holdout), config->holdout, positive, below_1},
        {FIELD(trim), config->trim, -1.0F, 0.5F},
        {FIELD(target_fpr), config->target_fpr, positive, below_1},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct number_range *r = &ranges[i];
        if (!(r->value >= r->low && r->value <= r->high)) {
            fault->field = r->field;
            return da3d_fail(&fault->reason, "%g is not %g to %g", (double)r->value, (double)r->low,
                             (double)r->high);
        }
    }
    return 0;
}

static int check_choices(const struct da3d_config *config, struct hyper_fault *fault)
{
    const struct count_range ranges[] = {
        {FIELD(method), config->method, 0, DA3D_METHOD_PAPER},
        {FIELD(layers), config->layers, 0, DA3D_LAYERS_CONV},
        {FIELD(scaling), config->scaling, 0, DA3D_SCALING_RANK_GAUSS},
        {FIELD(reconstruction), config->reconstruction, 0, DA3D_RECONSTRUCTION_SQUARED},
        {FIELD(schedule), config->schedule, 0, DA3D_SCHEDULE_COSINE},
        {FIELD(views), config->views, 1, (1U << DA3D_VIEW_COUNT) - 1U},
        {FIELD(clip_kind), config->clip_kind, 0, DA3D_CLIP_WEIGHTS},
        {FIELD(generator_kind), config->generator_kind, 0, DA3D_GENERATOR_NONE},
        {FIELD(activations), config->activations, 0, DA3D_ACTIVATIONS_BOTH},
        {FIELD(holdout_by), config->holdout_by, 0, DA3D_HOLDOUT_TIME},
    };
    if (check_ranges(ranges, sizeof ranges / sizeof ranges[0], fault) != 0) {
        return -1;
    }
    const bool squared = config->reconstruction == DA3D_RECONSTRUCTION_SQUARED;
    fault->field = FIELD(reconstruction);
    if (config->scaling == DA3D_SCALING_RANK_GAUSS && !squared) {
        return da3d_fail(&fault->reason, "rank-gauss inputs are not in [0, 1]: no cross-entropy");
    }
    if (da3d_has_view(config, DA3D_VIEW_RESIDUAL) && !squared) {
        return da3d_fail(&fault->reason,
                         "the residual is of a squared error, not of a cross-entropy");
    }
    if (config->trim > 0.0F && !can_trim(config)) {
        fault->field = FIELD(trim);
        return da3d_fail(&fault->reason,
                         "rows are left out of the views residual, prototypes and components, and "
                         "none of these counts");
    }
    if (hyper_alarm_terms(config) < 2) {
        fault->field = FIELD(generator_kind);
        return da3d_fail(&fault->reason,
                         "no anomalies to learn on: neither invented nor trivial ones");
    }
    return 0;
}

/* The encoder of a convolutional autoencoder. */
static int check_channels(const struct da3d_layers *encoder, struct hyper_fault *fault)
{
    fault->field = FIELD(encoder);
    if (encoder->n != 0 && encoder->n != HYPER_CONV_LAYERS) {
        return da3d_fail(&fault->reason, "%u layers, not the %d of a convolutional one", encoder->n,
                         HYPER_CONV_LAYERS);
    }
    for (uint32_t i = 0; i < encoder->n; i++) {
        if (encoder->width[i] > HYPER_CHANNELS_MAX) {
            return da3d_fail(&fault->reason, "%u channels, not 1 to %d", encoder->width[i],
                             HYPER_CHANNELS_MAX);
        }
    }
    return 0;
}

int hyper_find_fault(const struct da3d_config *config, struct hyper_fault *fault)
{
    if (check_layers(&config->encoder, FIELD(encoder), 2, fault) != 0 ||
        check_layers(&config->alarm, FIELD(alarm), 1, fault) != 0 ||
        check_layers(&config->discriminator, FIELD(discriminator), 1, fault) != 0 ||
        check_layers(&config->generator, FIELD(generator), 1, fault) != 0 ||
        check_counts(config, fault) != 0 || check_numbers(config, fault) != 0 ||
        check_choices(config, fault) != 0) {
        return -1;
    }
    if (config->layers == DA3D_LAYERS_CONV && check_channels(&config->encoder, fault) != 0) {
        return -1;
    }
    if (!schema_printable(config->program, sizeof config->program)) {
        fault->field = FIELD(program);
        return da3d_fail(&fault->reason, "not a printable name");
    }
    return 0;
}

int hyper_check(const struct da3d_config *config, struct da3d_error *error)
{
    struct hyper_fault fault;
    if (hyper_find_fault(config, &fault) == 0) {
        return 0;
    }
    return da3d_fail(error, "%s: %s", fault.field.name, fault.reason.text);
}

/* Of an image's height or width: four times halved by the encoder, the third time rounded up, the
 * last one without a border, and grown again by the decoder. */
static bool comes_back(uint32_t size)
{
    return size >= 28 && (size - 28) % 16 == 0;
}

int hyper_check_columns(const struct da3d_config *config, uint32_t columns, uint32_t inputs,
                        struct da3d_error *error)
{
    const struct da3d_image *image = &config->image;
    if (is_image(config) &&
        ((uint64_t)image->height * image->width != columns || inputs != columns)) {
        return da3d_fail(error, "%u columns are no image of %u x %u pixels", columns, image->height,
                         image->width);
    }
    if (config->layers != DA3D_LAYERS_CONV) {
        return 0;
    }
    if (!is_image(config)) {
        return da3d_fail(error, "convolutional layers are for images");
    }
    if (!comes_back(image->height) || !comes_back(image->width)) {
        return da3d_fail(error,
                         "an image of %u x %u pixels: convolutional layers take heights and "
                         "widths of 28, 44, 60 and so on",
                         image->height, image->width);
    }
    return hyper_check(config, error); /* that the layers are convolutional is known by now */
}

float hyper_rate(const struct da3d_config *config, double done)
{
    const double last = 0.02;
    double factor = last + (1.0 - last) * 0.5 * (1.0 + cos(M_PI * done));
    return config->schedule == DA3D_SCHEDULE_COSINE
               ? (float)((double)config->learning_rate * factor)
               : config->learning_rate;
}

struct adam_rule hyper_rule(const struct da3d_config *config, float rate, enum hyper_step step)
{
    const bool by_norm = config->clip_kind == DA3D_CLIP_GRADIENT_NORM;
    struct adam_rule rule = {.learning_rate = rate};
    if (by_norm && step != HYPER_STEP_PLAIN) {
        rule.gradient_norm = config->clip;
    }
    if (!by_norm && step == HYPER_STEP_CRITIC) {
        rule.weight = config->clip;
    }
    return rule;
}
