#include "general_options.h"

#include <string.h>

#include "config_value.h"
#include "log.h"
#include "tunnels.h"

enum general_option {
    OPTION_MODEL,
    OPTION_SET,
    OPTION_FEATURES,
    OPTION_ROWS,
    OPTION_MAN,
    OPTION_LABELS,
    OPTION_QUARANTINE,
    OPTION_MARKS,
    OPTION_TUNNELS,
    OPTION_ALERTS_PER_DAY,
    OPTION_WRITE,
    OPTION_WRITE_LIMIT,
    OPTION_FLOW,
    OPTION_TOP,
    OPTION_JSON,
    OPTION_ROC,
    OPTION_ROC_SVG,
    OPTION_QUIET,
    OPTION_COUNT
};

static const struct option_text general_options[OPTION_COUNT] = {
    [OPTION_MODEL] = {0, "model", "FILE", "the model, written by --train and read by the others"},
    [OPTION_SET] = {0, "set", "KEY=VALUE", "change the configuration, as in --set flow.idle=30s"},
    [OPTION_FEATURES] = {0, "features", "SET", "feature set: flow (default), doh or kdd"},
    [OPTION_ROWS] = {0, "rows", "RULE",
                     "--extract: how packets make rows: native (default), or as the tools\n"
                     "dohmeter (doh) and kdd99 (kdd) do"},
    [OPTION_MAN] = {0, "man", NULL, "--list-features: as a manual page"},
    [OPTION_LABELS] = {0, "labels", "FILE",
                       "of captures CSV: label,address,start,end (see da3dd(8)); of images IDX"},
    [OPTION_QUARANTINE] = {0, "quarantine", "TIME",
                           "--train: flows of a spool that are younger are left out, as in 12h\n"
                           "(default 24h)"},
    [OPTION_MARKS] = {0, "marks", "FILE",
                      "--train: what da3ddctl mark has said of a spool's flows"},
    [OPTION_TUNNELS] = {0, "tunnels", "WHICH",
                        "flows inside of tunnels: inner (default), outer, or a list of\n"
                        "gre, ipip, 6in4, vxlan, geneve, gtp, teredo, mpls"},
    [OPTION_ALERTS_PER_DAY] = {0, "alerts-per-day", "N",
                               "--train: normal flows that may alert in a day like the captures'\n"
                               "(default: see --target-fpr, whose place it takes)"},
    [OPTION_WRITE] = {0, "write", "FILE",
                      "-i: record what is captured, so that -r gives the same scores"},
    [OPTION_WRITE_LIMIT] = {0, "write-limit", "N", "megabytes that FILE may have (default 1024)"},
    [OPTION_FLOW] = {0, "flow", "ID", "--explain: the rows of this flow, by flow_id of its events"},
    [OPTION_TOP] = {0, "top", "N", "--explain: at most so many flows (default 5)"},
    [OPTION_JSON] = {0, "json", NULL, "--eval, --explain: the result as JSON"},
    [OPTION_ROC] = {0, "roc", "FILE", "--eval: the ROC curve as CSV"},
    [OPTION_ROC_SVG] = {0, "roc-svg", "FILE", "--eval: the ROC curve as a picture"},
    [OPTION_QUIET] = {'q', "quiet", NULL, "errors and warnings only"},
};

const struct option_text *general_option_text(size_t i)
{
    return i < OPTION_COUNT ? &general_options[i] : NULL;
}

