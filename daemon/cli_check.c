#include "cli_check.h"

#include "log.h"
#include "method_options.h"
#include "table_options.h"

bool cli_check_flows(const struct options *options)
{
    return *options->filter || options->flow_given || options->tunnels_given;
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
    else if (table_options_of_inputs(table) && options->mode != MODE_TRAIN)
        wrong = "--numeric, --categorical, --identity and --drop go with --train: a model knows "
                "its inputs";
    else if (table->label && options->mode != MODE_TRAIN && !eval)
        wrong = "--label-column goes with --train and --eval";
    else if (table->normal && !table->label && !options->labels)
        wrong = "--normal-label needs --label-column, or --labels for images";
    else if (tables && *options->filter)
        wrong = "a filter is for captures (or there is no file of this name)";
    else if (tables && cli_check_flows(options))
        wrong = "--tunnels and the options of flows are for captures";
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

int cli_check(const struct options *options)
{
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
    if (options->mode == MODE_TRAIN && method_options_check(&options->config) < 0)
        return -1;
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
