/* traffic.h - a row among the rows around it: the windows that all rows of a table pass through. */
#ifndef FEATURES_TRAFFIC_H
#define FEATURES_TRAFFIC_H

#include "flow.h"
#include "window.h"

enum traffic_window {
    TRAFFIC_2S,  /* floods and fast scans; KDD'99's */
    TRAFFIC_60S, /* slow scans, brute force */
    TRAFFIC_WINDOWS
};

/* At most this many rows in a window, the newest. */
enum { TRAFFIC_ROWS_MAX = 65536 };

/* A service is protocol and responder's port. Failed: the responder was not heard. Bytes: the
 * originator's, the responder's. */
struct traffic_counts {
    struct window_count window[TRAFFIC_WINDOWS][WINDOW_KEYS];
};

struct traffic;

/* key: 16 secret bytes that key the hash, copied; counts do not depend on it.
 * Returns NULL with errno ENOMEM. */
struct traffic *traffic_new(const uint8_t key[16]);
void traffic_free(struct traffic *traffic);

/* Adds a row, in the order in which a flow table reports them. */
void traffic_add(struct traffic *traffic, const struct flow *flow, struct traffic_counts *counts);

#endif
