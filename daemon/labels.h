/* labels.h - which flows of a capture are attacks, for an evaluation.
 *
 * A CSV file with the header `label,address,start,end`, also behind a byte order mark: a flow with
 * address at either end, whose first packet lies in [start, end] (seconds since the epoch, decimals
 * allowed; empty = unbounded), belongs to the attack `label`. The first line that matches decides;
 * a flow that matches none is normal. */
#ifndef DAEMON_LABELS_H
#define DAEMON_LABELS_H

#include <stddef.h>

#include "core/error.h"
#include "features/flow.h"

enum { LABELS_NAME_MAX = 64, LABELS_KINDS_MAX = 256 };

struct label_rule;

struct labels {
    struct label_rule *rules;
    size_t n_rules;
    char (*kinds)[LABELS_NAME_MAX]; /* distinct attack names, in order of appearance */
    size_t n_kinds;
};

/* Returns 0, or -1 with *error, which names the line, and nothing held. */
int labels_load(struct labels *labels, const char *path, struct da3d_error *error);
void labels_clear(struct labels *labels);

/* Index into kinds, or -1: normal. */
int labels_find(const struct labels *labels, const struct flow *flow);

#endif
