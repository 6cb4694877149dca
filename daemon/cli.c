#include "cli.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "cli_check.h"
#include "features/nanos.h"
#include "flow_options.h"
#include "general_options.h"
#include "log.h"
#include "meter_settings.h"
#include "method_options.h"
#include "mode_options.h"
#include "table_options.h"
#include "version.h"

static const char usage[] =
    "Usage: da3dd --train CAPTURE... --model FILE [option...] [--] [BPF filter]\n"
    "       da3dd -r CAPTURE... --model FILE [--] [BPF filter]\n"
    "       da3dd -i INTERFACE... --model FILE [--] [BPF filter]\n"
    "\n"
    "Learns what normal network traffic looks like and scores the flows of other traffic.\n"
    "CAPTURE is a pcap or pcapng file, plain or compressed, a directory of them, or - for\n"
    "standard input. TABLE is a CSV file of flow records, plain or compressed, or -.\n"
    "IMAGES is an IDX file of grey images, as MNIST has them, plain or compressed, or -.\n";

static const char other_usage[] =
    "\n"
    "Other uses:\n"
    "  da3dd --eval CAPTURE... --labels FILE --model FILE [--json] [--] [BPF filter]\n"
    "  da3dd --explain CAPTURE... --model FILE [--flow ID] [--top N] [--json] [--] [BPF filter]\n"
    "  da3dd --extract CAPTURE... [--features SET] [--rows RULE] [--] [BPF filter]\n"
    "  da3dd --extract -i INTERFACE [--features SET] [--] [BPF filter]\n"
    "  da3dd --train TABLE... --model FILE [--label-column NAME] [option...]\n"
    "  da3dd --score TABLE... --model FILE\n"
    "  da3dd --eval TABLE... --label-column NAME --model FILE [--json]\n"
    "  da3dd [-T | --dump-config] -c FILE [-i INTERFACE...] [--set KEY=VALUE...]\n"
    "  da3dd --retrain [CAPTURE...] -c FILE [--set KEY=VALUE...] [--] [BPF filter]\n"
    "  da3dd --promote NAME | --rollback -c FILE [--set KEY=VALUE...]\n"
    "  da3dd --train IMAGES --model FILE [--labels FILE] [--normal-label A,...] [option...]\n"
    "  da3dd --score IMAGES --model FILE\n"
    "  da3dd --eval IMAGES --labels FILE --model FILE [--normal-label A,...] [--json]\n"
    "  da3dd --list-features [--features SET] [--man]\n"
    "  da3dd -V | --help | --build-info\n";

static int take_flow(struct options *options, size_t i, const char *value)
{
    options->flow_given |= 1U << i;
    return flow_option_parse(&options->meter.flow, (enum flow_option)i, value);
}

static int take_table(struct options *options, size_t i, const char *value)
{
    table_option_set(&options->table, i, value);
    return 0;
}

static int flow_modes(size_t i)
{
    (void)i;
    return MODES_FLOWS;
}

static int training_modes(size_t i)
{
    (void)i;
    return 1 << MODE_TRAIN;
}

static int take_method(struct options *options, size_t i, const char *value)
{
    return method_option_parse(&options->config, i, value);
}

/* All options, in the order of --help. */
static const struct group {
    const char *title;                           /* a line of --help, or "" */
    const struct option_text *(*text)(size_t i); /* the i-th option, NULL past the last */
    int (*take)(struct options *options, size_t i, const char *value);
    int (*modes)(size_t i); /* enum mode_set of the i-th; NULL: cli_check() tells */
} groups[] = {
    {"", mode_option_text, mode_option_take, NULL},
    {"", general_option_text, general_option_take, general_option_modes},
    {"Flows (all but memory and count: for scoring as in training, unless given):\n",
     flow_option_text, take_flow, flow_modes},
    {"Tables:\n", table_option_text, take_table, NULL},
    {"Training:\n", method_option_text, take_method, training_modes},
};

enum { N_GROUPS = sizeof groups / sizeof *groups };

void cli_help(void)
{
    const struct option_text *text;

    fputs(usage, stdout);
    for (const struct group *group = groups; group < groups + N_GROUPS; group++) {
        printf("\n%s", group->title);
        for (size_t i = 0; (text = group->text(i)); i++)
            option_print(text);
    }
    fputs(other_usage, stdout);
}

