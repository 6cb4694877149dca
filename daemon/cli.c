#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "core/hyper.h"
#include "flow_options.h"
#include "log.h"
#include "tunnels.h"
#include "version.h"

enum {
    OPT_TRAIN = 256,
    OPT_EXTRACT,
    OPT_EVAL,
    OPT_SCORE,
    OPT_BUILD_INFO,
    OPT_MODEL,
    OPT_LABELS,
    OPT_FEATURES,
    OPT_ROWS,
    OPT_LIST_FEATURES,
    OPT_MAN,
    OPT_METHOD,
    OPT_SEED,
    OPT_EPOCHS,
    OPT_BATCH,
    OPT_THREADS,
    OPT_LEARNING_RATE,
    OPT_DROPOUT,
    OPT_LAYERS,
    OPT_ENCODER,
    OPT_ALARM,
    OPT_GENERATOR,
    OPT_TRIVIAL,
    OPT_ACTIVATIONS,
    OPT_SIGMA,
    OPT_LAMBDA_N,
    OPT_LAMBDA_G,
    OPT_CLIP,
    OPT_CLIP_KIND,
    OPT_HOLDOUT,
    OPT_TARGET_FPR,
    OPT_JSON,
    OPT_LABEL_COLUMN,
    OPT_NORMAL_LABEL,
    OPT_NUMERIC,
    OPT_CATEGORICAL,
    OPT_DROP,
    OPT_TUNNELS,
    OPT_DUMP_CONFIG,
    OPT_SET,
    OPT_WRITE,
    OPT_WRITE_LIMIT,
    OPT_ROC,
    OPT_ROC_SVG,
    OPT_FLOW, /* and the next, by enum flow_option */
};

