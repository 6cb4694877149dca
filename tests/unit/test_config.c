/* The configuration's values, its defaults, and that file and manual name every key. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_file.h"
#include "daemon/config_key.h"
#include "daemon/config_value.h"
#include "daemon/meter_settings.h"

/* Collects faults, one a line. */
static void collect(void *ctx, const char *line)
{
    char *faults = ctx;

    snprintf(faults + strlen(faults), 4096 - strlen(faults), "%s\n", line);
}

/* Returns what was wrong, "" if nothing was; valid until the next call. */
static const char *parse(struct config *config, const char *text)
{
    static char faults[4096];
    int rc;

    *faults = '\0';
    cr_assert_eq(config_init(config), 0);
    rc = config_parse(config, text, strlen(text),
                      &(struct config_report){.fault = collect, .ctx = faults});
    cr_assert_eq(rc, *faults ? -1 : 0, "%s", faults);
    return faults;
}

/* The configuration as --dump-config prints it; the caller's. */
static char *print(const struct config *config)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    config_print(config, stream);
    fclose(stream);
    return text;
}

Test(config, what_shapes_flows_is_left_to_the_model_and_then_to_the_flow_table)
{
    const struct row_settings none = {0};
    struct config config;
    struct da3d_error error;

    cr_assert_eq(config_init(&config), 0);
    cr_assert_eq(config.meter.flow.idle_ns, METER_OPEN);
    cr_assert_eq(config.meter.tunnels, METER_TUNNELS_OPEN);
    cr_assert_eq(meter_settings_take(&config.meter, &none, "model", &error), 0);
    cr_assert_eq(config.meter.flow.idle_ns, flow_config_default.idle_ns);
    cr_assert_eq(config.meter.flow.active_ns, flow_config_default.active_ns);
    cr_assert_eq(config.meter.flow.linger_ns, flow_config_default.linger_ns);
    cr_assert_eq(config.meter.flow.max_samples, flow_config_default.max_samples);
    cr_assert_eq(config.meter.flow.max_flows, flow_config_default.max_flows);
    cr_assert_eq(config.meter.flow.memcap, flow_config_default.memcap);
    cr_assert_eq(config.meter.tunnels, TUNNELS_ALL);
    config_clear(&config);
}

Test(config, the_table_of_keys_is_whole)
{
    for (size_t i = 0; i < config_n_sections; i++)
        for (size_t k = 0; k < config_sections[i].n_keys; k++) {
            const struct config_key *key = &config_sections[i].keys[k];

            if (key->min > 0)
                cr_assert_lt(key->min, key->max, "%s", key->name);
            if (key->kind == CONFIG_TIME)
                cr_assert_gt(key->unit, 0, "%s", key->name);
            cr_assert(strlen(key->help) > 0 && strlen(key->help) < 90, "%s", key->name);
        }
}

