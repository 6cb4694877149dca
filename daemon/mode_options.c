#include "mode_options.h"

#include <getopt.h>
#include <string.h>

#include "log.h"

enum mode_option {
    OPTION_TRAIN,
    OPTION_READ,
    OPTION_INTERFACE,
    OPTION_CONFIG,
    OPTION_RETRAIN,
    OPTION_PROMOTE,
    OPTION_ROLLBACK,
    OPTION_TEST_CONFIG,
    OPTION_DUMP_CONFIG,
    OPTION_EVAL,
    OPTION_EXPLAIN,
    OPTION_SCORE,
    OPTION_EXTRACT,
    OPTION_LIST_FEATURES,
    OPTION_VERSION,
    OPTION_BUILD_INFO,
    OPTION_HELP,
    OPTION_COUNT
};

static const struct option_text mode_options[OPTION_COUNT] = {
    [OPTION_TRAIN] = {0, "train", "CAPTURE",
                      "learn from traffic that is assumed normal, write the model"},
    [OPTION_READ] = {'r', "read", "CAPTURE", "score: one JSON line per flow on standard output"},
    [OPTION_INTERFACE] = {'i', "interface", "IF",
                          "score live: the same lines, until it is told to stop"},
    [OPTION_CONFIG] = {'c', "config", "FILE", "score live as the file says, see da3dd.yaml(5)"},
    [OPTION_RETRAIN] = {0, "retrain", NULL,
                        "learn anew from recent flows, or from captures that follow, and replace\n"
                        "the service's model if the new one is no worse"},
    [OPTION_PROMOTE] = {0, "promote", "NAME", "make a model of the history the service's"},
    [OPTION_ROLLBACK] = {0, "rollback", NULL, "make that one the service's that was before"},
    [OPTION_TEST_CONFIG] = {'T', "test-config", NULL, "say what is wrong with the configuration"},
    [OPTION_DUMP_CONFIG] = {0, "dump-config", NULL,
                            "print the configuration that the service would have"},
    [OPTION_EVAL] = {0, "eval", "CAPTURE",
                     "score and compare with labels: detection per attack, AUC, AP"},
    [OPTION_EXPLAIN] = {0, "explain", "CAPTURE",
                        "score, and print a page of each of the most anomalous flows: why"},
    [OPTION_SCORE] = {0, "score", "TABLE", "score: CSV on standard output, one line per row"},
    [OPTION_EXTRACT] = {0, "extract", "CAPTURE", "print the flows' features as CSV"},
    [OPTION_LIST_FEATURES] = {0, "list-features", NULL,
                              "print what every column of the feature sets means"},
    [OPTION_VERSION] = {'V', "version", NULL, "print the version"},
    [OPTION_BUILD_INFO] = {0, "build-info", NULL, "print versions of compiler and libraries"},
    [OPTION_HELP] = {'h', "help", NULL, "print this"},
};

const struct option_text *mode_option_text(size_t i)
{
    return i < OPTION_COUNT ? &mode_options[i] : NULL;
}

const char *mode_option_name(enum mode mode)
{
    switch (mode) {
    case MODE_TRAIN: return "--train";
    case MODE_SCORE: return "-r";
    case MODE_TABLE_SCORE: return "--score";
    case MODE_EXTRACT: return "--extract";
    case MODE_EVAL: return "--eval";
    case MODE_EXPLAIN: return "--explain";
    case MODE_SERVICE: return "-i and -c";
    case MODE_RETRAIN: return "--retrain";
    case MODE_PROMOTE: return "--promote";
    case MODE_ROLLBACK: return "--rollback";
    case MODE_TEST_CONFIG: return "-T";
    case MODE_DUMP_CONFIG: return "--dump-config";
    case MODE_LIST_FEATURES: return "--list-features";
    case MODE_HELP: return "--help";
    case MODE_VERSION: return "-V";
    case MODE_BUILD: return "--build-info";
    }
    return "";
}

int mode_options_input(struct options *options, const char *path)
{
    struct da3d_error error;

    if (inputs_add(&options->inputs, path, &error) == 0)
        return 0;
    log_error("%s: %s", path, error.text);
    return -1;
}

/* The same mode named again adds an input (may be NULL). */
static int set_mode(struct options *options, enum mode mode, const char *input)
{
    if (options->mode_given && options->mode != mode) {
        log_error("more than one thing to do: see da3dd --help");
        return -1;
    }
    options->mode_given = true;
    options->mode = mode;
    return input ? mode_options_input(options, input) : 0;
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

/* "--extract -i eth0": the word behind --extract is an option, to be read as one. */
static int take_extract(struct options *options, const char *value)
{
    if (strcmp(value, "-i") != 0 && strcmp(value, "--interface") != 0)
        return set_mode(options, MODE_EXTRACT, value);
    optind--;
    return set_mode(options, MODE_EXTRACT, NULL);
}

int mode_option_take(struct options *options, size_t i, const char *value)
{
    switch ((enum mode_option)i) {
    case OPTION_TRAIN: return set_mode(options, MODE_TRAIN, value);
    case OPTION_READ: return set_mode(options, MODE_SCORE, value);
    case OPTION_INTERFACE: return add_interface(options, value);
    case OPTION_CONFIG: options->config_file = value; return 0;
    case OPTION_RETRAIN: return set_mode(options, MODE_RETRAIN, NULL);
    case OPTION_PROMOTE: options->promote = value; return set_mode(options, MODE_PROMOTE, NULL);
    case OPTION_ROLLBACK: return set_mode(options, MODE_ROLLBACK, NULL);
    case OPTION_TEST_CONFIG: return set_mode(options, MODE_TEST_CONFIG, NULL);
    case OPTION_DUMP_CONFIG: return set_mode(options, MODE_DUMP_CONFIG, NULL);
    case OPTION_EVAL: return set_mode(options, MODE_EVAL, value);
    case OPTION_EXPLAIN: return set_mode(options, MODE_EXPLAIN, value);
    case OPTION_SCORE: return set_mode(options, MODE_TABLE_SCORE, value);
    case OPTION_EXTRACT: return take_extract(options, value);
    case OPTION_LIST_FEATURES: return set_mode(options, MODE_LIST_FEATURES, NULL);
    case OPTION_VERSION: return set_mode(options, MODE_VERSION, NULL);
    case OPTION_BUILD_INFO: return set_mode(options, MODE_BUILD, NULL);
    case OPTION_HELP: return set_mode(options, MODE_HELP, NULL);
    case OPTION_COUNT: break;
    }
    return -1;
}