static const struct option long_options[] = {
    {"train", required_argument, NULL, OPT_TRAIN},
    {"read", required_argument, NULL, 'r'},
    {"interface", required_argument, NULL, 'i'},
    {"config", required_argument, NULL, 'c'},
    {"test-config", no_argument, NULL, 'T'},
    {"dump-config", no_argument, NULL, OPT_DUMP_CONFIG},
    {"set", required_argument, NULL, OPT_SET},
    {"extract", required_argument, NULL, OPT_EXTRACT},
    {"eval", required_argument, NULL, OPT_EVAL},
    {"score", required_argument, NULL, OPT_SCORE},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"build-info", no_argument, NULL, OPT_BUILD_INFO},
    {"model", required_argument, NULL, OPT_MODEL},
    {"labels", required_argument, NULL, OPT_LABELS},
    {"features", required_argument, NULL, OPT_FEATURES},
    {"rows", required_argument, NULL, OPT_ROWS},
    {"list-features", no_argument, NULL, OPT_LIST_FEATURES},
    {"man", no_argument, NULL, OPT_MAN},
    {"method", required_argument, NULL, OPT_METHOD},
    {"seed", required_argument, NULL, OPT_SEED},
    {"epochs", required_argument, NULL, OPT_EPOCHS},
    {"batch", required_argument, NULL, OPT_BATCH},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"learning-rate", required_argument, NULL, OPT_LEARNING_RATE},
    {"dropout", required_argument, NULL, OPT_DROPOUT},
    {"layers", required_argument, NULL, OPT_LAYERS},
    {"encoder", required_argument, NULL, OPT_ENCODER},
    {"alarm", required_argument, NULL, OPT_ALARM},
    {"generator", required_argument, NULL, OPT_GENERATOR},
    {"trivial", required_argument, NULL, OPT_TRIVIAL},
    {"activations", required_argument, NULL, OPT_ACTIVATIONS},
    {"sigma", required_argument, NULL, OPT_SIGMA},
    {"lambda-n", required_argument, NULL, OPT_LAMBDA_N},
    {"lambda-g", required_argument, NULL, OPT_LAMBDA_G},
    {"clip", required_argument, NULL, OPT_CLIP},
    {"clip-kind", required_argument, NULL, OPT_CLIP_KIND},
    {"holdout", required_argument, NULL, OPT_HOLDOUT},
    {"target-fpr", required_argument, NULL, OPT_TARGET_FPR},
    {"json", no_argument, NULL, OPT_JSON},
    {"label-column", required_argument, NULL, OPT_LABEL_COLUMN},
    {"normal-label", required_argument, NULL, OPT_NORMAL_LABEL},
    {"numeric", required_argument, NULL, OPT_NUMERIC},
    {"categorical", required_argument, NULL, OPT_CATEGORICAL},
    {"drop", required_argument, NULL, OPT_DROP},
    {"tunnels", required_argument, NULL, OPT_TUNNELS},
    {"write", required_argument, NULL, OPT_WRITE},
    {"write-limit", required_argument, NULL, OPT_WRITE_LIMIT},
    {"roc", required_argument, NULL, OPT_ROC},
    {"roc-svg", required_argument, NULL, OPT_ROC_SVG},
    {"flow-memcap", required_argument, NULL, OPT_FLOW + FLOW_OPTION_MEMCAP},
    {"flow-max-flows", required_argument, NULL, OPT_FLOW + FLOW_OPTION_MAX_FLOWS},
    {"flow-max-samples", required_argument, NULL, OPT_FLOW + FLOW_OPTION_MAX_SAMPLES},
    {"flow-idle", required_argument, NULL, OPT_FLOW + FLOW_OPTION_IDLE},
    {"flow-active", required_argument, NULL, OPT_FLOW + FLOW_OPTION_ACTIVE},
    {"flow-linger", required_argument, NULL, OPT_FLOW + FLOW_OPTION_LINGER},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "Usage: da3dd --train CAPTURE... --model FILE [option...] [--] [BPF filter]\n"
    "       da3dd -r CAPTURE... --model FILE [--] [BPF filter]\n"
    "       da3dd -i INTERFACE... --model FILE [--] [BPF filter]\n"
    "       da3dd --eval CAPTURE... --labels FILE --model FILE [--json] [--] [BPF filter]\n"
    "       da3dd --extract CAPTURE... [--features SET] [--rows RULE] [--] [BPF filter]\n"
    "       da3dd --extract -i INTERFACE [--features SET] [--] [BPF filter]\n"
    "       da3dd --train TABLE... --model FILE [--label-column NAME] [option...]\n"
    "       da3dd --score TABLE... --model FILE\n"
    "       da3dd --eval TABLE... --label-column NAME --model FILE [--json]\n"
    "       da3dd [-T | --dump-config] -c FILE [-i INTERFACE...] [--set KEY=VALUE...]\n"
    "       da3dd --train IMAGES --model FILE [--labels FILE] [--normal-label A,...] [option...]\n"
    "       da3dd --score IMAGES --model FILE\n"
    "       da3dd --eval IMAGES --labels FILE --model FILE [--normal-label A,...] [--json]\n"
    "       da3dd --list-features [--features SET] [--man]\n"
    "       da3dd -V | --help | --build-info\n"
    "\n"
    "Learns what normal network traffic looks like and scores the flows of other traffic.\n"
    "CAPTURE is a pcap or pcapng file, plain or compressed, a directory of them, or - for\n"
    "standard input. TABLE is a CSV file of flow records, plain or compressed, or -.\n"
    "IMAGES is an IDX file of grey images, as MNIST has them, plain or compressed, or -.\n"
    "\n"
    "  --train CAPTURE      learn from traffic that is assumed normal, write the model\n"
    "  -r, --read CAPTURE   score: one JSON line per flow on standard output\n"
    "  -i, --interface IF   score live: the same lines, until it is told to stop\n"
    "  -c, --config FILE    score live as the file says, see da3dd.yaml(5)\n"
    "  -T, --test-config    say what is wrong with the configuration\n"
    "  --dump-config        print the configuration that the service would have\n"
    "  --eval CAPTURE       score and compare with labels: detection per attack, AUC, AP\n"
    "  --score TABLE        score: CSV on standard output, one line per row\n"
    "  --extract CAPTURE    print the flows' features as CSV\n"
    "  --list-features      print what every column of the feature sets means\n"
    "  -V, --version        print the version\n"
    "  --build-info         print versions of compiler and libraries\n"
    "\n"
    "  --model FILE         the model, written by --train and read by the others\n"
    "  --set KEY=VALUE      change the configuration, as in --set flow.idle=30s\n"
    "  --features SET       feature set: flow (default), doh or kdd\n"
    "  --rows RULE          --extract: how packets make rows: native (default), or as the tools\n"
    "                       dohmeter (doh) and kdd99 (kdd) do\n"
    "  --man                --list-features: as a manual page\n"
    "  --labels FILE        of captures CSV: label,address,start,end (see da3dd(8)); of images "
    "IDX\n"
    "  --tunnels WHICH      flows inside of tunnels: inner (default), outer, or a list of\n"
    "                       gre, ipip, 6in4, vxlan, geneve, gtp, teredo, mpls\n"
    "  --write FILE         -i: record what is captured, so that -r gives the same scores\n"
    "  --write-limit N      megabytes that FILE may have (default 1024)\n"
    "  --json               --eval: the result as JSON\n"
    "  --roc FILE           --eval: the ROC curve as CSV\n"
    "  --roc-svg FILE       --eval: the ROC curve as a picture\n"
    "  -q, --quiet          errors and warnings only\n"
    "\n"
    "Flows:\n"
    "  --flow-memcap SIZE   memory for flows, as in 512M or 2G (default 1G)\n"
    "  --flow-max-flows N   flows kept at once (default 1000000)\n"
    "  --flow-max-samples N packets of a row kept one by one; more are summarized (default 4096)\n"
    "  --flow-idle N        seconds of silence that end a flow (default 40)\n"
    "  --flow-active N      seconds after which a flow is reported and continued (default 120)\n"
    "  --flow-linger N      seconds that a closed flow waits for retransmissions (default 5)\n";

