/* kdd_traffic.h - a row among the rows around it, as KDD'99 counts them: the last 2 seconds, and
 * the last 100 connections. */
#ifndef FEATURES_KDD_TRAFFIC_H
#define FEATURES_KDD_TRAFFIC_H

#include "flow.h"
#include "recent.h"
#include "service.h"
#include "window.h"

/* By WINDOW_DST, WINDOW_SERVICE and WINDOW_DST_SERVICE. */
enum { KDD_WINDOW_KEYS = WINDOW_DST_SERVICE + 1 };

struct kdd_traffic_counts {
    struct window_count seconds[KDD_WINDOW_KEYS]; /* of at most 65536 rows, the newest */
    struct recent_count recent;
};

struct kdd_traffic;

/* key: 16 secret bytes that key the hash, copied; counts do not depend on it.
 * Returns NULL with errno ENOMEM. */
struct kdd_traffic *kdd_traffic_new(const uint8_t key[16]);
void kdd_traffic_free(struct kdd_traffic *traffic);

/* Adds a row, in the order in which a flow table reports them. flag: the row's; S0 to S3 count as
 * failed, REJ as refused. */
void kdd_traffic_add(struct kdd_traffic *traffic, const struct flow *flow, enum service service,
                     enum conn_state flag, struct kdd_traffic_counts *counts);

#endif
