#include "flow_sketch.h"

#include <stdlib.h>

#include "nanos.h"

static void add_time(struct flow_sketch *sketch, int64_t time)
{
    bool repeated = sketch->times.n > 0 && sketch->latest.ts_ns - sketch->first_ns == time;

    sketch_add(&sketch->times, time);
    sketch->run = repeated ? sketch->run + 1 : 1;
    if (sketch->run > sketch->longest_run) {
        sketch->longest_run = sketch->run;
        sketch->times_mode = time;
    }
}

void flow_sketch_add(struct flow_sketch *sketch, const struct flow_sample *sample)
{
    const struct flow_sample *latest = &sketch->latest;

    if (sketch->times.n > 0 && latest->dir == FLOW_TO_SERVER && sample->dir == FLOW_TO_CLIENT)
        sketch_add(&sketch->responses, nanos_between(latest->ts_ns, sample->ts_ns));
    sketch_add(&sketch->lengths, sample->len);
    add_time(sketch, nanos_between(sketch->first_ns, sample->ts_ns));
    sketch->latest = *sample;
}

struct flow_sketch *flow_sketch_new(const struct flow_sample *samples, uint32_t n)
{
    struct flow_sketch *sketch = calloc(1, sizeof *sketch);

    if (sketch == NULL)
        return NULL;
    sketch_init(&sketch->lengths, sketch->length_buckets, FLOW_SKETCH_LENGTH_BITS,
                FLOW_SKETCH_LENGTH_LOG2);
    sketch_init(&sketch->times, sketch->time_buckets, FLOW_SKETCH_TIME_BITS, FLOW_SKETCH_TIME_LOG2);
    sketch_init(&sketch->responses, sketch->response_buckets, FLOW_SKETCH_TIME_BITS,
                FLOW_SKETCH_TIME_LOG2);
    sketch->first_ns = samples[0].ts_ns;
    for (uint32_t i = 0; i < n; i++)
        flow_sketch_add(sketch, &samples[i]);
    return sketch;
}