static const char help_learning[] = /* apart: C promises strings of 4095 bytes only */
    "\n"
    "Tables:\n"
    "  --label-column NAME  column that says what a row is; never an input\n"
    "  --normal-label A,... its values for normal rows (default: 0, normal, benign); also images'\n"
    "  --numeric A,...      --train: columns that hold numbers (default: by their cells)\n"
    "  --categorical A,...  --train: columns that hold words\n"
    "  --drop A,...         --train: columns that are no inputs\n"
    "\n"
    "Training:\n"
    "  --method paper       the method as published (the only one so far)\n"
    "  --seed N             of everything random; same seed, same model (default 1)\n"
    "  --epochs N[,M]       of the autoencoder and of the alarm network (default 500,500)\n"
    "  --batch N            rows per step (default: by the number of rows)\n"
    "  --threads N          to train with, 4 at most at work (default: one per processor)\n"
    "  --learning-rate X    of Adam (default 0.0001)\n"
    "  --dropout X          share of hidden units (default 0.1)\n"
    "  --layers KIND        of the autoencoder: dense, conv, or auto (default): conv for images\n"
    "  --encoder N,...      encoder widths, the code last (default: by the number of columns);\n"
    "                       channels if its layers are conv (default 32,16,8,16)\n"
    "  --alarm N,...        alarm network's hidden widths (default: by the number of columns)\n"
    "  --generator KIND     invented anomalies: gan (default), gaussian noise or none\n"
    "  --trivial on|off     learn on trivial anomalies too (default on)\n"
    "  --activations WHOSE  read by the alarm network: decoder (default), encoder or both\n"
    "  --sigma X            deviation of the wide noise (default 2)\n"
    "  --lambda-n X         critic's weight of normal codes (default 2)\n"
    "  --lambda-g X         critic's weight of generated codes (default 2)\n"
    "  --clip X             bound of the adversarial steps (default 0.01)\n"
    "  --clip-kind KIND     what it bounds: gradient-norm (default) or weights\n"
    "  --holdout X          share of flows kept apart to set the threshold (default 0.2)\n"
    "  --target-fpr X       share of normal flows that may alert (default 0.01)\n";

void cli_help(void)
{
    fputs(help_text, stdout);
    fputs(help_learning, stdout);
}

static int parse_uint(const char *name, const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || *out > max) {
        log_error("--%s: '%s' is not a whole number from 0 to %llu", name, text,
                  (unsigned long long)max);
        return -1;
    }
    return 0;
}

static int parse_u32(const char *name, const char *text, uint32_t max, uint32_t *out)
{
    uint64_t value;

    if (parse_uint(name, text, max, &value) < 0)
        return -1;
    *out = (uint32_t)value;
    return 0;
}

