/* recall.h - the vectors of the flows that reached the threshold last, so that an operator can ask
 * why. Bounded: the oldest gives way. One thread adds, others find. */
#ifndef DAEMON_RECALL_H
#define DAEMON_RECALL_H

#include "event.h"

struct recall;

/* max: flows, each with a vector of so many columns; 0: none are kept. Returns NULL with errno. */
struct recall *recall_new(size_t max, size_t columns);
void recall_free(struct recall *recall); /* NULL-safe */

/* A flow as it was scored. */
struct recalled {
    struct flow flow; /* without samples */
    unsigned sensor;
    struct da3d_score score;
    struct threshold threshold;
    char model[EVENT_MODEL];
};

/* x: the vector. Both are copied. */
void recall_add(struct recall *recall, const struct recalled *flow, const double *x);

/* The last row of that flow. x: columns, overwritten. Returns whether it is there. */
bool recall_find(struct recall *recall, uint64_t flow_id, struct recalled *out, double *x);

#endif
