/* spool.h - the flows that the service keeps for its next training: a file of bounded size, of
 * which each slot is written at once, so that whatever ends the service costs one record at most.
 *
 * A sample that forgets with time, not with traffic (after Aggarwal, "On biased reservoir sampling
 * in the presence of stream evolution", 2006): slots/span records a second are taken, however many
 * flows there are, where span is the spool's age, from an hour to the horizon; a new record takes
 * a free slot or a random one's. So a spool younger than the horizon tells of all its time evenly;
 * later, ages are distributed exponentially, with the horizon as mean. Where flows are too few to
 * fill it, records are forgotten at random at that rate.
 *
 * Flows that alert are taken as others are, lest what is learned and calibrated from lack the
 * rarest of what is normal; which of them may be learned is asked when the spool is read
 * (spool_alerts.h). Of one host (spool_originator()), no more than a share of the slots is taken,
 * and as much again of its alerts; its own records then give way, no faster than others'. Where a
 * host alerts more often than chance explains (host_rates.h), each of its alerts that is taken
 * costs the newest five of its records that did not alert and are still in quarantine: who attacks
 * loses what he did meanwhile, and a host of which one habit alerts is not forgotten for it.
 *
 * Memory: 72 bytes for each slot at most, and a quarter of a megabyte. */
#ifndef DAEMON_SPOOL_H
#define DAEMON_SPOOL_H

#include "judge.h"
#include "meter.h"

struct spool_config {
    const char *path;  /* borrowed for the call */
    uint64_t bytes;    /* of the file, at most */
    bool enabled;      /* false: nothing is taken, dropped or forgotten */
    double host_share; /* 0: no limit */
    int64_t quarantine_ns, horizon_ns;
};

struct spool;

/* Opens or makes the file, and reads it. meter: of its flows, nothing open. seed: of what is left
 * to chance. Returns NULL with *error.
 * Times are wall_ns(); elapsed time counts up to a minute between two calls. */
struct spool *spool_open(const struct spool_config *config, const struct meter_config *meter,
                         uint64_t seed, int64_t now_ns, struct da3d_error *error);
/* Starts the thread that has the file written to the disk once a second. Returns 0, or -1 with
 * errno. */
int spool_start(struct spool *spool);
void spool_close(struct spool *spool); /* NULL-safe */

/* All but path and bytes. */
void spool_configure(struct spool *spool, const struct spool_config *config);

/* A flow may be taken. If it is, it alerts, and its originator stands out by now, this loses of
 * what it has in quarantine. */
void spool_offer(struct spool *spool, const struct verdict *verdict, int64_t now_ns);
/* Another model is live: what hosts have alerted by the one before is not held against what they do
 * from now on. */
void spool_forgive(struct spool *spool);
/* Once a second or so. */
void spool_tick(struct spool *spool, int64_t now_ns);

struct spool_stats {
    uint64_t slots, records; /* there now */
    uint64_t quarantined;    /* of the records */
    uint64_t alerts;         /* of the records: flows that alerted */
    uint64_t offered;        /* flows */
    uint64_t taken;
    uint64_t replaced;   /* records that gave way to these */
    uint64_t over_share; /* not taken: its host has its share */
    uint64_t dropped;    /* since their host stands out by its alerts */
    uint64_t forgotten;  /* without one to take their place */
    uint64_t bad;        /* slots that were found damaged at the start */
    uint64_t failed;     /* could not be written */
};
void spool_stats(const struct spool *spool, int64_t now_ns, struct spool_stats *out);

#endif
