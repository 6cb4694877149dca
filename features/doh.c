#include "doh.h"

#include <math.h>

#include "doh_columns.h"
#include "flow_sketch.h"
#include "nanos.h"
#include "stats.h"

static const struct feature_column columns[] = {DOH_COLUMNS};

_Static_assert(sizeof columns / sizeof columns[0] == DOH_N_COLUMNS, "doh_columns.h counts them");

/* Where the parts of the vector begin. */
enum part { DURATION = 0, LENGTHS = 5, TIMES = 13, RESPONSES = 21, RESPONSE_MEAN = 23 };

static double rate(uint64_t bytes, int64_t duration_ns)
{
    if (duration_ns == 0)
        return STATS_UNDEFINED;
    return (double)bytes / ((double)duration_ns / (double)NANOS_PER_SECOND);
}

static void put_stats(double *x, const struct stats *stats)
{
    x[0] = stats->variance;
    x[1] = stats->deviation;
    x[2] = stats->mean;
    x[3] = stats->median;
    x[4] = stats->mode;
    x[5] = stats->skew_median;
    x[6] = stats->skew_mode;
    x[7] = stats->variation;
}

static size_t list_lengths(const struct flow *flow, int64_t *out)
{
    for (size_t i = 0; i < flow->n_samples; i++)
        out[i] = flow->samples[i].len;
    return flow->n_samples;
}

static size_t list_times(const struct flow *flow, int64_t *out)
{
    for (size_t i = 0; i < flow->n_samples; i++)
        out[i] = nanos_between(flow->samples[0].ts_ns, flow->samples[i].ts_ns);
    return flow->n_samples;
}

static size_t list_responses(const struct flow *flow, int64_t *out)
{
    const struct flow_sample *samples = flow->samples;
    size_t n = 0;

    for (size_t i = 1; i < flow->n_samples; i++)
        if (samples[i - 1].dir == FLOW_TO_SERVER && samples[i].dir == FLOW_TO_CLIENT)
            out[n++] = nanos_between(samples[i - 1].ts_ns, samples[i].ts_ns);
    return n;
}

/* The three lists' statistics. */
struct row_stats {
    struct stats lengths, times, responses;
    int64_t duration_ns;
};

static void from_samples(const struct flow *flow, int64_t *work, struct row_stats *out)
{
    int64_t *scratch = work + flow->n_samples;
    size_t n;

    n = list_lengths(flow, work);
    stats_of(work, n, scratch, 1, &out->lengths);
    n = list_responses(flow, work);
    stats_of(work, n, scratch, NANOS_PER_SECOND, &out->responses);
    n = list_times(flow, work);
    stats_of(work, n, scratch, NANOS_PER_SECOND, &out->times);
    out->duration_ns = nanos_between(work[0], work[n - 1]); /* sorted by now */
}

static void from_sketch(const struct flow_sketch *sketch, struct row_stats *out)
{
    sketch_stats(&sketch->lengths, NULL, 1, &out->lengths);
    sketch_stats(&sketch->responses, NULL, NANOS_PER_SECOND, &out->responses);
    sketch_stats(&sketch->times, &sketch->times_mode, NANOS_PER_SECOND, &out->times);
    out->duration_ns = nanos_between(sketch->times.min, sketch->times.max);
}

void doh_extract(const struct flow *flow, int64_t *work, double *x)
{
    struct row_stats stats;

    if (flow->sketch != NULL)
        from_sketch(flow->sketch, &stats);
    else
        from_samples(flow, work, &stats);
    x[DURATION] = (double)stats.duration_ns / (double)NANOS_PER_SECOND;
    x[DURATION + 1] = (double)flow->bytes[FLOW_TO_SERVER];
    x[DURATION + 2] = rate(flow->bytes[FLOW_TO_SERVER], stats.duration_ns);
    x[DURATION + 3] = (double)flow->bytes[FLOW_TO_CLIENT];
    x[DURATION + 4] = rate(flow->bytes[FLOW_TO_CLIENT], stats.duration_ns);
    put_stats(x + LENGTHS, &stats.lengths);
    put_stats(x + TIMES, &stats.times);
    put_stats(x + RESPONSES, &stats.responses);
}

bool doh_no_response(const double *x)
{
    return isnan(x[RESPONSE_MEAN]);
}

const struct feature_set doh_set = {
    .name = "doh",
    .version = "doh-v1",
    .source = "CIRA-CIC-DoHBrw-2020 (DoHLyzer's DoHMeter), over da3dd's native rows",
    .columns = columns,
    .n_columns = DOH_N_COLUMNS,
    .extract = doh_extract,
    .no_response = doh_no_response,
};
