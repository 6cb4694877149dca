#include "flow_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "features/nanos.h"
#include "log.h"

struct flow_limit {
    struct option_text text;
    const char *range; /* for people */
    uint64_t min, max;
};

static const struct flow_limit limits[FLOW_OPTION_COUNT] = {
    [FLOW_OPTION_MEMCAP] = {{0, "flow-memcap", "SIZE",
                             "memory for flows, as in 512M or 2G (default 1G)"},
                            "a size from 1M to 1024G",
                            UINT64_C(1) << 20,
                            UINT64_C(1) << 40},
    [FLOW_OPTION_MAX_FLOWS] = {{0, "flow-max-flows", "N", "flows kept at once (default 1000000)"},
                               "a whole number from 1 to 1000000000",
                               1,
                               1000000000},
    [FLOW_OPTION_MAX_SAMPLES] = {{0, "flow-max-samples", "N",
                                  "packets of a row kept one by one; more are summarized (default "
                                  "4096)"},
                                 "a whole number from 1 to 1048576",
                                 1,
                                 1048576},
    [FLOW_OPTION_IDLE] = {{0, "flow-idle", "N", "seconds of silence that end a flow (default 40)"},
                          "a whole number of seconds from 1 to 86400",
                          1,
                          86400},
    [FLOW_OPTION_ACTIVE] = {{0, "flow-active", "N",
                             "seconds after which a flow is reported and continued (default 120)"},
                            "a whole number of seconds from 1 to 86400",
                            1,
                            86400},
    [FLOW_OPTION_LINGER] = {{0, "flow-linger", "N",
                             "seconds that a closed flow waits for retransmissions (default 5)"},
                            "a whole number of seconds from 1 to 86400",
                            1,
                            86400},
};

const struct option_text *flow_option_text(size_t i)
{
    return i < FLOW_OPTION_COUNT ? &limits[i].text : NULL;
}

/* "K", "M", "G" or nothing. Returns how far to shift, or -1. */
static int size_suffix(const char *text)
{
    static const char suffixes[] = "KMG";
    const char *suffix;

    if (*text == '\0')
        return 0;
    suffix = strchr(suffixes, *text);
    return suffix != NULL && text[1] == '\0' ? (int)(10 * (suffix - suffixes + 1)) : -1;
}

static int parse(enum flow_option option, const char *text, uint64_t *out)
{
    const struct flow_limit *limit = &limits[option];
    int shift = 0;
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (option == FLOW_OPTION_MEMCAP)
        shift = size_suffix(end);
    else if (*end != '\0')
        shift = -1;
    if (*text >= '0' && *text <= '9' && errno == 0 && shift >= 0 && *out <= limit->max >> shift) {
        *out <<= shift;
        if (*out >= limit->min)
            return 0;
    }
    log_error("--%s: '%s' is not %s", limit->text.name, text, limit->range);
    return -1;
}

int flow_option_parse(struct flow_config *config, enum flow_option option, const char *text)
{
    uint64_t value;

    if (parse(option, text, &value) < 0)
        return -1;
    switch (option) {
    case FLOW_OPTION_MEMCAP: config->memcap = value; break;
    case FLOW_OPTION_MAX_FLOWS: config->max_flows = value; break;
    case FLOW_OPTION_MAX_SAMPLES: config->max_samples = (uint32_t)value; break;
    case FLOW_OPTION_IDLE: config->idle_ns = (int64_t)value * NANOS_PER_SECOND; break;
    case FLOW_OPTION_ACTIVE: config->active_ns = (int64_t)value * NANOS_PER_SECOND; break;
    case FLOW_OPTION_LINGER: config->linger_ns = (int64_t)value * NANOS_PER_SECOND; break;
    case FLOW_OPTION_COUNT: break;
    }
    return 0;
}
