/* flow_rows.h - packets by hand, and a sink that keeps what a flow table reports. */
#ifndef TESTS_UNIT_FLOW_ROWS_H
#define TESTS_UNIT_FLOW_ROWS_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "features/flow_sketch.h"

#define SECOND INT64_C(1000000000)

struct rows {
    struct flow *at; /* their samples and sketches are gone */
    size_t n, capacity;
};

/* Samples tell the same as the counters. */
static inline void rows_check_samples(const struct flow *flow)
{
    uint64_t sent[2] = {0}, bytes[2] = {0};

    for (uint32_t i = 0; i < flow->n_samples; i++) {
        sent[flow->samples[i].dir]++;
        bytes[flow->samples[i].dir] += flow->samples[i].len;
        cr_assert_leq(flow->samples[i].ts_ns, flow->end_ns);
    }
    cr_assert_arr_eq(sent, flow->pkts, sizeof sent);
    cr_assert_arr_eq(bytes, flow->bytes, sizeof bytes);
    cr_assert_eq(flow->samples[0].ts_ns, flow->start_ns);
}

static inline void rows_check_sketch(const struct flow *flow)
{
    const struct flow_sketch *sketch = flow->sketch;

    cr_assert_eq(flow->n_samples, 0);
    cr_assert_eq(sketch->lengths.n, flow->pkts[0] + flow->pkts[1]);
    cr_assert_eq(sketch->times.n, flow->pkts[0] + flow->pkts[1]);
    cr_assert_eq(sketch->first_ns, flow->start_ns);
}

static inline void rows_sink(void *ctx, const struct flow *flow)
{
    struct rows *rows = ctx;

    if (flow->sketch != NULL)
        rows_check_sketch(flow);
    else
        rows_check_samples(flow);
    cr_assert_lt(flow->flow_id, UINT64_C(1) << 53);
    if (rows->n == rows->capacity) {
        rows->capacity = rows->capacity > 0 ? 2 * rows->capacity : 64;
        rows->at = realloc(rows->at, rows->capacity * sizeof *rows->at);
    }
    rows->at[rows->n++] = *flow;
}

static inline uint64_t rows_packets(const struct rows *rows)
{
    uint64_t packets = 0;

    for (size_t i = 0; i < rows->n; i++)
        packets += rows->at[i].pkts[0] + rows->at[i].pkts[1];
    return packets;
}

/* The defaults, but for fewer flows: a table of a million costs a sanitizer seconds. */
static inline struct flow_config rows_config(void)
{
    struct flow_config config = flow_config_default;

    config.max_flows = 2000;
    return config;
}

static inline struct flow_table *rows_table(const struct flow_config *config, struct rows *rows)
{
    static const uint8_t key[16] = "not very secret";
    struct flow_table *table = flow_table_new(config, key, rows_sink, rows);

    cr_assert_not_null(table);
    return table;
}

/* A packet from 10.0.0.src:sport to 10.0.0.dst:dport. */
static inline struct packet make_packet(uint8_t proto, int src, int sport, int dst, int dport)
{
    struct packet packet = {
        .src = {{10, 0, (uint8_t)(src >> 8), (uint8_t)src}},
        .dst = {{10, 0, (uint8_t)(dst >> 8), (uint8_t)dst}},
        .ip_version = 4,
        .proto = proto,
        .sport = (uint16_t)sport,
        .dport = (uint16_t)dport,
        .ip_len = 100,
    };

    return packet;
}

#endif
