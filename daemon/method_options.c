#include "method_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crew.h"
#include "core/hyper.h"
#include "core/prototypes.h"
#include "log.h"

struct method_option {
    struct option_text text;
    int (*parse)(const struct method_option *option, const char *value, struct da3d_config *config);
    size_t field;        /* its place in struct da3d_config; its size: none */
    const char *choices; /* "one|another", in the order of their enumerators */
    uint32_t max;        /* of counts */
};

static void *field_of(const struct method_option *option, struct da3d_config *config)
{
    return (char *)config + option->field;
}

static int parse_seed(const struct method_option *option, const char *value,
                      struct da3d_config *config)
{
    return option_uint(option->text.name, value, UINT64_MAX, &config->seed);
}

static int parse_count(const struct method_option *option, const char *value,
                       struct da3d_config *config)
{
    uint32_t *out = field_of(option, config);
    uint64_t count;

    if (option_uint(option->text.name, value, option->max, &count) < 0)
        return -1;
    *out = (uint32_t)count;
    return 0;
}

/* "N" for both stages or "N,M". */
static int parse_epochs(const struct method_option *option, const char *value,
                        struct da3d_config *config)
{
    const char *comma = strchr(value, ',');
    char first[16];
    uint64_t aae, alarm;

    snprintf(first, sizeof first, "%.*s", comma ? (int)(comma - value) : 15, value);
    if (option_uint(option->text.name, first, option->max, &aae) < 0 ||
        option_uint(option->text.name, comma ? comma + 1 : value, option->max, &alarm) < 0)
        return -1;
    if (aae == 0 || alarm == 0) {
        log_error("--%s: 0 is not 1 to %u", option->text.name, option->max);
        return -1;
    }
    config->epochs_aae = (uint32_t)aae;
    config->epochs_alarm = (uint32_t)alarm;
    return 0;
}

static int parse_number(const struct method_option *option, const char *value,
                        struct da3d_config *config)
{
    float *out = field_of(option, config);
    char *end;

    *out = (float)strtod(value, &end);
    if (end == value || *end || !isfinite(*out)) {
        log_error("--%s: '%s' is not a number", option->text.name, value);
        return -1;
    }
    return 0;
}

static int parse_target_fpr(const struct method_option *option, const char *value,
                            struct da3d_config *config)
{
    const float *fpr = field_of(option, config);

    if (parse_number(option, value, config) < 0)
        return -1;
    if (*fpr >= 1e-6F && *fpr <= 0.999999F)
        return 0;
    log_error("--%s: %s is not 0.000001 to 0.999999", option->text.name, value);
    return -1;
}

static int parse_trim(const struct method_option *option, const char *value,
                      struct da3d_config *config)
{
    if (parse_number(option, value, config) < 0)
        return -1;
    if (config->trim >= 0 && config->trim <= 0.5F)
        return 0;
    log_error("--%s: %s is not 0 to 0.5", option->text.name, value);
    return -1;
}

/* "150,100,70": up to DA3D_LAYERS_MAX widths. */
static int parse_widths(const struct method_option *option, const char *value,
                        struct da3d_config *config)
{
    struct da3d_layers *out = field_of(option, config);
    char *end;
    unsigned long width;

    *out = (struct da3d_layers){0};
    for (const char *p = value;; p = end + 1) {
        width = strtoul(p, &end, 10);
        if (out->n == DA3D_LAYERS_MAX || *p < '0' || *p > '9' || width < 1 ||
            width > DA3D_WIDTH_MAX || (*end && *end != ',')) {
            log_error("--%s: '%s' is not a list of 1 to %d widths from 1 to %d, as in 50,20,5",
                      option->text.name, value, DA3D_LAYERS_MAX, DA3D_WIDTH_MAX);
            return -1;
        }
        out->width[out->n++] = (uint32_t)width;
        if (!*end)
            return 0;
    }
}

/* Returns the index of value among the option's choices, or -1 (already reported). */
static int choose(const struct method_option *option, const char *value)
{
    size_t length = strlen(value);
    int index = 0;

    for (const char *p = option->choices; p; p = strchr(p, '|'), index++) {
        p += *p == '|';
        if (strcspn(p, "|") == length && strncmp(p, value, length) == 0)
            return index;
    }
    log_error("--%s: '%s' is not one of %s", option->text.name, value, option->choices);
    return -1;
}

/* A field of any enumerated type: they are all as large. */
static int parse_choice(const struct method_option *option, const char *value,
                        struct da3d_config *config)
{
    int index = choose(option, value);

