/* stats.h - what the running service has counted, as an event of da3dd-events(5). */
#ifndef DAEMON_STATS_H
#define DAEMON_STATS_H

#include <json-c/json.h>

#include "alerts.h"
#include "archive.h"
#include "drift_watch.h"
#include "judge.h"
#include "output.h"
#include "sensor.h"

/* The parts of the service that count. */
struct stats_sources {
    struct sensor *const *sensors;
    const char *const *interfaces; /* by sensor; threads of one interface have the same pointer */
    size_t n_sensors;
    struct judge *judge;
    struct alerts *alerts;
    struct drift_watch *drift;
    struct archive *archive;
    struct outputs *outputs;
};

struct stats;

/* sources: borrowed while the stats live; complete by the time something is asked. Opens what it
 * reads of the process, for when it may open nothing more. Returns NULL with errno. */
struct stats *stats_new(const struct stats_sources *sources);
void stats_free(struct stats *stats); /* NULL-safe */

/* The verdict's event has just been given to the outputs. */
void stats_verdict(struct stats *stats, const struct verdict *verdict);

/* Flows that are scored in a day, by the last one; 0: not known yet. */
double stats_flows_per_day(const struct stats *stats);

/* Percentiles are of this interval and the one before; counts are always since the start. */
void stats_begin_interval(struct stats *stats);

/* All counts, and the whole event with them; json-c's, the caller's. */
struct json_object *stats_object(const struct stats *stats);
struct json_object *stats_event(const struct stats *stats);

#endif
