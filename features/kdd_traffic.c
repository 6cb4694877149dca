#include "kdd_traffic.h"

#include <sodium/crypto_shorthash.h>
#include <stdlib.h>
#include <string.h>

#include "nanos.h"

static const struct window_config window_config = {
    .lengths_ns = {2 * NANOS_PER_SECOND},
    .n_lengths = 1,
    .n_keys = KDD_WINDOW_KEYS,
    .max_rows = 65536,
};

struct kdd_traffic {
    uint8_t key[crypto_shorthash_KEYBYTES];
    struct window *window;
    struct recent *recent;
};

struct kdd_traffic *kdd_traffic_new(const uint8_t key[16])
{
    struct kdd_traffic *traffic = calloc(1, sizeof *traffic);

    if (traffic == NULL)
        return NULL;
    memcpy(traffic->key, key, sizeof traffic->key);
    traffic->window = window_new(&window_config);
    traffic->recent = recent_new();
    if (traffic->window == NULL || traffic->recent == NULL) {
        kdd_traffic_free(traffic);
        return NULL;
    }
    return traffic;
}

void kdd_traffic_free(struct kdd_traffic *traffic)
{
    if (traffic == NULL)
        return;
    window_free(traffic->window);
    recent_free(traffic->recent);
    free(traffic);
}

/* What a window key is made of; what it leaves out is zero. */
struct key_parts {
    struct ip_addr host;
    uint16_t vlan[VLAN_MAX];
    uint8_t ip_version;
    uint8_t service; /* 1 + enum service */
};
_Static_assert(sizeof(struct key_parts) == 22, "window keys hash as bytes: no padding");

static uint64_t hash(const struct kdd_traffic *traffic, const struct key_parts *parts)
{
    uint64_t key;

    crypto_shorthash((uint8_t *)&key, (const uint8_t *)parts, sizeof *parts, traffic->key);
    return key;
}

static void set_keys(const struct kdd_traffic *traffic, const struct flow_id *id,
                     enum service service, uint64_t *keys)
{
    struct key_parts parts = {
        .host = id->dst, .vlan = {id->vlan[0], id->vlan[1]}, .ip_version = id->ip_version};

    keys[WINDOW_DST] = hash(traffic, &parts);
    parts.service = (uint8_t)(1 + service);
    keys[WINDOW_DST_SERVICE] = hash(traffic, &parts);
    parts = (struct key_parts){.service = parts.service};
    keys[WINDOW_SERVICE] = hash(traffic, &parts);
}

static enum window_outcome outcome(enum conn_state flag)
{
    if (flag == CONN_REJ)
        return WINDOW_REFUSED;
    return flag >= CONN_S0 && flag <= CONN_S3 ? WINDOW_FAILED : WINDOW_FINE;
}

void kdd_traffic_add(struct kdd_traffic *traffic, const struct flow *flow, enum service service,
                     enum conn_state flag, struct kdd_traffic_counts *counts)
{
    struct window_row row = {.end_ns = flow->reported_ns, .outcome = outcome(flag)};
    struct recent_row recent = {
        .service = service, .outcome = row.outcome, .sport = flow->id.sport};

    set_keys(traffic, &flow->id, service, row.keys);
    recent.host = row.keys[WINDOW_DST];
    window_add(traffic->window, &row, counts->seconds);
    recent_add(traffic->recent, &recent, &counts->recent);
}
