/* flow_table.h - what a flow table consists of, for those who work on it: flow.c by its rules, and
 * flow_table.c. */
#ifndef FEATURES_FLOW_TABLE_H
#define FEATURES_FLOW_TABLE_H

#include "flow.h"
#include "flow_ahead.h"
#include "flow_store.h"

struct flow_table {
    struct flow_config config;
    struct flow_store store;
    flow_sink *sink;
    void *ctx;
    int64_t clock_ns;    /* latest packet time of the present timeline */
    int64_t quiet_ns;    /* up to this time of the clock no flow is overdue */
    int64_t reported_ns; /* of the present timeline's last row */
    uint64_t packets;
    uint64_t uninspected;
    uint64_t ends[FLOW_END_COUNT];
    uint64_t evicted[FLOW_KIND_COUNT];
    struct flow_ahead ahead;
};

#endif
