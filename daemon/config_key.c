#include "config_key.h"

#include <string.h>

#include "config_value.h"
#include "reasons.h"
#include "suppress.h"

#define FIELD(type, member)                                                                        \
    .offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define KEYS(keys) keys, sizeof(keys) / sizeof *(keys)
#define LIST(array, counter, most)                                                                 \
    .items = offsetof(struct config, array), .item_size = sizeof(((struct config *)0)->array[0]),  \
    .count = offsetof(struct config, counter), .max = (most)

#define KIB         ((uint64_t)1 << 10)
#define MIB         ((uint64_t)1 << 20)
#define GIB         ((uint64_t)1 << 30)
#define MILLISECOND ((uint64_t)1000000)
#define SECOND      (1000 * MILLISECOND)
#define MINUTE      (60 * SECOND)
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)

/* clang-format off */
static const struct config_key top_keys[] = {
    {"model", CONFIG_PATH, FIELD(config, model), "",
     "the model that flows are scored with, written by da3dd --train", .live = true},
    {"marks", CONFIG_PATH, FIELD(config, marks), "",
     "file for what da3ddctl mark says of flows; empty: none"},
};

static const struct config_key interface_keys[] = {
    {"name", CONFIG_TEXT, FIELD(config_interface, name), NULL,
     "of the interface; any: all of them"},
    {"filter", CONFIG_FILTER, FIELD(config_interface, filter), "",
     "BPF expression, see pcap-filter(7); empty: every frame"},
    {"snaplen", CONFIG_BYTES, FIELD(config_interface, snaplen), "65535B",
     "how much of a frame is captured", .min = 64, .max = 262144},
    {"buffer", CONFIG_BYTES, FIELD(config_interface, buffer_bytes), "64MiB",
     "the kernel's ring, for each thread", .min = MIB, .max = 2 * GIB - MIB},
    {"promiscuous", CONFIG_FLAG, FIELD(config_interface, promiscuous), "true",
     "capture what is addressed to others too"},
    {"threads", CONFIG_COUNT, FIELD(config_interface, threads), "1",
     "capture threads that share the interface's flows", .min = 1, .max = 64},
};

/* Times from one second: how late a silent interface's clock may be (sensor.c). */
static const struct config_key flow_keys[] = {
    {"memcap", CONFIG_BYTES, FIELD(config, meter.flow.memcap), "1GiB",
     "memory for flows and their samples, for each thread", .min = MIB, .max = 1024 * GIB},
    {"max_flows", CONFIG_COUNT, FIELD(config, meter.flow.max_flows), "1000000",
     "concurrent flows, for each thread", .min = 1, .max = 1000000000},
    {"max_samples", CONFIG_COUNT, FIELD(config, meter.flow.max_samples), "model",
     "packets of one row that are kept one by one", .min = 1, .max = 1 << 20,
     .model = true},
    {"idle", CONFIG_TIME, FIELD(config, meter.flow.idle_ns), "model",
     "a flow that has been silent for longer has ended",
     .min = SECOND, .max = DAY, .unit = 1, .model = true},
    {"active", CONFIG_TIME, FIELD(config, meter.flow.active_ns), "model",
     "a flow that has lasted for longer is reported and continued",
     .min = SECOND, .max = DAY, .unit = 1, .model = true},
    {"linger", CONFIG_TIME, FIELD(config, meter.flow.linger_ns), "model",
     "how long a closed flow waits for retransmissions",
     .min = SECOND, .max = DAY, .unit = 1, .model = true},
    {"tunnels", CONFIG_TUNNELS, FIELD(config, meter.tunnels), "model",
     "flows inside of tunnels: inner, outer, or a list of kinds to look into",
     .model = true},
};