/* The options as getopt_long() wants them: a letter stands for itself, a name for its place among
 * all. */
struct spelling {
    struct option names[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
};

enum { FIRST_NAME = 256 };

static struct spelling spell(void)
{
    struct spelling spelling = {0};
    struct option *name = spelling.names;
    char *letter = spelling.letters;
    const struct option_text *text;

    *letter++ = ':'; /* a missing argument is told apart */
    for (const struct group *group = groups; group < groups + N_GROUPS; group++)
        for (size_t i = 0; (text = group->text(i)); i++, name++) {
            assert(name < spelling.names + CLI_OPTIONS_MAX);
            *name = (struct option){text->name, text->argument ? required_argument : no_argument,
                                    NULL, FIRST_NAME + (int)(name - spelling.names)};
            if (text->letter)
                letter += sprintf(letter, "%c%s", text->letter, text->argument ? ":" : "");
        }
    return spelling;
}

/* code: as getopt_long() gives it. */
static int take_option(struct options *options, int code, const char *value)
{
    const struct option_text *text;
    int place = FIRST_NAME;

    for (const struct group *group = groups; group < groups + N_GROUPS; group++)
        for (size_t i = 0; (text = group->text(i)); i++, place++)
            if (code == place || code == text->letter) {
                options->given[place - FIRST_NAME] = true;
                return group->take(options, i, value);
            }
    return -1; /* never: getopt_long() knows no others */
}

/* Says what getopt_long() does not: code is '?' or, where an argument is missing, ':'. */
static int refuse_option(int code, char **argv)
{
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *name = optopt > 0 && optopt < FIRST_NAME ? letter : argv[optind - 1];

    if (code == ':')
        log_error("option '%s' needs an argument; see da3dd --help", name);
    else if (optopt >= FIRST_NAME)
        log_error("option '%s' takes no argument; see da3dd --help", name);
    else
        log_error("unknown option '%s'; see da3dd --help", name);
    return -1;
}

/* An option that the mode does not read is a mistake. */
static int check_given(const struct options *options)
{
    const struct option_text *text;
    size_t place = 0;

    for (const struct group *group = groups; group < groups + N_GROUPS; group++)
        for (size_t i = 0; (text = group->text(i)); i++, place++)
            if (options->given[place] && group->modes && options->mode < MODE_HELP &&
                !(group->modes(i) & 1 << options->mode)) {
                log_error("--%s has no effect with %s: see da3dd --help", text->name,
                          mode_option_name(options->mode));
                return -1;
            }
    return 0;
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
        if (mode_options_input(options, words[i]) < 0)
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

static int take_options(struct options *options, int argc, char **argv)
{
    const struct spelling spelling = spell();
    int code;

    opterr = 0; /* refuse_option() says it in our words */
    while ((code = getopt_long(argc, argv, spelling.letters, spelling.names, NULL)) != -1)
        if (code == '?' || code == ':' ? refuse_option(code, argv) < 0
                                       : take_option(options, code, optarg) < 0)
            return -1;
    if (options->mode_given)
        return 0;
    if (options->n_interfaces > 0 || options->config_file) {
        options->mode = MODE_SERVICE;
        return 0;
    }
    log_error("nothing to do: see da3dd --help");
    return -1;
}

int cli_parse(struct options *options, int argc, char **argv)
{
    int n_filter = words_after_dashes(argc, argv); /* before getopt reorders the words */

    *options = (struct options){
        .record_limit = UINT64_C(1) << 30,
        .top = 5,
        .quarantine_ns = 24 * 3600 * NANOS_PER_SECOND,
        .meter = meter_settings_left_open(),
    };
    method_options_begin(&options->config, argc, argv);
    strcpy(options->config.program, "da3dd " DA3DD_VERSION);
    if (take_options(options, argc, argv) < 0 ||
        take_words(options, argv + optind, argc - optind, n_filter) < 0)
        return -1;
    return check_given(options) < 0 ? -1 : cli_check(options);
}

void cli_clear(struct options *options)
{
    inputs_clear(&options->inputs);
    free(options->filter);
}
