#include "meter_settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "features/nanos.h"
#include "log.h"
#include "tunnels.h"

const char meter_flows_per_day[] = "flows.per_day";

enum meter_setting {
    METER_IDLE,   /* seconds */
    METER_ACTIVE, /* seconds */
    METER_LINGER, /* seconds */
    METER_MAX_SAMPLES,
    METER_TUNNELS, /* a set of enum tunnel_kind */
    METER_SETTING_COUNT
};

/* Names in a model, and what a value can be. */
static const struct {
    const char *name;
    double min, max;
} settings[METER_SETTING_COUNT] = {
    [METER_IDLE] = {"flow.idle", 1, 86400},
    [METER_ACTIVE] = {"flow.active", 1, 86400},
    [METER_LINGER] = {"flow.linger", 1, 86400},
    [METER_MAX_SAMPLES] = {"flow.max_samples", 1, 1 << 20},
    [METER_TUNNELS] = {"flow.tunnels", TUNNELS_NONE, TUNNELS_ALL},
};

static double value_of(const struct meter_config *config, enum meter_setting setting)
{
    switch (setting) {
    case METER_IDLE: return (double)config->flow.idle_ns / NANOS_PER_SECOND;
    case METER_ACTIVE: return (double)config->flow.active_ns / NANOS_PER_SECOND;
    case METER_LINGER: return (double)config->flow.linger_ns / NANOS_PER_SECOND;
    case METER_MAX_SAMPLES: return config->flow.max_samples;
    case METER_TUNNELS: return config->tunnels;
    case METER_SETTING_COUNT: break;
    }
    return 0;
}

static void set_value(struct meter_config *config, enum meter_setting setting, double value)
{
    switch (setting) {
    case METER_IDLE: config->flow.idle_ns = llround(value * NANOS_PER_SECOND); break;
    case METER_ACTIVE: config->flow.active_ns = llround(value * NANOS_PER_SECOND); break;
    case METER_LINGER: config->flow.linger_ns = llround(value * NANOS_PER_SECOND); break;
    case METER_MAX_SAMPLES: config->flow.max_samples = (uint32_t)value; break;
    case METER_TUNNELS: config->tunnels = (unsigned)value; break;
    case METER_SETTING_COUNT: break;
    }
}

static bool is_open(const struct meter_config *config, enum meter_setting setting)
{
    return value_of(config, setting) ==
           (setting == METER_TUNNELS ? METER_TUNNELS_OPEN : METER_OPEN);
}

struct meter_config meter_settings_left_open(void)
{
    struct meter_config config = {.flow = flow_config_default, .tunnels = METER_TUNNELS_OPEN};

    for (enum meter_setting i = 0; i < METER_TUNNELS; i++)
        set_value(&config, i, METER_OPEN);
    return config;
}

void meter_settings_default(struct meter_config *config)
{
    const struct meter_config defaults = {.flow = flow_config_default, .tunnels = TUNNELS_ALL};

    for (enum meter_setting i = 0; i < METER_SETTING_COUNT; i++)
        if (is_open(config, i))
            set_value(config, i, value_of(&defaults, i));
}

void meter_settings_keep(const struct meter_config *config, struct row_settings *out)
{
    for (enum meter_setting i = 0; i < METER_SETTING_COUNT; i++)
        row_settings_add(out, settings[i].name, value_of(config, i));
}

static void value_text(enum meter_setting setting, double value, char *out, size_t size)
{
    char tunnels[TUNNELS_TEXT];

    if (setting == METER_TUNNELS) {
        tunnels_text((unsigned)value, tunnels);
        snprintf(out, size, "%s", tunnels);
    } else {
        snprintf(out, size, "%g%s", value, setting == METER_MAX_SAMPLES ? "" : "s");
    }
}

/* Adds "flow.idle 40s, here 30s" to a list. */
static void add_difference(char *list, size_t size, enum meter_setting setting, double trained,
                           double here)
{
    char one[TUNNELS_TEXT], other[TUNNELS_TEXT];
    const size_t length = strlen(list);

    value_text(setting, trained, one, sizeof one);
    value_text(setting, here, other, sizeof other);
    snprintf(list + length, size - length, "%s%s %s, here %s", length ? "; " : "",
             settings[setting].name, one, other);
}

static bool can_be(enum meter_setting setting, double value)
{
    const bool whole = setting == METER_MAX_SAMPLES || setting == METER_TUNNELS;

    return value >= settings[setting].min && value <= settings[setting].max &&
           (!whole || value == floor(value));
}

int meter_settings_take(struct meter_config *config, const struct row_settings *from,
                        const char *model, struct da3d_error *error)
{
    char differences[1024] = "";
    double value;

    for (enum meter_setting i = 0; i < METER_SETTING_COUNT; i++) {
        if (!row_settings_find(from, settings[i].name, &value))
            continue;
        if (!can_be(i, value))
            return da3d_fail(error, "not a usable model: %s cannot be %g", settings[i].name, value);
        if (is_open(config, i))
            set_value(config, i, value);
        else if (value_of(config, i) != value)
            add_difference(differences, sizeof differences, i, value, value_of(config, i));
    }
    meter_settings_default(config);
    if (*differences)
        log_warning("%s: trained with other flows than these: %s; scores may mislead", model,
                    differences);
    return 0;
}
