/* recent_verdicts.h - the last verdicts with their feature vectors, to be found by flow_id when an
 * operator asks for one. Those that reached the threshold have a ring of their own, so that the
 * others, which are many more, do not push them out. */
#ifndef DAEMON_RECENT_VERDICTS_H
#define DAEMON_RECENT_VERDICTS_H

#include "judge.h"

enum { RECENT_REACHED = 1024, RECENT_OTHERS = 4096 };

struct recent_verdict {
    struct flow flow; /* without samples */
    unsigned sensor;
    struct da3d_score score;
    struct threshold threshold; /* by which score.alert was set */
    char model[EVENT_MODEL];    /* that gave the score, as events name it */
    const double *x;            /* the set's columns */
};

struct recent_verdicts;

/* columns: of the vectors. All memory is taken here: a megabyte, and 40 kB for each column. Returns
 * NULL with errno ENOMEM. */
struct recent_verdicts *recent_verdicts_new(size_t columns);
void recent_verdicts_free(struct recent_verdicts *recent); /* NULL-safe */

/* Copies it. */
void recent_verdicts_add(struct recent_verdicts *recent, const struct verdict *verdict);

/* The flow's latest row, one that reached the threshold before any other; NULL if it is not there.
 * Valid until the next recent_verdicts_add(). */
const struct recent_verdict *recent_verdicts_find(const struct recent_verdicts *recent,
                                                  uint64_t flow_id);

#endif
