/* drift.h - has the traffic moved away from what the model was trained on? The population stability
 * index (psi.h) of each feature, and of p-values, over a sliding window; and whether one host is
 * enough to explain it.
 *
 * Of an identity it is the share of new ones that may drift.
 *
 * A sample of the flows of each half of the window is kept, as bins alone. Whenever a half is
 * over it is held against training together with the one before. Packet time counts; one thread. */
#ifndef DAEMON_DRIFT_H
#define DAEMON_DRIFT_H

#include "core/da3d.h"
#include "features/packet.h"

enum { DRIFT_TOP = 5 };

struct drift_feature {
    uint32_t column; /* of the model's schema; n_columns: p-values */
    double psi;
};

struct drift_host {
    struct ip_addr address;
    uint8_t ip_version;
};

/* What a window was. */
struct drift_report {
    int64_t since_ns, until_ns; /* when its first and its last flow ended */
    uint64_t flows;
    uint32_t n_top;
    struct drift_feature top[DRIFT_TOP]; /* those that moved most, the most first */
    uint32_t drifted;                    /* how many features are at the threshold or above */
    double p_value_psi;                  /* of the score */
    /* Where drifted > 0: is there an originator without whose flows nothing would have drifted?
     * Else, the network has changed. */
    bool one_host;
    struct drift_host host;
    uint32_t
        hosts; /* originators, in the sample, of the values that became more frequent by most */
};

struct drift_limits {
    int64_t window_ns;
    uint64_t flows;   /* fewer in a window tell nothing */
    double threshold; /* of the index */
};

struct drift;

/* seed: of the sample. Returns NULL with errno ENOMEM. */
struct drift *drift_new(uint64_t seed);
void drift_free(struct drift *drift); /* NULL-safe */

/* Begins anew, for flows that this model scores; nothing of it is borrowed. Returns 0, or -1 with
 * errno ENOMEM: there is nothing to be told then. */
int drift_begin(struct drift *drift, const struct da3d_model *model);

/* One flow. x: n_columns; model: that scored it, of which only the identities that it knows are
 * read; both borrowed. Returns true if a window ended with the flow before it, and was not too
 * thin: *report tells of it. */
struct drift_flow {
    const double *x;
    const struct da3d_model *model;
    double p_value;
    int64_t end_ns;
    struct drift_host source;
};
bool drift_add(struct drift *drift, const struct drift_limits *limits,
               const struct drift_flow *flow, struct drift_report *report);

#endif
