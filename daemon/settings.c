#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_file.h"
#include "config_key.h"
#include "config_value.h"
#include "flow_options.h"
#include "log.h"
#include "modes.h"

static const char *origin(const struct options *options)
{
    return options->config_file ? options->config_file : "command line";
}

/* All faults are logged; whoever asked is told the first. */
static int fail(struct da3d_error *first, const char *what, const char *reason)
{
    log_fail(what, reason);
    return *first->text ? -1 : da3d_fail(first, "%s: %s", what, reason);
}

struct file_faults {
    const char *path;
    struct da3d_error *first;
};

static void take_fault(void *ctx, const char *line)
{
    const struct file_faults *faults = ctx;

    fail(faults->first, faults->path, line);
}

static int read_file(struct config *config, const char *path, struct da3d_error *first)
{
    struct file_faults faults = {path, first};

    return config_read(config, path, &(struct config_report){.fault = take_fault, .ctx = &faults});
}

/* -i names all interfaces that there are. */
static int take_interfaces(struct config *config, const struct options *options,
                           struct da3d_error *first)
{
    if (options->n_interfaces > 0)
        config_empty(config_section_find("interfaces"), config);
    for (size_t i = 0; i < options->n_interfaces; i++)
        if (!config_add_interface(config, options->interfaces[i]))
            return fail(first, options->interfaces[i], strerror(errno));
    for (size_t i = 0; *options->filter && i < config->n_interfaces; i++) {
        free(config->interface[i].filter);
        config->interface[i].filter = strdup(options->filter);
        if (!config->interface[i].filter)
            return fail(first, "filter", strerror(errno));
    }
    return 0;
}

/* A path on the command line is taken from where it was typed, also by what reads it later. */
static int take_model(struct config *config, const struct options *options,
                      struct da3d_error *first)
{
    char *folder = options->model ? getcwd(NULL, 0) : NULL;
    int rc = 0;

    if (options->model) {
        free(config->model);
        config->model = NULL;
        rc = *options->model == '/' ? asprintf(&config->model, "%s", options->model)
             : folder               ? asprintf(&config->model, "%s/%s", folder, options->model)
                                    : -1;
    }
    free(folder);
    return rc < 0 ? fail(first, "--model", strerror(errno)) : 0;
}

static int take_settings(struct config *config, const struct options *options,
                         struct da3d_error *first)
{
    struct da3d_error error;
    int rc = 0;

    for (size_t i = 0; i < options->n_settings; i++)
        if (config_set(config, options->settings[i], &error) < 0)
            rc = fail(first, "--set", error.text);
    return rc;
}

static void take_meter(struct meter_config *meter, const struct options *options)
{
    const struct meter_config *from = &options->meter;
    const unsigned given = options->flow_given;

    if (options->tunnels_given)
        meter->tunnels = from->tunnels;
    if (given & 1U << FLOW_OPTION_MEMCAP)
        meter->flow.memcap = from->flow.memcap;
    if (given & 1U << FLOW_OPTION_MAX_FLOWS)
        meter->flow.max_flows = from->flow.max_flows;
    if (given & 1U << FLOW_OPTION_MAX_SAMPLES)
        meter->flow.max_samples = from->flow.max_samples;
    if (given & 1U << FLOW_OPTION_IDLE)
        meter->flow.idle_ns = from->flow.idle_ns;
    if (given & 1U << FLOW_OPTION_ACTIVE)
        meter->flow.active_ns = from->flow.active_ns;
    if (given & 1U << FLOW_OPTION_LINGER)
        meter->flow.linger_ns = from->flow.linger_ns;
}

/* Without a file: on standard output, the lines that -r prints, as the user who started it. */
static void take_defaults_of_hand(struct config *config)
{
    config->alerts.fold_s = config->stats_interval_s = 0;
    config->drift.window_ns = 0;
    free(config->privileges.user);
    config->privileges.user = NULL;
}

