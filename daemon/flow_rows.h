/* flow_rows.h - feature vectors of flows, collected to be learned from. */
#ifndef DAEMON_FLOW_ROWS_H
#define DAEMON_FLOW_ROWS_H

#include <stddef.h>

#include "features/flow.h"

/* In the order in which the flows ended. */
struct flow_rows {
    double *values; /* (n, n_columns); owned */
    size_t n, capacity, n_columns;
    int64_t start_ns, end_ns; /* of all flows together, from flow_rows_take() */
};

/* A meter_sink; ctx: a struct flow_rows. Returns 0, or -1 (reported): out of memory. */
int flow_rows_take(void *ctx, const struct flow *flow, const double *x);

/* Returns 0, or -1 with errno ENOMEM. x: n_columns values. */
int flow_rows_add(struct flow_rows *rows, const double *x);
void flow_rows_clear(struct flow_rows *rows);

#endif
