/* flow_sketch.h - what a row with more packets than samples are kept for tells: the same lists of
 * lengths, times and response times, as sketches. Fixed size, O(1) for each packet. */
#ifndef FEATURES_FLOW_SKETCH_H
#define FEATURES_FLOW_SKETCH_H

#include <stdbool.h>

#include "flow.h"
#include "sketch.h"

/* Lengths below 2048 are told apart, larger ones to 1/2048; times to 1/128. Longer datagrams than
 * IPv4's count as its longest; a row's times are within two days (flow.h). */
enum {
    FLOW_SKETCH_LENGTH_BITS = 10,
    FLOW_SKETCH_LENGTH_LOG2 = 16,
    FLOW_SKETCH_TIME_BITS = 6,
    FLOW_SKETCH_TIME_LOG2 = 48
};

struct flow_sketch {
    struct sketch lengths;
    struct sketch times;     /* since the row's first packet */
    struct sketch responses; /* from a packet of the originator to the next, if the responder's */
    /* Times come in order, so that equal ones come together: their mode is that of the longest run,
     * exact unless times step back. */
    int64_t times_mode;
    uint32_t run, longest_run;
    int64_t first_ns; /* the row's first packet */
    struct flow_sample latest;
    uint32_t length_buckets[SKETCH_BUCKETS(FLOW_SKETCH_LENGTH_BITS, FLOW_SKETCH_LENGTH_LOG2)];
    uint32_t time_buckets[SKETCH_BUCKETS(FLOW_SKETCH_TIME_BITS, FLOW_SKETCH_TIME_LOG2)];
    uint32_t response_buckets[SKETCH_BUCKETS(FLOW_SKETCH_TIME_BITS, FLOW_SKETCH_TIME_LOG2)];
};

/* From the row's packets so far, n > 0. Returns NULL with errno ENOMEM; free() frees it. */
struct flow_sketch *flow_sketch_new(const struct flow_sample *samples, uint32_t n);
void flow_sketch_add(struct flow_sketch *sketch, const struct flow_sample *sample);

#endif