/* Any finite number: hyper_check() knows the ranges. */
static int parse_number(const char *name, const char *text, float *out)
{
    char *end;
    double value = strtod(text, &end);

    *out = (float)value;
    if (end == text || *end || !isfinite(*out)) {
        log_error("--%s: '%s' is not a number", name, text);
        return -1;
    }
    return 0;
}

/* "150,100,70": up to DA3D_LAYERS_MAX widths. */
static int parse_layers(const char *name, const char *text, struct da3d_layers *out)
{
    char *end;
    unsigned long width;

    *out = (struct da3d_layers){0};
    for (const char *p = text;; p = end + 1) {
        width = strtoul(p, &end, 10);
        if (out->n == DA3D_LAYERS_MAX || *p < '0' || *p > '9' || width < 1 ||
            width > DA3D_WIDTH_MAX || (*end && *end != ',')) {
            log_error("--%s: '%s' is not a list of 1 to %d widths from 1 to %d, as in 50,20,5",
                      name, text, DA3D_LAYERS_MAX, DA3D_WIDTH_MAX);
            return -1;
        }
        out->width[out->n++] = (uint32_t)width;
        if (!*end)
            return 0;
    }
}

/* "N" for both stages or "N,M". */
static int parse_epochs(const char *text, struct da3d_config *config)
{
    const char *comma = strchr(text, ',');
    char first[16];

    snprintf(first, sizeof first, "%.*s", comma ? (int)(comma - text) : 15, text);
    if (parse_u32("epochs", first, HYPER_EPOCHS_MAX, &config->epochs_aae) < 0)
        return -1;
    return parse_u32("epochs", comma ? comma + 1 : text, HYPER_EPOCHS_MAX, &config->epochs_alarm);
}

static int parse_features(struct options *options, const char *name)
{
    options->set = feature_set_find(name);
    if (options->set)
        return 0;
    log_error("--features: there is no set '%s'", name);
    for (const struct feature_set *const *set = feature_sets(); *set; set++)
        log_error("  available: %s", (*set)->name);
    return -1;
}

static int parse_tunnels(struct options *options, const char *text)
{
    struct da3d_error error;

    options->tunnels_given = true;
    if (tunnels_parse(text, &options->meter.tunnels, &error) == 0)
        return 0;
    log_error("--tunnels: %s", error.text);
    return -1;
}

static int parse_rows(struct options *options, const char *name)
{
    options->meter.rule = row_rule_find(name);
    if (options->meter.rule || strcmp(name, "native") == 0)
        return 0;
    log_error("--rows: '%s' is not one of native|dohmeter|kdd99", name);
    return -1;
}

static int parse_method(const char *name)
{
    if (strcmp(name, "paper") == 0)
        return 0;
    log_error("--method: there is no method '%s'; available: paper", name);
    return -1;
}

static int parse_target_fpr(struct da3d_config *config, const char *text)
{
    float fpr;

    if (parse_number("target-fpr", text, &fpr) < 0)
        return -1;
    if (fpr < 1e-6F || fpr > 0.999999F) {
        log_error("--target-fpr: %s is not 0.000001 to 0.999999", text);
        return -1;
    }
    config->quantile = 1 - fpr;
    return 0;
}

/* choices: "one|another". *out: the index of text among them; as it was where it is none. */
static int parse_choice(const char *name, const char *text, const char *choices, int *out)
{
    size_t length = strlen(text);
    int index = 0;

    for (const char *p = choices; p; p = strchr(p, '|'), index++) {
        p += *p == '|';
        if (strcspn(p, "|") == length && strncmp(p, text, length) == 0) {
            *out = index;
            return 0;
        }
    }
    log_error("--%s: '%s' is not one of %s", name, text, choices);
    return -1;
}

/* Choices stand in the order of their enumerators. */
static int variant_option(struct da3d_config *config, int opt, const char *value)
{
    int choice = 0, rc = -1;

    switch (opt) {
    case OPT_GENERATOR:
        rc = parse_choice("generator", value, "gan|gaussian|none", &choice);
        config->generator_kind = (enum da3d_generator)choice;
        break;
    case OPT_TRIVIAL:
        rc = parse_choice("trivial", value, "off|on", &choice);
        config->trivial = choice == 1;
        break;
    case OPT_LAYERS:
        rc = parse_choice("layers", value, "auto|dense|conv", &choice);
        config->layers = (enum da3d_layer_kind)choice;
        break;
    case OPT_ACTIVATIONS:
        rc = parse_choice("activations", value, "decoder|encoder|both", &choice);
        config->activations = (enum da3d_activations)choice;
        break;
    case OPT_CLIP_KIND:
        rc = parse_choice("clip-kind", value, "gradient-norm|weights", &choice);
        config->clip_kind = (enum da3d_clip)choice;
        break;
    default: break;
    }
    return rc;
}

