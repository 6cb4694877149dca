#include "traffic.h"

#include <sodium/crypto_shorthash.h>
#include <stdlib.h>
#include <string.h>

#include "nanos.h"

static const struct window_config window_config = {
    .lengths_ns = {[TRAFFIC_2S] = 2 * NANOS_PER_SECOND, [TRAFFIC_60S] = 60 * NANOS_PER_SECOND},
    .n_lengths = TRAFFIC_WINDOWS,
    .n_keys = WINDOW_KEYS,
    .max_rows = TRAFFIC_ROWS_MAX,
};

struct traffic {
    uint8_t key[crypto_shorthash_KEYBYTES];
    struct window *window;
};

struct traffic *traffic_new(const uint8_t key[16])
{
    struct traffic *traffic = calloc(1, sizeof *traffic);

    if (traffic == NULL)
        return NULL;
    memcpy(traffic->key, key, sizeof traffic->key);
    traffic->window = window_new(&window_config);
    if (traffic->window == NULL) {
        traffic_free(traffic);
        return NULL;
    }
    return traffic;
}

void traffic_free(struct traffic *traffic)
{
    if (traffic == NULL)
        return;
    window_free(traffic->window);
    free(traffic);
}

/* Who or what a row has in common with others; what a part does not name stays zero. */
struct key_part {
    struct ip_addr host;
    uint16_t vlan[VLAN_MAX];
    uint16_t port;
    uint8_t ip_version, proto;
    uint8_t kind; /* enum window_key: hosts as originator and as responder differ */
    uint8_t unused;
};
_Static_assert(sizeof(struct key_part) == 26, "key parts hash as bytes: no padding");

static uint64_t hash(const struct traffic *traffic, const struct key_part *part)
{
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)part, sizeof *part, traffic->key);
    return hash;
}

/* A pair's key is the exclusive or of its parts': as their hashes are secret, two pairs are as
 * unlikely to meet as two hashes (Patrascu and Thorup, "The power of simple tabulation hashing",
 * J. ACM 59(3), 2012). */
static void set_keys(const struct traffic *traffic, const struct flow_id *id, uint64_t *keys)
{
    const struct key_part common = {.vlan = {id->vlan[0], id->vlan[1]},
                                    .ip_version = id->ip_version};
    struct key_part src = common, dst = common, service = common;

    src.kind = WINDOW_SRC;
    src.host = id->src;
    dst.kind = WINDOW_DST;
    dst.host = id->dst;
    service.kind = WINDOW_SERVICE;
    service.proto = id->proto;
    service.port = id->dport;
    keys[WINDOW_SRC] = hash(traffic, &src);
    keys[WINDOW_DST] = hash(traffic, &dst);
    keys[WINDOW_SERVICE] = hash(traffic, &service);
    keys[WINDOW_SRC_DST] = keys[WINDOW_SRC] ^ keys[WINDOW_DST];
    keys[WINDOW_DST_SERVICE] = keys[WINDOW_DST] ^ keys[WINDOW_SERVICE];
    keys[WINDOW_SRC_SERVICE] = keys[WINDOW_SRC] ^ keys[WINDOW_SERVICE];
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
    struct window_row row = {
        .end_ns = flow->reported_ns,
        .outcome = outcome(flow),
        .bytes = {flow->bytes[FLOW_TO_SERVER], flow->bytes[FLOW_TO_CLIENT]},
    };

    set_keys(traffic, &flow->id, row.keys);
    window_add(traffic->window, &row, &counts->window[0][0]);
}
