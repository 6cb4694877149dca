#include "config.h"

#include <errno.h>
#include <string.h>

#include "config_key.h"

int config_init(struct config *config)
{
    *config = (struct config){0};
    for (size_t i = 0; i < config_n_sections; i++)
        if (!config_sections[i].add && config_section_init(&config_sections[i], config) < 0)
            return -1;
    return 0;
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < config_n_sections; i++) {
        const struct config_section *section = &config_sections[i];

        if (section->add)
            config_empty(section, config);
        else
            config_section_clear(section, config);
    }
    *config = (struct config){0};
}

struct config_interface *config_add_interface(struct config *config, const char *name)
{
    struct config_interface *interface = &config->interface[config->n_interfaces];

    if (config->n_interfaces == CONFIG_INTERFACES_MAX) {
        errno = E2BIG;
        return NULL;
    }
    *interface = (struct config_interface){.name = strdup(name)};
    config->n_interfaces++;
    if (config_section_init(config_section_find("interfaces"), interface) < 0)
        return NULL;
    return interface->name ? interface : NULL;
}

/* The system's logs are read by people: alerts alone, and not more than somebody can read. */
static bool is_system_log(const char *type)
{
    return strcmp(type, "journal") == 0 || strcmp(type, "syslog") == 0;
}

struct config_output *config_add_output(struct config *config, const char *type)
{
    struct config_output *output = &config->output[config->n_outputs];

    if (config->n_outputs == CONFIG_OUTPUTS_MAX) {
        errno = E2BIG;
        return NULL;
    }
    *output = (struct config_output){.type = strdup(type)};
    config->n_outputs++;
    if (config_section_init(config_section_find("outputs"), output) < 0)
        return NULL;
    if (strcmp(type, "file") == 0)
        output->mode = 0640;
    output->scores = !is_system_log(type);
    output->stats = !is_system_log(type);
    output->models = !is_system_log(type);
    return output->type ? output : NULL;
}

struct config_suppress *config_add_suppress(struct config *config)
{
    struct config_suppress *suppress = &config->suppress[config->n_suppress];

    if (config->n_suppress == CONFIG_SUPPRESS_MAX) {
        errno = E2BIG;
        return NULL;
    }
    *suppress = (struct config_suppress){0};
    config->n_suppress++;
    return suppress;
}
