/* cli.h - the command line, parsed and checked. */
#ifndef DAEMON_CLI_H
#define DAEMON_CLI_H

#include <stdbool.h>

#include "core/da3d.h"
#include "features/set.h"
#include "inputs.h"
#include "meter.h"
#include "table.h"

enum { CLI_INTERFACES_MAX = 64, CLI_SETTINGS_MAX = 64, CLI_OPTIONS_MAX = 128, CLI_TOP_MAX = 1000 };

enum mode {
    MODE_TRAIN,
    MODE_SCORE,
    MODE_TABLE_SCORE,
    MODE_EXTRACT,
    MODE_EVAL,
    MODE_EXPLAIN,
    MODE_SERVICE,
    MODE_RETRAIN,
    MODE_PROMOTE,
    MODE_ROLLBACK,
    MODE_TEST_CONFIG,
    MODE_DUMP_CONFIG,
    MODE_LIST_FEATURES,
    MODE_HELP, /* from here on, other options do not matter */
    MODE_VERSION,
    MODE_BUILD,
};

/* Modes in which an option does something: a set of 1 << mode. */
enum mode_set {
    MODES_MODELS = 1 << MODE_RETRAIN | 1 << MODE_PROMOTE | 1 << MODE_ROLLBACK,
    MODES_SERVICE =
        1 << MODE_SERVICE | MODES_MODELS | 1 << MODE_TEST_CONFIG | 1 << MODE_DUMP_CONFIG,
    MODES_FLOWS = 1 << MODE_TRAIN | 1 << MODE_SCORE | 1 << MODE_EXTRACT | 1 << MODE_EVAL |
                  1 << MODE_EXPLAIN | MODES_SERVICE,
    MODES_MODEL = 1 << MODE_TRAIN | 1 << MODE_SCORE | 1 << MODE_TABLE_SCORE | 1 << MODE_EVAL |
                  1 << MODE_EXPLAIN | MODES_SERVICE,
    MODES_ALL = (1 << (MODE_BUILD + 1)) - 1,
};

struct options {
    enum mode mode;
    bool mode_given;
    bool given[CLI_OPTIONS_MAX]; /* by their place in --help */
    struct inputs inputs;
    const char *interfaces[CLI_INTERFACES_MAX];
    size_t n_interfaces;
    const char *config_file; /* NULL: not given */
    const char *settings[CLI_SETTINGS_MAX];
    size_t n_settings;
    const char *record;    /* file for what -i captures; NULL: none */
    uint64_t record_limit; /* bytes */
    char *filter;          /* BPF expression, "" if none */
    const char *model;
    const char *promote; /* name of a model of the history */
    const char *labels;
    const char *marks;     /* file of marks for --train; NULL: none */
    int64_t quarantine_ns; /* age at which flows of a spool are trained on */
    bool quarantine_given;
    struct table_options table;
    const char *roc, *roc_svg;     /* files for the ROC curve, NULL: not wanted */
    const struct feature_set *set; /* NULL: not given */
    struct meter_config meter;     /* all but its set; open where not given: meter_settings.h */
    unsigned flow_given;           /* what of meter.flow was: a set of enum flow_option */
    bool tunnels_given;
    uint32_t alerts_per_day; /* 0: not given */
    struct da3d_config config;
    uint64_t flow_id; /* that is to be explained; 0: the highest scores are */
    uint64_t top;     /* so many flows at most */
    bool json;
    bool man; /* --list-features: as a manual page */
    bool quiet;
};

/* Fills *options from the command line. Returns 0, or -1 (already reported). */
int cli_parse(struct options *options, int argc, char **argv);
void cli_clear(struct options *options);

void cli_help(void);

#endif