    _Static_assert(sizeof(enum da3d_generator) == sizeof index &&
                       sizeof(enum da3d_layer_kind) == sizeof index &&
                       sizeof(enum da3d_activations) == sizeof index &&
                       sizeof(enum da3d_scaling) == sizeof index &&
                       sizeof(enum da3d_reconstruction) == sizeof index &&
                       sizeof(enum da3d_schedule) == sizeof index &&
                       sizeof(enum da3d_holdout) == sizeof index &&
                       sizeof(enum da3d_clip) == sizeof index,
                   "enumerations are int-sized");
    if (index < 0)
        return -1;
    memcpy(field_of(option, config), &index, sizeof index);
    return 0;
}

static int parse_switch(const struct method_option *option, const char *value,
                        struct da3d_config *config)
{
    bool *out = field_of(option, config);
    int index = choose(option, value);

    if (index < 0)
        return -1;
    *out = index == 1;
    return 0;
}

/* Method options on the command line change the method's values: what it stands for was set before
 * any of them (method_options_begin()). */
static int parse_method(const struct method_option *option, const char *value,
                        struct da3d_config *config)
{
    int index = choose(option, value);

    if (index < 0)
        return -1;
    if (index == (int)config->method)
        return 0;
    log_error("--%s: not to be abbreviated", option->text.name);
    return -1;
}

/* "residual,prototypes": names of views. */
static int parse_views(const struct method_option *option, const char *value,
                       struct da3d_config *config)
{
    uint32_t *out = field_of(option, config);
    char name[16];
    int index;

    *out = 0;
    for (const char *p = value;; p += strcspn(p, ",") + 1) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(p, ","), p);
        index = choose(option, name);
        if (index < 0)
            return -1;
        *out |= 1U << index;
        if (!p[strcspn(p, ",")])
            return 0;
    }
}

#define FIELD(name) .field = offsetof(struct da3d_config, name)