static const struct config_key scoring_keys[] = {
    {"threshold", CONFIG_SHARE, FIELD(config, scoring.threshold), "0",
     "score at which alerts begin; 0: where the model says", .live = true},
    {"target_fpr", CONFIG_SHARE, FIELD(config, scoring.target_fpr), "0",
     "share of normal flows that may alert; 0: what the model was trained for", .live = true},
    {"alerts_per_day", CONFIG_COUNT, FIELD(config, scoring.alerts_per_day), "0",
     "normal flows that may alert in a day; 0: not told so", .max = 1000000, .live = true},
    {"queue", CONFIG_COUNT, FIELD(config, scoring.queue), "16384",
     "flows that may wait to be scored", .min = 1, .max = 1 << 22},
    {"batch", CONFIG_COUNT, FIELD(config, scoring.batch), "256",
     "flows in one matrix product", .min = 1, .max = 65536},
    {"wait", CONFIG_TIME, FIELD(config, scoring.wait_ms), "50ms",
     "how long a flow may wait for its batch to fill", .min = MILLISECOND, .max = 10 * SECOND,
     .unit = MILLISECOND},
};

static const struct config_key output_keys[] = {
    {"type", CONFIG_CHOICE, FIELD(config_output, type), NULL,
     "where events go: stdout, socket, file, journal or syslog",
     .choices = "stdout|socket|file|journal|syslog"},
    {"path", CONFIG_PATH, FIELD(config_output, path), "",
     "of socket and file, which need it"},
    {"mode", CONFIG_MODE, FIELD(config_output, mode), "0660",
     "permissions of the path; of a file: 0640 unless given"},
    {"group", CONFIG_TEXT, FIELD(config_output, group), "",
     "that the path belongs to; empty: the service's own"},
    {"queue", CONFIG_COUNT, FIELD(config_output, queue), "4096",
     "lines that may wait for a slow reader of a socket", .min = 1, .max = 1 << 20},
    {"rate", CONFIG_COUNT, FIELD(config_output, rate), "120",
     "lines a minute to journal and syslog; 0: no limit", .max = 1000000},
    {"scores", CONFIG_FLAG, FIELD(config_output, scores), "true",
     "whether scores go there; to journal and syslog: false unless given"},
    {"alerts", CONFIG_FLAG, FIELD(config_output, alerts), "true",
     "whether alerts go there"},
    {"stats", CONFIG_FLAG, FIELD(config_output, stats), "true",
     "whether statistics go there; to journal and syslog: false unless given"},
    {"models", CONFIG_FLAG, FIELD(config_output, models), "true",
     "whether changes of the model go there; to journal and syslog: false unless given"},
};

static const struct config_key alerts_keys[] = {
    {"fold", CONFIG_TIME, FIELD(config, alerts.fold_s), "1m",
     "like alerts are counted for so long, not repeated; 0: each is raised",
     .max = DAY, .unit = SECOND, .live = true},
};

static const struct config_key explain_keys[] = {
    {"features", CONFIG_COUNT, FIELD(config, explain.features), "5",
     "how many features an alert names, of those that made it; 0: none", .max = REASONS_MAX,
     .live = true},
};

static const struct config_key suppress_keys[] = {
    {"host", CONFIG_TEXT, FIELD(config_suppress, host), "",
     "address of either end"},
    {"network", CONFIG_TEXT, FIELD(config_suppress, network), "",
     "of either end, as in 192.0.2.0/24"},
    {"port", CONFIG_COUNT, FIELD(config_suppress, port), "0",
     "the responder's; 0: any", .max = UINT16_MAX},
    {"until", CONFIG_TEXT, FIELD(config_suppress, until), "",
     "end of the rule in UTC, as in 2026-12-24T18:00:00Z; empty: none"},
};

static const struct config_key control_keys[] = {
    {"path", CONFIG_PATH, FIELD(config, control.path), "",
     "the socket that da3ddctl asks; empty: none"},
    {"mode", CONFIG_MODE, FIELD(config, control.mode), "0660",
     "its permissions: who may write to it may change the service"},
    {"group", CONFIG_TEXT, FIELD(config, control.group), "",
     "that it belongs to; empty: the service's own"},
};

static const struct config_key drift_keys[] = {
    {"window", CONFIG_TIME, FIELD(config, drift.window_ns), "1d",
     "flows of so long are held against those of training; 0: none", .max = 30 * DAY, .unit = 1,
     .live = true},
    {"flows", CONFIG_COUNT, FIELD(config, drift.flows), "1000",
     "a window of fewer tells nothing, and lasts longer", .min = 100, .max = 1000000000,
     .live = true},
    {"threshold", CONFIG_SHARE, FIELD(config, drift.threshold), "0.25",
     "population stability index from which a feature has drifted", .live = true},
};

