/* row_rule.h - other ways than the native one of cutting packets into rows: those of the tools that
 * published a feature set, quirk for quirk, so that their rows can be held against ours. Offline
 * only: rows depend on all traffic of a capture, and memory grows with the packets that a tool
 * would hold in memory. */
#ifndef FEATURES_ROW_RULE_H
#define FEATURES_ROW_RULE_H

#include "flow.h"
#include "packet.h"
#include "set.h"

/* Told of each finished row; x: the columns of the rule's set, NaN where missing. Borrowed. Of row,
 * only id, start_ns, end_ns, pkts and bytes are set. */
typedef void row_sink(void *ctx, const struct flow *row, const double *x);

struct row_rule {
    const char *name;   /* "dohmeter": what --rows takes */
    const char *filter; /* the BPF expression that the tool reads its packets by */
    const struct feature_set *set;
    const char *end_column; /* the tool's last, for the time at which a row ends; NULL: none */
    /* Returns the rule's state, or NULL with errno ENOMEM. */
    void *(*new)(row_sink *sink, void *ctx);
    void (*free)(void *state); /* reports nothing */
    /* Adds a packet; rows that it ends are reported. What the tool could not use is passed over.
     * later_fragment: ports, flags and payload need not be set.
     * Returns 0, or -1 with errno ENOMEM. */
    int (*packet)(void *state, const struct packet *packet);
    /* Reports what is left at the end of the capture. Returns 0, or -1 with errno ENOMEM. */
    int (*flush)(void *state);
};

/* Returns the rule with that name, or NULL. */
const struct row_rule *row_rule_find(const char *name);

#endif
