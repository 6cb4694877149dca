/* spool_alerts.h - which of a spool's flows that alerted are learned all the same.
 *
 * All of them would teach the model the attacks that it has found; none would cut the tail off what
 * is normal, so that each model, calibrated on what the one before let pass, alerts on more. So:
 *
 * Change: the network has changed where a kind of flow (responder's port, protocol) alerts beyond
 * chance with several established originators at least, and a hundredth of those that use it, over
 * the time of the quarantine at least. Alerts of that kind are learned, where their originator is
 * established: it had flows that did not alert before the first of them, and has been known for
 * the time of the quarantine. Sources that a flood invents are not; a scanner is one alone.
 *
 * Chance: the threshold lets a share of what is normal alert. It is taken from the records: the
 * highest p-value that alerted, but a tenth at most, since somebody may have lowered the threshold
 * for a while. Of each originator's other alerts as many are learned as that explains at most, by
 * three standard deviations of a Poisson count and by its flows that did not
 * alert: those with the lowest scores. Originators of which less than one is expected are judged
 * together: so is a flood of whatever sources.
 *
 * What is left is suspect. Young records, too, bear witness. */
#ifndef DAEMON_SPOOL_ALERTS_H
#define DAEMON_SPOOL_ALERTS_H

#include "spool_format.h"

enum { SPOOL_CHANGE_HOSTS = 5 }; /* the configuration's default */

enum spool_alert {
    SPOOL_ALERT_NONE, /* it did not alert, or an operator's mark decides */
    SPOOL_ALERT_CHANCE,
    SPOOL_ALERT_CHANGE,
    SPOOL_ALERT_SUSPECT /* not learned; the last, by which it is sorted */
};

struct spool_alerts_config {
    int64_t quarantine_ns;
    uint32_t change_hosts; /* originators that a change takes; 0: there is none */
};

/* records: n, in any order. out: n, the caller's. Returns 0, or -1 with errno ENOMEM. */
int spool_alerts_judge(const struct spool_record *records, size_t n,
                       const struct spool_alerts_config *config, enum spool_alert *out);

#endif