static const struct config_key spool_keys[] = {
    {"path", CONFIG_PATH, FIELD(config, spool.path), "",
     "file in which flows are kept for the next training; empty: none"},
    {"size", CONFIG_BYTES, FIELD(config, spool.size), "64MiB",
     "of the file, at most", .min = MIB, .max = GIB},
    {"enabled", CONFIG_FLAG, FIELD(config, spool.enabled), "true",
     "flows are taken; false: the file stays as it is", .live = true},
    {"host_share", CONFIG_SHARE, FIELD(config, spool.host_share), "0.1",
     "of the file, that the flows of one originator may take; 0: all of it", .live = true},
    {"quarantine", CONFIG_TIME, FIELD(config, spool.quarantine_ns), "24h",
     "age at which a flow may be trained on, if its originator has not stood out by alerts",
     .max = 365 * DAY, .unit = 1, .live = true},
    {"change_hosts", CONFIG_COUNT, FIELD(config, spool.change_hosts), "5",
     "known originators that must alert on a kind of flow before it is learned; 0: never",
     .max = 1000000},
    {"horizon", CONFIG_TIME, FIELD(config, spool.horizon_ns), "30d",
     "mean age of the flows, once the file is older", .min = HOUR, .max = 3650 * DAY, .unit = 1,
     .live = true},
};

static const struct config_key models_keys[] = {
    {"path", CONFIG_PATH, FIELD(config, models.path), "",
     "folder of new and past models; empty: models, beside the model"},
    {"keep", CONFIG_COUNT, FIELD(config, models.keep), "10",
     "how many stay there, beside the live one and the one before", .min = 1, .max = 1000},
};

static const struct config_key retrain_keys[] = {
    {"interval", CONFIG_TIME, FIELD(config, retrain.interval_s), "0",
     "between retrainings by the helper; 0: on request alone", .max = 30 * DAY, .unit = SECOND},
    {"on_drift", CONFIG_FLAG, FIELD(config, retrain.on_drift), "true",
     "retrain when the network, not one host, has drifted; only with a spool", .live = true},
    {"helper", CONFIG_CHOICE, FIELD(config, retrain.helper), "auto",
     "a process that retrains: on, off, or auto: unless systemd runs the service",
     .choices = "auto|on|off"},
    {"request", CONFIG_PATH, FIELD(config, retrain.request), "",
     "file that is written to ask for a retraining where there is no helper; empty: none"},
    {"golden", CONFIG_SHARE, FIELD(config, retrain.golden), "0.2",
     "share of the flows that judge a new model and are not learned"},
    {"budget", CONFIG_COUNT, FIELD(config, retrain.budget), "2",
     "how many times the promised share of them may alert", .min = 1, .max = 1000},
    {"tolerance", CONFIG_SHARE, FIELD(config, retrain.tolerance), "0.05",
     "share of known anomalies that a new model may miss beyond those that the live one misses"},
    {"start", CONFIG_CHOICE, FIELD(config, retrain.start), "scratch",
     "with what networks begin: scratch, or warm: the live model's, with a quarter of its steps",
     .choices = "scratch|warm"},
    {"known", CONFIG_PATH, FIELD(config, retrain.known), "",
     "capture or table of anomalies that a new model must find; empty: none"},
    {"span", CONFIG_TIME, FIELD(config, retrain.span_ns), "7d",
     "time of which the spool's flows must tell, beyond its quarantine", .max = 365 * DAY,
     .unit = 1},
    {"time", CONFIG_TIME, FIELD(config, retrain.time_s), "1h",
     "that a retraining may take", .min = SECOND, .max = 7 * DAY, .unit = SECOND},
    {"memory", CONFIG_BYTES, FIELD(config, retrain.memory), "4GiB",
     "address space of the helper's retraining", .min = 64 * MIB, .max = 1024 * GIB},
};

static const struct config_key stats_keys[] = {
    {"interval", CONFIG_TIME, FIELD(config, stats_interval_s), "1m",
     "between statistics; 0: none", .max = DAY, .unit = SECOND, .live = true},
};