static int training_option(struct da3d_config *config, int opt, const char *value)
{
    switch (opt) {
    case OPT_SEED: return parse_uint("seed", value, UINT64_MAX, &config->seed);
    case OPT_EPOCHS: return parse_epochs(value, config);
    case OPT_BATCH: return parse_u32("batch", value, HYPER_BATCH_MAX, &config->batch);
    case OPT_THREADS: return parse_u32("threads", value, CREW_THREADS_MAX, &config->threads);
    case OPT_LEARNING_RATE: return parse_number("learning-rate", value, &config->learning_rate);
    case OPT_DROPOUT: return parse_number("dropout", value, &config->dropout);
    case OPT_ENCODER: return parse_layers("encoder", value, &config->encoder);
    case OPT_ALARM: return parse_layers("alarm", value, &config->alarm);
    case OPT_SIGMA: return parse_number("sigma", value, &config->sigma_h);
    case OPT_LAMBDA_N: return parse_number("lambda-n", value, &config->lambda_n);
    case OPT_LAMBDA_G: return parse_number("lambda-g", value, &config->lambda_g);
    case OPT_CLIP: return parse_number("clip", value, &config->clip);
    case OPT_HOLDOUT: return parse_number("holdout", value, &config->holdout);
    case OPT_TARGET_FPR: return parse_target_fpr(config, value);
    default: return variant_option(config, opt, value);
    }
}

/* Returns whether it was one. */
static bool table_option(struct table_options *table, int opt, const char *value)
{
    switch (opt) {
    case OPT_LABEL_COLUMN: table->label = value; return true;
    case OPT_NORMAL_LABEL: table->normal = value; return true;
    case OPT_NUMERIC: table->numeric = value; return true;
    case OPT_CATEGORICAL: table->categorical = value; return true;
    case OPT_DROP: table->drop = value; return true;
    default: return false;
    }
}

static int add_input(struct options *options, const char *path)
{
    struct da3d_error error;

    if (inputs_add(&options->inputs, path, &error) == 0)
        return 0;
    log_error("%s: %s", path, error.text);
    return -1;
}

/* mode_set: has a mode been named before? The same one again adds an input. */
static int set_mode(struct options *options, bool *mode_set, enum mode mode, const char *input)
{
    if (*mode_set && options->mode != mode) {
        log_error("more than one thing to do: see da3dd --help");
        return -1;
    }
    *mode_set = true;
    options->mode = mode;
    return input ? add_input(options, input) : 0;
}

static int add_interface(struct options *options, const char *name)
{
    if (options->n_interfaces == CLI_INTERFACES_MAX) {
        log_error("-i: more than %d interfaces", CLI_INTERFACES_MAX);
        return -1;
    }
    options->interfaces[options->n_interfaces++] = name;
    return 0;
}

static int add_setting(struct options *options, const char *setting)
{
    if (options->n_settings == CLI_SETTINGS_MAX) {
        log_error("--set: more than %d of them", CLI_SETTINGS_MAX);
        return -1;
    }
    options->settings[options->n_settings++] = setting;
    return 0;
}

static int parse_write_limit(const char *text, uint64_t *out)
{
    uint64_t megabytes;

    if (parse_uint("write-limit", text, 1 << 30, &megabytes) < 0)
        return -1;
    *out = megabytes << 20;
    return 0;
}

/* "--extract -i eth0": the word behind --extract is an option, to be read as one. */
static int take_extract(struct options *options, bool *mode_set, const char *value)
{
    if (strcmp(value, "-i") != 0 && strcmp(value, "--interface") != 0)
        return set_mode(options, mode_set, MODE_EXTRACT, value);
    optind--;
    return set_mode(options, mode_set, MODE_EXTRACT, NULL);
}