static int take_all(struct config *config, const struct options *options, struct da3d_error *first)
{
    if (config_init(config) < 0)
        return fail(first, origin(options), strerror(errno));
    if (!options->config_file)
        take_defaults_of_hand(config);
    if (options->config_file && read_file(config, options->config_file, first) < 0)
        return -1;
    take_meter(&config->meter, options);
    if (take_interfaces(config, options, first) < 0 || take_model(config, options, first) < 0 ||
        take_settings(config, options, first) < 0)
        return -1;
    if (config->n_outputs == 0 && !config_add_output(config, "stdout"))
        return fail(first, "stdout", strerror(errno));
    return 0;
}

int settings_load(struct config *config, const struct options *options, struct da3d_error *first)
{
    struct da3d_error error;
    int rc;

    *first->text = '\0';
    rc = take_all(config, options, first);

    if (rc == 0 && config_check(config, &error) < 0)
        rc = fail(first, origin(options), error.text);
    if (rc < 0)
        config_clear(config);
    return rc;
}

int settings_check(const struct config *config, const struct options *options,
                   struct da3d_error *error)
{
    *error->text = '\0';
    if (config->n_interfaces == 0)
        return fail(error, origin(options), "interfaces: there is none to listen on");
    if (!config->model)
        return fail(error, origin(options), "model: there is none to score with");
    return 0;
}

static bool section_equal(const struct config_section *section, const void *a, const void *b)
{
    for (size_t i = 0; i < section->n_keys; i++)
        if (!config_value_equal(&section->keys[i], a, b))
            return false;
    return true;
}

static bool list_equal(const struct config_section *section, const struct config *a,
                       const struct config *b)
{
    const size_t n = config_count(section, a);

    if (n != config_count(section, b))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!section_equal(section, config_item_const(section, a, i),
                           config_item_const(section, b, i)))
            return false;
    return true;
}

static void swap_bytes(void *a, void *b, size_t size)
{
    unsigned char *x = a, *y = b;

    for (size_t i = 0; i < size; i++) {
        unsigned char byte = x[i];

        x[i] = y[i];
        y[i] = byte;
    }
}

static void swap_at(struct config *a, struct config *b, size_t offset, size_t size)
{
    swap_bytes((char *)a + offset, (char *)b + offset, size);
}

static void take_key(const struct config_section *section, const struct config_key *key,
                     struct config *in_use, struct config *fresh)
{
    if (key->live)
        swap_at(in_use, fresh, key->offset, key->size);
    else if (!config_value_equal(key, in_use, fresh))
        log_warning("%s.%s: has changed and takes effect after a restart", section->name,
                    key->name);
}

static void take_list(const struct config_section *section, struct config *in_use,
                      struct config *fresh)
{
    if (section->live) {
        swap_at(in_use, fresh, section->items, section->item_size * section->max);
        swap_at(in_use, fresh, section->count, sizeof(size_t));
    } else if (!list_equal(section, in_use, fresh)) {
        log_warning("%s: have changed and take effect after a restart", section->name);
    }
}

void settings_take_live(struct config *in_use, struct config *fresh)
{
    for (size_t i = 0; i < config_n_sections; i++) {
        const struct config_section *section = &config_sections[i];

        if (section->add)
            take_list(section, in_use, fresh);
        for (size_t k = 0; !section->add && k < section->n_keys; k++)
            take_key(section, &section->keys[k], in_use, fresh);
    }
}

int mode_test_config(const struct options *options)
{
    struct da3d_error error;
    struct config config;
    int rc = settings_load(&config, options, &error);

    if (rc == 0) {
        rc = settings_check(&config, options, &error);
        config_clear(&config);
    }
    if (rc == 0)
        printf("%s: configuration OK\n", origin(options));
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int mode_dump_config(const struct options *options)
{
    struct da3d_error error;
    struct config config;

    if (settings_load(&config, options, &error) < 0)
        return EXIT_FAILURE;
    config_print(&config, stdout);
    config_clear(&config);
    return EXIT_SUCCESS;
}