static const struct config_key privileges_keys[] = {
    {"user", CONFIG_TEXT, FIELD(config, privileges.user), "da3dd",
     "whom the service becomes, with the user's group, when root starts it; empty: nobody else"},
    {"reopen", CONFIG_FLAG, FIELD(config, privileges.reopen), "true",
     "capture threads keep CAP_NET_RAW, to open an interface that was made anew"},
    {"seccomp", CONFIG_FLAG, FIELD(config, privileges.seccomp), "true",
     "allow only the system calls that the running service makes"},
    {"landlock", CONFIG_FLAG, FIELD(config, privileges.landlock), "true",
     "allow only the files and folders that this configuration names"},
};
/* clang-format on */

static void *add_interface(struct config *config, const char *name)
{
    return config_add_interface(config, name);
}

static void *add_output(struct config *config, const char *type)
{
    return config_add_output(config, type);
}

static void *add_suppress(struct config *config, const char *none)
{
    (void)none;
    return config_add_suppress(config);
}

static int check_output(const void *item, struct da3d_error *error)
{
    const struct config_output *output = item;
    const bool needs_path =
        strcmp(output->type, "socket") == 0 || strcmp(output->type, "file") == 0;

    if (needs_path && !output->path)
        return da3d_fail(error, "type: %s needs a path", output->type);
    return 0;
}

static int check_suppress(const void *item, struct da3d_error *error)
{
    struct suppress_rule rule;

    return suppress_parse(item, &rule, error);
}

/* clang-format off */
const struct config_section config_sections[] = {
    {.name = "", KEYS(top_keys)},
    {.name = "interfaces", KEYS(interface_keys), .add = add_interface, .identity = "name",
     LIST(interface, n_interfaces, CONFIG_INTERFACES_MAX)},
    {.name = "flow", KEYS(flow_keys)},
    {.name = "scoring", KEYS(scoring_keys)},
    {.name = "outputs", KEYS(output_keys), .add = add_output, .identity = "type",
     LIST(output, n_outputs, CONFIG_OUTPUTS_MAX), .check = check_output},
    {.name = "alerts", KEYS(alerts_keys)},
    {.name = "explain", KEYS(explain_keys)},
    {.name = "suppress", KEYS(suppress_keys), .add = add_suppress,
     LIST(suppress, n_suppress, CONFIG_SUPPRESS_MAX), .live = true, .check = check_suppress},
    {.name = "control", KEYS(control_keys)},
    {.name = "drift", KEYS(drift_keys)},
    {.name = "spool", KEYS(spool_keys)},
    {.name = "models", KEYS(models_keys)},
    {.name = "retrain", KEYS(retrain_keys)},
    {.name = "stats", KEYS(stats_keys)},
    {.name = "privileges", KEYS(privileges_keys)},
};
/* clang-format on */
const size_t config_n_sections = sizeof config_sections / sizeof *config_sections;

const struct config_section *config_section_find(const char *name)
{
    for (size_t i = 0; i < config_n_sections; i++)
        if (strcmp(config_sections[i].name, name) == 0)
            return &config_sections[i];
    return NULL;
}

const struct config_key *config_key_find(const struct config_section *section, const char *name)
{
    for (size_t i = 0; i < section->n_keys; i++)
        if (strcmp(section->keys[i].name, name) == 0)
            return &section->keys[i];
    return NULL;
}

size_t config_count(const struct config_section *section, const struct config *config)
{
    return *(const size_t *)(const void *)((const char *)config + section->count);
}

const void *config_item_const(const struct config_section *section, const struct config *config,
                              size_t i)
{
    return (const char *)config + section->items + i * section->item_size;
}

void *config_item(const struct config_section *section, struct config *config, size_t i)
{
    return (char *)config + section->items + i * section->item_size;
}

void config_empty(const struct config_section *section, struct config *config)
{
    for (size_t n = config_count(section, config); n > 0; n--)
        config_section_clear(section, config_item(section, config, n - 1));
    *(size_t *)(void *)((char *)config + section->count) = 0;
}

int config_section_init(const struct config_section *section, void *base)
{
    for (size_t i = 0; i < section->n_keys; i++) {
        const struct config_key *key = &section->keys[i];

        if (key->initial && config_value_init(key, base) < 0)
            return -1;
    }
    return 0;
}

void config_section_clear(const struct config_section *section, void *base)
{
    for (size_t i = 0; i < section->n_keys; i++)
        config_value_clear(&section->keys[i], base);
}