Test(config, values_are_written_as_people_write_them)
{
    static const struct {
        const char *setting, *printed;
    } rows[] = {
        {"scoring.wait=500ms", "  wait: 500ms\n"},
        {"flow.idle=1.5s", "  idle: 1500ms\n"},
        {"flow.idle=90 s", "  idle: 90s\n"},
        {"flow.idle=120s", "  idle: 2m\n"},
        {"flow.idle=90min", "  idle: 90m\n"},
        {"flow.idle=24h", "  idle: 1d\n"},
        {"flow.idle=1000001us", "  idle: 1000001us\n"},
        {"flow.memcap=1.5GiB", "  memcap: 1536MiB\n"},
        {"flow.memcap=2048 KiB", "  memcap: 2MiB\n"},
        {"flow.memcap=64MB", "  memcap: 64MB\n"},
        {"flow.memcap=1048577B", "  memcap: 1048577B\n"},
        {"flow.max_flows=0100", "  max_flows: 100\n"},
        {"flow.tunnels=gre,vxlan", "  tunnels: gre,vxlan\n"},
        {"flow.tunnels=outer", "  tunnels: outer\n"},
        {"scoring.threshold=98.5%", "  threshold: 0.985\n"},
        {"scoring.threshold=0.9", "  threshold: 0.9\n"},
        {"scoring.threshold=99.95 %", "  threshold: 0.9995\n"},
        {"alerts.fold=0", "  fold: 0\n"},
        {"model=/m", "model: \"/m\"\n"},
        {"interfaces.0.name=eth7", "  - name: \"eth7\"\n"},
        {"outputs.0.type=journal", "    scores: false\n"},
        {"outputs.0.type=file", "    mode: 0640\n"},
        {"suppress.0.port=53", "    port: 53\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct da3d_error error;
        struct config config;
        char *text;

        cr_assert_eq(config_init(&config), 0);
        cr_assert_eq(config_set(&config, rows[i].setting, &error), 0, "%s", error.text);
        text = print(&config);
        cr_assert(strstr(text, rows[i].printed), "%s: %s", rows[i].setting, text);
        free(text);
        config_clear(&config);
    }
}

Test(config, a_setting_that_is_wrong_says_why)
{
    static const struct {
        const char *setting, *reason;
    } rows[] = {
        {"flow.idle", "'flow.idle' is not KEY=VALUE, as in flow.idle=30s"},
        {"flow.idel=3s", "flow.idel: there is no such key; is it 'idle'?"},
        {"flows.idle=3s", "flows.idle: there is no such key; is it 'flow'?"},
        {"flow=3s", "flow: there is no such key"},
        {".model=/m", ".model: there is no such key"},
        {"=3", ": there is no such key"},
        {"flow.idle=3", "flow.idle: '3' is not a time"},
        {"flow.idle.x=3s", "flow.idle.x: there is no such key"},
        {"interfaces.name=a", "interfaces.name: an item from 0 to 0 is expected"},
        {"interfaces.1.name=a", "interfaces.1.name: an item from 0 to 0 is expected"},
        {"interfaces.-1.name=a", "interfaces.-1.name: an item from 0 to 0 is expected"},
        {"interfaces.0.snaplen=96B", "interfaces.0.snaplen: there is no such item; "
                                     "interfaces.0.name=... adds one"},
        {"interfaces.0.name=", "interfaces.0.name: must not be empty"},
        {"outputs.0.type=kafka", "outputs.0.type: 'kafka' is not one of"},
        {"suppress.0.x=1", "suppress.0.x: there is no such key"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct da3d_error error;
        struct config config;

        cr_assert_eq(config_init(&config), 0);
        cr_assert_eq(config_set(&config, rows[i].setting, &error), -1, "%s", rows[i].setting);
        cr_assert_eq(strncmp(error.text, rows[i].reason, strlen(rows[i].reason)), 0, "%s: %s",
                     rows[i].setting, error.text);
        config_clear(&config);
    }
}

Test(config, what_is_printed_reads_the_same)
{
    static const char text[] = "model: /m\n"
                               "interfaces: [{name: eth0, filter: 'tcp or udp'}, {name: é}]\n"
                               "flow: {idle: 1.5h, memcap: 1MB, tunnels: mpls}\n"
                               "scoring: {threshold: 0.123456789012345}\n"
                               "outputs: [{type: syslog, scores: on}, {type: file, path: '/\"e'}]\n"
                               "suppress: [{host: 2001:db8::7, until: 2026-12-24T18:00:00Z}]\n";
    struct config config, again;
    char *printed, *printed_again;

    /* a megabyte of 1000000 bytes is less than the least */
    cr_assert_str_eq(parse(&config, text),
                     "line 3: flow.memcap: '1MB' is not a size from 1MiB to 1TiB, as in 64MiB\n");
    printed = print(&config);
    cr_assert_str_eq(parse(&again, printed), "");
    printed_again = print(&again);
    cr_assert_str_eq(printed, printed_again);
    cr_assert_eq(again.meter.flow.idle_ns, INT64_C(5400000000000));
    cr_assert_eq(again.scoring.threshold, 0.123456789012345);
    cr_assert_str_eq(again.interface[0].filter, "tcp or udp");
    cr_assert_str_eq(again.output[1].path, "/\"e");
    cr_assert(again.output[0].scores && !again.output[0].stats);
    free(printed);
    free(printed_again);
    config_clear(&config);
    config_clear(&again);
}

Test(config, all_faults_are_told_up_to_twenty)
{
    struct config config;
    char text[1024] = "flow:\n";
    const char *faults;
    size_t n = 0;

    for (char c = 'a'; c <= 'z'; c++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "  %c%c%c%c: 1\n", c, c, c, c);
    faults = parse(&config, text);
    for (const char *end = faults; (end = strchr(end, '\n')); end++)
        n++;
    cr_assert_eq(n, CONFIG_FAULTS_MAX, "%s", faults);
    cr_assert(strstr(faults, "line 21: flow.tttt: there is no such key\n"), "%s", faults);
    config_clear(&config);
}

Test(config, a_file_replaces_lists)
{
    struct config config;
    struct da3d_error error;
    static const char text[] = "interfaces:\n  - name: b\nsuppress:\n";
    char faults[4096] = "";
    const struct config_report report = {.fault = collect, .ctx = faults};

    cr_assert_eq(config_init(&config), 0);
    cr_assert_eq(config_set(&config, "interfaces.0.name=a", &error), 0);
    cr_assert_eq(config_set(&config, "suppress.0.port=1", &error), 0);
    cr_assert_eq(config_parse(&config, text, strlen(text), &report), 0, "%s", faults);
    cr_assert_eq(config.n_interfaces, 1);
    cr_assert_str_eq(config.interface[0].name, "b");
    cr_assert_eq(config.n_suppress, 0);
    config_clear(&config);
}

Test(config, no_more_items_than_there_is_room_for)
{
    struct config *config = calloc(1, sizeof *config);

    cr_assert_eq(config_init(config), 0);
    for (int i = 0; i < CONFIG_SUPPRESS_MAX; i++)
        cr_assert_not_null(config_add_suppress(config));
    cr_assert_null(config_add_suppress(config));
    cr_assert_eq(errno, E2BIG);
    for (int i = 0; i < CONFIG_INTERFACES_MAX; i++)
        cr_assert_not_null(config_add_interface(config, "lo"));
    cr_assert_null(config_add_interface(config, "lo"));
    for (int i = 0; i < CONFIG_OUTPUTS_MAX; i++)
        cr_assert_not_null(config_add_output(config, "stdout"));
    cr_assert_null(config_add_output(config, "stdout"));
    config_clear(config);
    free(config);
}

/* The caller's. Tests are run from the top folder. */
static char *content_of(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 16);

    cr_assert_not_null(file, "%s", path);
    cr_assert_gt(fread(text, 1, (1 << 16) - 1, file), 0);
    fclose(file);
    return text;
}

/* What the shipped file says otherwise than the default: it has no default, or no useful one. */
static bool shipped_otherwise(const struct config_key *key)
{
    static const char *const names[] = {"model", "marks", "name",  "type", "path",    "group",
                                        "user",  "host",  "until", "port", "network", "request"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], key->name) == 0)
            return true;
    return false;
}