static int take_option(struct options *options, bool *mode_set, int opt, const char *value)
{
    switch (opt) {
    case OPT_TRAIN: return set_mode(options, mode_set, MODE_TRAIN, value);
    case 'r': return set_mode(options, mode_set, MODE_SCORE, value);
    case 'i': return add_interface(options, value);
    case 'c': options->config_file = value; return 0;
    case 'T': return set_mode(options, mode_set, MODE_TEST_CONFIG, NULL);
    case OPT_DUMP_CONFIG: return set_mode(options, mode_set, MODE_DUMP_CONFIG, NULL);
    case OPT_SET: return add_setting(options, value);
    case OPT_EXTRACT: return take_extract(options, mode_set, value);
    case OPT_SCORE: return set_mode(options, mode_set, MODE_TABLE_SCORE, value);
    case OPT_EVAL: return set_mode(options, mode_set, MODE_EVAL, value);
    case 'h': return set_mode(options, mode_set, MODE_HELP, NULL);
    case 'V': return set_mode(options, mode_set, MODE_VERSION, NULL);
    case OPT_BUILD_INFO: return set_mode(options, mode_set, MODE_BUILD, NULL);
    case OPT_LIST_FEATURES: return set_mode(options, mode_set, MODE_LIST_FEATURES, NULL);
    case OPT_MAN: options->man = true; return 0;
    case OPT_MODEL: options->model = value; return 0;
    case OPT_LABELS: options->labels = value; return 0;
    case OPT_FEATURES: return parse_features(options, value);
    case OPT_ROWS: return parse_rows(options, value);
    case OPT_METHOD: return parse_method(value);
    case OPT_TUNNELS: return parse_tunnels(options, value);
    case OPT_WRITE: options->record = value; return 0;
    case OPT_WRITE_LIMIT: return parse_write_limit(value, &options->record_limit);
    case OPT_JSON: options->json = true; return 0;
    case OPT_ROC: options->roc = value; return 0;
    case OPT_ROC_SVG: options->roc_svg = value; return 0;
    case 'q': options->quiet = true; return 0;
    default:
        if (opt >= OPT_FLOW && opt < OPT_FLOW + FLOW_OPTION_COUNT) {
            options->flow_given |= 1U << (opt - OPT_FLOW);
            return flow_option_parse(&options->meter.flow, (enum flow_option)(opt - OPT_FLOW),
                                     value);
        }
        return table_option(&options->table, opt, value)
                   ? 0
                   : training_option(&options->config, opt, value);
    }
}

/* How many words stand behind the first "--": a filter, whatever they look like. */
static int words_after_dashes(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            return argc - 1 - i;
    return 0;
}

static int join_filter(struct options *options, char **words, int n)
{
    size_t size = 1;

    for (int i = 0; i < n; i++)
        size += strlen(words[i]) + 1;
    options->filter = calloc(size, 1);
    if (!options->filter) {
        log_error("%s", strerror(errno));
        return -1;
    }
    for (int i = 0; i < n; i++) {
        if (i > 0)
            strcat(options->filter, " ");
        strcat(options->filter, words[i]);
    }
    return 0;
}

/* Further words are captures as long as they exist; what follows is the filter. */
static int take_words(struct options *options, char **words, int n, int n_filter)
{
    struct da3d_error error;
    int i;

    for (i = 0; i < n - n_filter; i++) {
        if (strcmp(words[i], "-") != 0 && access(words[i], F_OK) != 0)
            break;
        if (add_input(options, words[i]) < 0)
            return -1;
    }
    if (join_filter(options, words + i, n - i) < 0)
        return -1;
    if (capture_filter_check(options->filter, &error) < 0) {
        log_error("%s%s", error.text, n_filter ? "" : " (nor is there a file of this name)");
        return -1;
    }
    return 0;
}