static const struct method_option method_options[] = {
    {.text = {0, "method", "METHOD",
              "default, or paper: DA3D as published; what the others below change"},
     .parse = parse_method,
     FIELD(method),
     .choices = "default|paper"},
    {.text = {0, "seed", "N", "of everything random; same seed, same model (default 1)"},
     .parse = parse_seed,
     FIELD(seed)},
    {.text = {0, "epochs", "N[,M]",
              "of the autoencoder and of the alarm network (default 500,500)"},
     .parse = parse_epochs,
     FIELD(epochs_aae),
     .max = HYPER_EPOCHS_MAX},
    {.text = {0, "batch", "N", "rows per step (default: by the number of rows)"},
     .parse = parse_count,
     FIELD(batch),
     .max = HYPER_BATCH_MAX},
    {.text = {0, "threads", "N", "to train with, 4 at most at work (default: one per processor)"},
     .parse = parse_count,
     FIELD(threads),
     .max = CREW_THREADS_MAX},
    {.text = {0, "learning-rate", "X", "of Adam (default 0.0001)"},
     .parse = parse_number,
     FIELD(learning_rate)},
    {.text = {0, "dropout", "X", "share of hidden units (default 0.1)"},
     .parse = parse_number,
     FIELD(dropout)},
    {.text = {0, "layers", "KIND",
              "of the autoencoder: dense, conv, or auto (default): conv for images"},
     .parse = parse_choice,
     FIELD(layers),
     .choices = "auto|dense|conv"},
    {.text = {0, "encoder", "N,...",
              "encoder widths, the code last (default: by the number of columns);\n"
              "channels if its layers are conv (default 32,16,8,16)"},
     .parse = parse_widths,
     FIELD(encoder)},
    {.text = {0, "alarm", "N,...",
              "alarm network's hidden widths (default: by the number of columns)"},
     .parse = parse_widths,
     FIELD(alarm)},
    {.text = {0, "discriminator", "N,...",
              "discriminator's hidden widths, and the critic's (default 40,20,10,5)"},
     .parse = parse_widths,
     FIELD(discriminator)},
    {.text = {0, "generator", "KIND", "invented anomalies: gan (default), gaussian noise or none"},
     .parse = parse_choice,
     FIELD(generator_kind),
     .choices = "gan|gaussian|none"},
    {.text = {0, "generator-widths", "N,...", "generator's hidden widths (default 50,40,30,20)"},
     .parse = parse_widths,
     FIELD(generator)},
    {.text = {0, "noise", "N", "random numbers that the generator reads (default 8)"},
     .parse = parse_count,
     FIELD(noise),
     .max = DA3D_WIDTH_MAX},
    {.text = {0, "trivial", "on|off", "learn on trivial anomalies too (default on)"},
     .parse = parse_switch,
     FIELD(trivial),
     .choices = "off|on"},
    {.text = {0, "activations", "WHOSE",
              "read by the alarm network: decoder (default), encoder or both"},
     .parse = parse_choice,
     FIELD(activations),
     .choices = "decoder|encoder|both"},
    {.text = {0, "sigma", "X", "deviation of the wide noise (default 2)"},
     .parse = parse_number,
     FIELD(sigma_h)},
    {.text = {0, "lambda-n", "X", "critic's weight of normal codes (default 2)"},
     .parse = parse_number,
     FIELD(lambda_n)},
    {.text = {0, "lambda-g", "X", "critic's weight of generated codes (default 2)"},
     .parse = parse_number,
     FIELD(lambda_g)},
    {.text = {0, "clip", "X", "bound of the adversarial steps (default 0.01)"},
     .parse = parse_number,
     FIELD(clip)},
    {.text = {0, "clip-kind", "KIND", "what it bounds: gradient-norm (default) or weights"},
     .parse = parse_choice,
     FIELD(clip_kind),
     .choices = "gradient-norm|weights"},
    {.text = {0, "scaling", "KIND", "of numeric columns: rank-gauss, or min-max as published"},
     .parse = parse_choice,
     FIELD(scaling),
     .choices = "min-max|rank-gauss"},
    {.text = {0, "reconstruction", "LOSS", "squared error, or cross-entropy as published"},
     .parse = parse_choice,
     FIELD(reconstruction),
     .choices = "cross-entropy|squared"},
    {.text = {0, "schedule", "KIND", "of the learning rate: cosine, or constant as published"},
     .parse = parse_choice,
     FIELD(schedule),
     .choices = "constant|cosine"},
    {.text = {0, "corruption", "X",
              "deviation of the noise that the autoencoder restores rows from (default 2; 0 as\n"
              "published)"},
     .parse = parse_number,
     FIELD(corruption)},
    {.text = {0, "prototypes", "N", "of the training rows, at most (default 4096)"},
     .parse = parse_count,
     FIELD(prototypes),
     .max = PROTOTYPES_MAX},
    {.text = {0, "views", "VIEW,...",
              "what the score is made of: alarm, residual, prototypes, components"},
     .parse = parse_views,
     FIELD(views),
     .choices = "alarm|residual|prototypes|components"},
    {.text = {0, "holdout", "X", "share of flows kept apart to set the threshold (default 0.2)"},
     .parse = parse_number,
     FIELD(holdout)},
    {.text = {0, "trim", "X",
              "share of flows, the oddest, that the views are fitted without (default 0.1\n"
              "where the view novelty counts, as of captures; else, and of spools, 0)"},
     .parse = parse_trim,
     FIELD(trim)},
    {.text = {0, "holdout-by", "KIND",
              "which ones: by time, random, or auto (default): of captures by time"},
     .parse = parse_choice,
     FIELD(holdout_by),
     .choices = "auto|random|time"},
    {.text = {0, "target-fpr", "X", "share of normal flows that may alert (default 0.01)"},
     .parse = parse_target_fpr,
     FIELD(target_fpr)},
};

enum { N_OPTIONS = sizeof method_options / sizeof *method_options };

void method_options_begin(struct da3d_config *config, int argc, char *const *argv)
{
    const char *name = NULL;

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--method") == 0 && i + 1 < argc)
            name = argv[i + 1];
        else if (strncmp(argv[i], "--method=", 9) == 0)
            name = argv[i] + 9;
    }
    *config = name && strcmp(name, "paper") == 0 ? da3d_config_paper : da3d_config_default;
}

const struct option_text *method_option_text(size_t i)
{
    return i < N_OPTIONS ? &method_options[i].text : NULL;
}

int method_option_parse(struct da3d_config *config, size_t i, const char *value)
{
    const struct method_option *option = &method_options[i];

    return option->parse(option, value, config);
}

/* The option that sets a field, NULL if none does. */
static const struct method_option *option_of(size_t field)
{
    if (field == offsetof(struct da3d_config, epochs_alarm)) /* one option sets both */
        field = offsetof(struct da3d_config, epochs_aae);
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (method_options[i].field == field)
            return &method_options[i];
    return NULL;
}

int method_options_check(const struct da3d_config *config)
{
    const struct method_option *option;
    struct hyper_fault fault;

    if (hyper_find_fault(config, &fault) == 0)
        return 0;
    option = option_of(fault.field.offset);
    if (option)
        log_error("--%s: %s", option->text.name, fault.reason.text);
    else
        log_error("%s: %s", fault.field.name, fault.reason.text);
    return -1;
}
