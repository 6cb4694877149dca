/* meter.h - frames to finished flows with their feature vectors: what RFC 7011 calls a metering
 * process. The same for files and for interfaces, so that a replay gives the same vectors. */
#ifndef DAEMON_METER_H
#define DAEMON_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "features/decode.h"
#include "features/flow.h"
#include "features/row_rule.h"
#include "features/set.h"

/* What happened to every frame; nothing is lost without a count. */
struct meter_stats {
    uint64_t frames;
    uint64_t bytes; /* of the frames, on the wire */
    uint64_t decoded[DECODE_RESULT_COUNT];
    struct decoder_stats decoder;
    struct flow_stats flows;
    uint64_t abandoned; /* of these flows: ended once the sink wanted to be told of no more */
};

/* Told of each finished flow; x: set->n_columns values, NaN where missing. Borrowed.
 * Returns 0 to go on, -1 to be told of no more. */
typedef int meter_sink(void *ctx, const struct flow *flow, const double *x);

struct meter_config {
    const struct feature_set *set;
    const struct row_rule *rule; /* another tool's rows, of its own set and tunnels; NULL: ours */
    unsigned tunnels;            /* which to look into: a set of enum tunnel_kind */
    struct flow_config flow;     /* of native rows */
};

struct meter;

/* config: used during the call. Returns NULL with errno ENOMEM, or EINVAL as flow_table_new(). */
struct meter *meter_new(const struct meter_config *config, meter_sink *sink, void *ctx);
void meter_free(struct meter *meter); /* reports nothing */

void meter_frame(struct meter *meter, int linktype, const struct frame *frame);

/* Reports what has ended by now_ns, as if a frame of that time had come. */
void meter_advance(struct meter *meter, int64_t now_ns);

/* Reports all flows that are left; a new capture may follow. */
void meter_flush(struct meter *meter);

/* Has the sink asked to be told of no more, or a rule run out of memory (reported)? */
bool meter_stopped(const struct meter *meter);

void meter_stats(const struct meter *meter, struct meter_stats *out);

#endif
