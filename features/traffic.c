#include "traffic.h"

#include <sodium/crypto_shorthash.h>
#include <stdlib.h>
#include <string.h>

#include "nanos.h"

static const int64_t lengths_ns[TRAFFIC_WINDOWS] = {
    [TRAFFIC_2S] = 2 * NANOS_PER_SECOND,
    [TRAFFIC_60S] = 60 * NANOS_PER_SECOND,
};

struct traffic {
    uint8_t key[crypto_shorthash_KEYBYTES];
    struct window *windows[TRAFFIC_WINDOWS];
};

struct traffic *traffic_new(const uint8_t key[16])
{
    struct traffic *traffic = calloc(1, sizeof *traffic);

    if (traffic == NULL)
        return NULL;
    memcpy(traffic->key, key, sizeof traffic->key);
    for (size_t i = 0; i < TRAFFIC_WINDOWS; i++) {
        traffic->windows[i] = window_new(lengths_ns[i], TRAFFIC_ROWS_MAX, WINDOW_KEYS);
        if (traffic->windows[i] == NULL) {
            traffic_free(traffic);
            return NULL;
        }
    }
    return traffic;
}

void traffic_free(struct traffic *traffic)
{
    if (traffic == NULL)
        return;
    for (size_t i = 0; i < TRAFFIC_WINDOWS; i++)
        window_free(traffic->windows[i]);
    free(traffic);
}

/* The parts of a row's identity that a window key is made of; the others stay zero. */
struct key_parts {
    struct ip_addr src, dst;
    uint16_t vlan[VLAN_MAX];
    uint16_t port;
    uint8_t ip_version, proto;
    uint8_t kind; /* enum window_key: keys of different kinds differ */
    uint8_t unused;
};
_Static_assert(sizeof(struct key_parts) == 42, "window keys hash as bytes: no padding");

static bool has_src(enum window_key kind)
{
    return kind == WINDOW_SRC || kind == WINDOW_SRC_DST || kind == WINDOW_SRC_SERVICE;
}

static bool has_dst(enum window_key kind)
{
    return kind == WINDOW_DST || kind == WINDOW_DST_SERVICE || kind == WINDOW_SRC_DST;
}

static bool has_service(enum window_key kind)
{
    return kind == WINDOW_SERVICE || kind == WINDOW_DST_SERVICE || kind == WINDOW_SRC_SERVICE;
}

static uint64_t window_key(const struct traffic *traffic, const struct flow_id *id,
                           enum window_key kind)
{
    struct key_parts parts = {
        .vlan = {id->vlan[0], id->vlan[1]}, .ip_version = id->ip_version, .kind = (uint8_t)kind};
    uint64_t hash;

    if (has_src(kind))
        parts.src = id->src;
    if (has_dst(kind))
        parts.dst = id->dst;
    if (has_service(kind)) {
        parts.proto = id->proto;
        parts.port = id->dport;
    }
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)&parts, sizeof parts, traffic->key);
    return hash;
}

static enum window_outcome outcome(const struct flow *flow)
{
    if (flow->pkts[FLOW_TO_CLIENT] == 0)
        return WINDOW_FAILED;
    if (flow->id.proto == IP_PROTO_TCP && flow_conn_state(flow) == CONN_REJ)
        return WINDOW_REFUSED;
    return WINDOW_FINE;
}

void traffic_add(struct traffic *traffic, const struct flow *flow, struct traffic_counts *counts)
{
    struct window_row row = {.end_ns = flow->reported_ns, .outcome = outcome(flow)};

    for (enum window_key kind = 0; kind < WINDOW_KEYS; kind++)
        row.keys[kind] = window_key(traffic, &flow->id, kind);
    for (size_t i = 0; i < TRAFFIC_WINDOWS; i++)
        window_add(traffic->windows[i], &row, counts->window[i]);
}