/* What is told by the mode alone; whether --train reads a table shows later. */
static int check_table_options(const struct options *options)
{
    const struct table_options *table = &options->table;
    bool eval = options->mode == MODE_EVAL;
    bool tables = options->mode == MODE_TABLE_SCORE || (eval && table->label);
    const char *wrong = NULL;

    if (eval && !options->labels == !table->label)
        wrong = "--eval needs --labels FILE for captures and images, or --label-column NAME for "
                "tables";
    else if ((options->roc || options->roc_svg) && !eval)
        wrong = "--roc and --roc-svg go with --eval";
    else if ((table->numeric || table->categorical || table->drop) && options->mode != MODE_TRAIN)
        wrong = "--numeric, --categorical and --drop go with --train: a model remembers them";
    else if (table->label && options->mode != MODE_TRAIN && !eval)
        wrong = "--label-column goes with --train and --eval";
    else if (table->normal && !table->label && !options->labels)
        wrong = "--normal-label needs --label-column, or --labels for images";
    else if (tables && *options->filter)
        wrong = "a filter is for captures (or there is no file of this name)";
    if (wrong)
        log_error("%s", wrong);
    return wrong ? -1 : 0;
}

static int check_rows(const struct options *options)
{
    const struct row_rule *rule = options->meter.rule;

    if (!rule)
        return 0;
    if (options->mode != MODE_EXTRACT) {
        log_error("--rows %s goes with --extract: models learn native rows", rule->name);
        return -1;
    }
    if (options->set && options->set != rule->set) {
        log_error("--rows %s gives the columns of --features %s", rule->name, rule->set->name);
        return -1;
    }
    return 0;
}

/* What is told live, and what only of files. */
static int check_live(const struct options *options)
{
    const char *wrong = NULL;

    if (options->record && options->n_interfaces == 0)
        wrong = "--write goes with -i";
    else if (options->mode == MODE_EXTRACT && options->n_interfaces > 0 && options->inputs.n > 0)
        wrong = "--extract takes captures or -i, not both";
    else if (options->mode == MODE_EXTRACT && options->n_interfaces > 1)
        wrong = "--extract takes one interface";
    else if (options->meter.rule && options->n_interfaces > 0)
        wrong = "--rows goes with captures";
    if (wrong)
        log_error("%s", wrong);
    return wrong ? -1 : 0;
}

static int check_options(const struct options *options)
{
    struct da3d_error error;
    bool needs_model = options->mode < MODE_SERVICE && options->mode != MODE_EXTRACT;
    bool configured = options->n_interfaces > 0 || options->config_file || options->n_settings > 0;

    configured = configured && !(options->mode == MODE_EXTRACT && !options->config_file &&
                                 options->n_settings == 0);
    if (configured && (options->mode < MODE_SERVICE || options->mode > MODE_DUMP_CONFIG)) {
        log_error("-i, -c and --set are the service's: see da3dd --help");
        return -1;
    }
    if (needs_model && !options->model) {
        log_error("--model FILE is missing");
        return -1;
    }
    if (options->mode == MODE_TRAIN && hyper_check(&options->config, &error) < 0) {
        log_error("%s", error.text);
        return -1;
    }
    if (options->set && options->mode != MODE_TRAIN && options->mode != MODE_EXTRACT &&
        options->mode != MODE_LIST_FEATURES) {
        log_error("--features goes with --train, --extract and --list-features: a model remembers "
                  "its own");
        return -1;
    }
    if (options->man && options->mode != MODE_LIST_FEATURES) {
        log_error("--man goes with --list-features");
        return -1;
    }
    if (check_rows(options) < 0 || check_live(options) < 0)
        return -1;
    return check_table_options(options);
}

int cli_parse(struct options *options, int argc, char **argv)
{
    int n_filter = words_after_dashes(argc, argv); /* before getopt reorders the words */
    bool mode_set = false;
    int opt;

    *options = (struct options){
        .config = da3d_config_paper,
        .record_limit = UINT64_C(1) << 30,
        .meter = {.tunnels = TUNNELS_ALL, .flow = flow_config_default},
    };
    strcpy(options->config.program, "da3dd " DA3DD_VERSION);
    while ((opt = getopt_long(argc, argv, "r:i:c:ThVq", long_options, NULL)) != -1)
        if (opt == '?' || take_option(options, &mode_set, opt, optarg) < 0)
            return -1;
    if (!mode_set && (options->n_interfaces > 0 || options->config_file))
        set_mode(options, &mode_set, MODE_SERVICE, NULL);
    if (!mode_set) {
        log_error("nothing to do: see da3dd --help");
        return -1;
    }
    if (take_words(options, argv + optind, argc - optind, n_filter) < 0)
        return -1;
    return check_options(options);
}

void cli_clear(struct options *options)
{
    inputs_clear(&options->inputs);
    free(options->filter);
}
