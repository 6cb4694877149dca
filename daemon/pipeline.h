/* pipeline.h - capture files, one after the other, to flows with their feature vectors. */
#ifndef DAEMON_PIPELINE_H
#define DAEMON_PIPELINE_H

#include <stdint.h>

#include "inputs.h"
#include "meter.h"

/* What happened to everything that was read. */
struct pipeline_stats {
    uint64_t files;
    uint64_t files_skipped; /* files of a directory that are not captures */
    struct meter_stats meter;
};

/* Reads every input in order and flushes the flows at the end. A capture that is cut off is used up
 * to the cut, with a warning; a file of a directory that is empty, not a capture or of a link type
 * without IP is skipped, with a warning; anything else that cannot be read ends it with an error
 * message, once the flows read before have been handed over; so do inputs without any capture.
 * filter: BPF expression, or "": every frame, or those that config's rule reads.
 * Returns 0, or -1 (already reported, or stopped by the sink). */
int pipeline_run(const struct inputs *inputs, const char *filter, const struct meter_config *config,
                 meter_sink *sink, void *ctx, struct pipeline_stats *stats);

/* For those who can do nothing without flows. Returns 0, or -1 (reported) where none came. */
int pipeline_need_flows(const struct inputs *inputs, const struct pipeline_stats *stats);

/* Lines for people: what was read and what was left out, by reason. */
void pipeline_log_stats(const struct pipeline_stats *stats);

#endif
