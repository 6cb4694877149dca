/* alerts.h - from verdicts to events: which flows are alerted on, which are withheld and why. */
#ifndef DAEMON_ALERTS_H
#define DAEMON_ALERTS_H

#include "config.h"
#include "judge.h"
#include "loop.h"
#include "output.h"
#include "suppress.h"

struct alerts_stats {
    uint64_t flows;       /* that were given */
    uint64_t reached;     /* the threshold */
    uint64_t suppressed;  /* of these: by a rule */
    uint64_t folded;      /* of these: into another alert */
    uint64_t raised;      /* alert lines, those that stand for folded ones included */
    uint64_t lost;        /* lines for which there was no memory */
    uint64_t unexplained; /* alerts whose reasons there was no time or memory to find */
};

struct alerts;

/* interfaces: their names by sensor; with loop and outputs borrowed while the alerts live. Reads
 * config's alerts, explain and suppress. Returns NULL with *error. */
struct alerts *alerts_new(const struct config *config, struct loop *loop, struct outputs *outputs,
                          const char *const *interfaces, struct da3d_error *error);
void alerts_free(struct alerts *alerts); /* NULL-safe; alerts_flush() it first */

/* Writes the flow's line: an alert, or a score. Of a flow that is withheld it says why, and returns
 * it. */
enum event_withheld alerts_verdict(struct alerts *alerts, const struct verdict *verdict);

/* Writes what has been folded. To be called before a model that verdicts name is freed. */
void alerts_flush(struct alerts *alerts);

/* The configuration has changed. Returns 0, or -1 with *error and nothing changed. */
int alerts_configure(struct alerts *alerts, const struct config *config, struct da3d_error *error);

/* The rules, to be listed and changed; they act on the next verdict. */
struct suppress *alerts_suppress(struct alerts *alerts);

void alerts_stats(const struct alerts *alerts, struct alerts_stats *out);

#endif