Test(config, the_shipped_file_names_every_key_with_its_default)
{
    char *text = content_of("etc/da3dd.yaml");
    struct config config;

    for (size_t i = 0; i < config_n_sections; i++) {
        const struct config_section *section = &config_sections[i];
        char line[128];

        snprintf(line, sizeof line, "\n%s:", section->name);
        cr_assert(!*section->name || strstr(text, line), "%s", section->name);
        for (size_t k = 0; k < section->n_keys; k++) {
            const struct config_key *key = &section->keys[k];
            const bool otherwise = shipped_otherwise(key);
            const bool empty = key->initial && !*key->initial;

            snprintf(line, sizeof line, "%s: %s", key->name,
                     otherwise ? "" : (empty ? "\"\"" : key->initial));
            cr_assert(strstr(text, line), "%s", line);
        }
    }
    cr_assert_str_eq(parse(&config, text), "");
    config_clear(&config);
    free(text);
}

Test(config, the_manual_names_every_key_with_its_default)
{
    char *text = content_of("man/da3dd.yaml.5");

    for (size_t i = 0; i < config_n_sections; i++) {
        const struct config_section *section = &config_sections[i];
        const char *part = text;
        char line[128];

        snprintf(line, sizeof line, "\n.Ss %s\n", section->name);
        if (*section->name)
            part = strstr(text, line);
        cr_assert_not_null(part, "%s", section->name);
        for (size_t k = 0; k < section->n_keys; k++) {
            const struct config_key *key = &section->keys[k];
            const char *item, *initial;

            snprintf(line, sizeof line, "\n.It Cm %s : ", key->name);
            item = strstr(part, line);
            cr_assert_not_null(item, "%s", line);
            if (!key->initial || !*key->initial)
                continue;
            snprintf(line, sizeof line, "Default: %s", key->initial);
            initial = strstr(item, line);
            cr_assert(initial && initial - item < 400, "%s.%s: %s", section->name, key->name, line);
        }
    }
    free(text);
}
