#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture.h"

void config_init(struct config *config)
{
    *config = (struct config){
        .meter = {.tunnels = TUNNELS_ALL, .flow = flow_config_default},
        .scoring = {.queue = 16384, .batch = 256, .wait_ms = 50},
        .alerts = {.fold_s = 60},
        .stats_interval_s = 60,
    };
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < config->n_interfaces; i++) {
        free(config->interface[i].name);
        free(config->interface[i].filter);
    }
    for (size_t i = 0; i < config->n_outputs; i++) {
        free(config->output[i].type);
        free(config->output[i].path);
        free(config->output[i].group);
    }
    for (size_t i = 0; i < config->n_suppress; i++) {
        free(config->suppress[i].host);
        free(config->suppress[i].network);
        free(config->suppress[i].until);
    }
    free(config->model);
    *config = (struct config){0};
}

struct config_interface *config_add_interface(struct config *config, const char *name)
{
    struct config_interface *interface = &config->interface[config->n_interfaces];

    if (config->n_interfaces == CONFIG_INTERFACES_MAX)
        return NULL;
    *interface = (struct config_interface){
        .name = strdup(name),
        .filter = strdup(""),
        .snaplen = CAPTURE_SNAPLEN,
        .buffer_bytes = CAPTURE_BUFFER_BYTES,
        .promiscuous = true,
        .threads = 1,
    };
    config->n_interfaces++;
    return interface->name && interface->filter ? interface : NULL;
}

/* The system's logs are read by people: alerts alone, and not more than somebody can read. */
static bool is_system_log(const char *type)
{
    return strcmp(type, "journal") == 0 || strcmp(type, "syslog") == 0;
}

struct config_output *config_add_output(struct config *config, const char *type)
{
    struct config_output *output = &config->output[config->n_outputs];

    if (config->n_outputs == CONFIG_OUTPUTS_MAX)
        return NULL;
    *output = (struct config_output){
        .type = strdup(type),
        .mode = strcmp(type, "file") == 0 ? 0640 : 0660,
        .queue = 4096,
        .rate = 120,
        .scores = !is_system_log(type),
        .alerts = true,
        .stats = !is_system_log(type),
    };
    config->n_outputs++;
    return output->type ? output : NULL;
}

struct config_suppress *config_add_suppress(struct config *config)
{
    if (config->n_suppress == CONFIG_SUPPRESS_MAX)
        return NULL;
    config->suppress[config->n_suppress] = (struct config_suppress){0};
    return &config->suppress[config->n_suppress++];
}
