/* flow_table.c - a flow table's limits, beginning and end, and what it has counted (flow.h). */
#include "flow_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nanos.h"

const struct flow_config flow_config_default = {
    .idle_ns = 40 * NANOS_PER_SECOND,
    .active_ns = 120 * NANOS_PER_SECOND,
    .linger_ns = 5 * NANOS_PER_SECOND,
    .max_samples = 4096,
    .max_flows = 1000000,
    .memcap = (size_t)1 << 30,
    .content = true,
};

static bool time_limit_valid(int64_t ns)
{
    return ns > 0 && ns <= 24 * 3600 * NANOS_PER_SECOND;
}

static bool config_valid(const struct flow_config *config)
{
    return time_limit_valid(config->idle_ns) && time_limit_valid(config->active_ns) &&
           time_limit_valid(config->linger_ns) && config->max_samples > 0;
}

struct flow_table *flow_table_new(const struct flow_config *config, const uint8_t key[16],
                                  flow_sink *sink, void *ctx)
{
    struct flow_table *table;

    if (!config_valid(config)) {
        errno = EINVAL;
        return NULL;
    }
    table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    if (flow_store_init(&table->store, config, key) < 0) {
        free(table);
        return NULL;
    }
    table->config = *config;
    table->sink = sink;
    table->ctx = ctx;
    table->clock_ns = table->reported_ns = INT64_MIN;
    table->quiet_ns = INT64_MAX;
    return table;
}

void flow_table_free(struct flow_table *table)
{
    if (table == NULL)
        return;
    flow_store_clear(&table->store);
    free(table);
}

void flow_table_stats(const struct flow_table *table, struct flow_stats *out)
{
    *out = (struct flow_stats){
        .packets = table->packets,
        .active = table->store.active,
        .memory = table->store.memory + table->store.content_memory,
        .uninspected = table->uninspected,
    };
    memcpy(out->evicted, table->evicted, sizeof out->evicted);
    for (enum flow_end end = 0; end < FLOW_END_COUNT; end++) {
        out->ends[end] = table->ends[end];
        out->flows += table->ends[end];
    }
}