int general_option_modes(size_t i)
{
    switch ((enum general_option)i) {
    case OPTION_MODEL: return MODES_MODEL;
    case OPTION_LABELS: return 1 << MODE_TRAIN | 1 << MODE_EVAL;
    case OPTION_QUARANTINE:
    case OPTION_MARKS: return 1 << MODE_TRAIN;
    case OPTION_TUNNELS: return MODES_FLOWS;
    case OPTION_ALERTS_PER_DAY: return 1 << MODE_TRAIN;
    case OPTION_WRITE_LIMIT: return MODES_SERVICE | 1 << MODE_EXTRACT;
    case OPTION_FLOW:
    case OPTION_TOP: return 1 << MODE_EXPLAIN;
    case OPTION_JSON: return 1 << MODE_EVAL | 1 << MODE_EXPLAIN;
    case OPTION_SET:
    case OPTION_FEATURES:
    case OPTION_ROWS:
    case OPTION_MAN:
    case OPTION_WRITE:
    case OPTION_ROC:
    case OPTION_ROC_SVG:
    case OPTION_QUIET:
    case OPTION_COUNT: break;
    }
    return MODES_ALL;
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

/* As the configuration has it. */
static int parse_quarantine(struct options *options, const char *text)
{
    const struct config_key *key = config_key_find(config_section_find("spool"), "quarantine");
    struct config config = {0};
    struct da3d_error error;

    if (config_value_set(key, &config, text, &error) < 0) {
        log_error("--quarantine: %s", error.text);
        return -1;
    }
    options->quarantine_ns = (int64_t)config.spool.quarantine_ns;
    options->quarantine_given = true;
    return 0;
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

static int add_setting(struct options *options, const char *setting)
{
    if (options->n_settings == CLI_SETTINGS_MAX) {
        log_error("--set: more than %d of them", CLI_SETTINGS_MAX);
        return -1;
    }
    options->settings[options->n_settings++] = setting;
    return 0;
}

static int parse_alerts_per_day(const char *text, uint32_t *out)
{
    uint64_t alerts;

    if (option_uint("alerts-per-day", text, 1000000, &alerts) < 0)
        return -1;
    if (alerts == 0) {
        log_error("--alerts-per-day: 0 is not 1 to 1000000");
        return -1;
    }
    *out = (uint32_t)alerts;
    return 0;
}

static int parse_write_limit(const char *text, uint64_t *out)
{
    uint64_t megabytes;

    if (option_uint("write-limit", text, 1 << 30, &megabytes) < 0)
        return -1;
    *out = megabytes << 20;
    return 0;
}

static int parse_flow(const char *text, uint64_t *out)
{
    if (option_uint("flow", text, (UINT64_C(1) << 53) - 1, out) < 0)
        return -1;
    if (*out > 0)
        return 0;
    log_error("--flow: 0 is no flow");
    return -1;
}

static int parse_top(const char *text, uint64_t *out)
{
    if (option_uint("top", text, CLI_TOP_MAX, out) < 0)
        return -1;
    if (*out > 0)
        return 0;
    log_error("--top: a number from 1 to %d is expected", CLI_TOP_MAX);
    return -1;
}

int general_option_take(struct options *options, size_t i, const char *value)
{
    switch ((enum general_option)i) {
    case OPTION_MODEL: options->model = value; return 0;
    case OPTION_SET: return add_setting(options, value);
    case OPTION_FEATURES: return parse_features(options, value);
    case OPTION_ROWS: return parse_rows(options, value);
    case OPTION_MAN: options->man = true; return 0;
    case OPTION_LABELS: options->labels = value; return 0;
    case OPTION_QUARANTINE: return parse_quarantine(options, value);
    case OPTION_MARKS: options->marks = value; return 0;
    case OPTION_TUNNELS: return parse_tunnels(options, value);
    case OPTION_ALERTS_PER_DAY: return parse_alerts_per_day(value, &options->alerts_per_day);
    case OPTION_WRITE: options->record = value; return 0;
    case OPTION_WRITE_LIMIT: return parse_write_limit(value, &options->record_limit);
    case OPTION_FLOW: return parse_flow(value, &options->flow_id);
    case OPTION_TOP: return parse_top(value, &options->top);
    case OPTION_JSON: options->json = true; return 0;
    case OPTION_ROC: options->roc = value; return 0;
    case OPTION_ROC_SVG: options->roc_svg = value; return 0;
    case OPTION_QUIET: options->quiet = true; return 0;
    case OPTION_COUNT: break;
    }
    return -1;
}
