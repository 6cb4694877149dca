#include "doh.h"

#include <math.h>

#include "nanos.h"
#include "stats.h"

/* Columns that are missing together. */
enum missing_group {
    NO_DURATION = 1,
    NO_LENGTH_SPREAD,
    NO_TIME_MEAN,
    NO_RESPONSE,
    NO_RESPONSE_SPREAD,
    NO_RESPONSE_MEAN
};

#define NEVER                    .missing = NULL
#define MISSING(group, why, csv) .missing_group = (group), .missing = (why), .sentinel = (csv)
#define MISSING_RESPONSE(group, why, csv, csv_no_response)                                         \
    MISSING(group, why, csv), .no_response = (csv_no_response)
#define COLUMN(a_name, a_unit, a_definition, ...)                                                  \
    {                                                                                              \
        .name = (a_name), .unit = (a_unit), .definition = a_definition, __VA_ARGS__                \
    }

/* The columns of struct stats, in its order. square: the unit's square; basic: when the first five
 * are missing; the median, the skews and the variation say so for themselves. */
#define STATISTICS(prefix, of, unit, square, basic, middle, to_middle, to_mode, relative)          \
    COLUMN(prefix "Variance", square, "Population variance of " of ".", basic),                    \
        COLUMN(prefix "StandardDeviation", unit, "Square root of the variance of " of ".", basic), \
        COLUMN(prefix "Mean", unit, "Arithmetic mean of " of ".", basic),                          \
        COLUMN(prefix "Median", unit, "Middle value (mean of the middle two) of " of ".", middle), \
        COLUMN(prefix "Mode", unit, "Most frequent value, the smallest of several, of " of ".",    \
               basic),                                                                             \
        COLUMN(prefix "SkewFromMedian", "1", "3 (mean - median) / deviation of " of ".",           \
               to_middle),                                                                         \
        COLUMN(prefix "SkewFromMode", "1", "(mean - mode) / deviation of " of ".", to_mode),       \
        COLUMN(prefix "CoefficientofVariation", "1", "Deviation / mean of " of ".", relative)

#define ALL_AT_ONCE       "All packets have the same time."
#define EQUAL_LENGTHS     "All packets have the same length."
#define NO_ANSWER         "No packet of the responder directly follows one of the originator."
#define EQUAL_RESPONSES   NO_ANSWER " Or all response times are equal."
#define RESPONSES_AT_ONCE NO_ANSWER " Or the response times' mean is 0."

static const struct feature_column columns[] = {
    COLUMN("Duration", "s", "Time from the earliest to the latest packet of the row.", NEVER),
    COLUMN("FlowBytesSent", "bytes", "IP datagram lengths sent by the originator, summed.", NEVER),
    COLUMN("FlowSentRate", "bytes/s", "FlowBytesSent / Duration.",
           MISSING(NO_DURATION, ALL_AT_ONCE, "-1")),
    COLUMN("FlowBytesReceived", "bytes", "IP datagram lengths sent by the responder, summed.",
           NEVER),
    COLUMN("FlowReceivedRate", "bytes/s", "FlowBytesReceived / Duration.",
           MISSING(NO_DURATION, ALL_AT_ONCE, "-1")),
    STATISTICS("PacketLength", "the packets' IP datagram lengths", "bytes", "bytes^2", NEVER, NEVER,
               MISSING(NO_LENGTH_SPREAD, EQUAL_LENGTHS, "-10"),
               MISSING(NO_LENGTH_SPREAD, EQUAL_LENGTHS, "-10"), NEVER),
    STATISTICS("PacketTime", "the packets' times since the row's first packet", "s", "s^2", NEVER,
               NEVER, MISSING(NO_DURATION, ALL_AT_ONCE, "-10"),
               MISSING(NO_DURATION, ALL_AT_ONCE, "-10"),
               MISSING(NO_TIME_MEAN, "The mean of the packets' times is 0.", "-1")),
    STATISTICS("ResponseTimeTime",
               "the times from a packet of the originator to the next one, if the responder's", "s",
               "s^2", MISSING(NO_RESPONSE, NO_ANSWER, "-1"), MISSING(NO_RESPONSE, NO_ANSWER, ""),
               MISSING_RESPONSE(NO_RESPONSE_SPREAD, EQUAL_RESPONSES, "-10", ""),
               MISSING_RESPONSE(NO_RESPONSE_SPREAD, EQUAL_RESPONSES, "-10", "-0.0"),
               MISSING_RESPONSE(NO_RESPONSE_MEAN, RESPONSES_AT_ONCE, "-1", "1.0")),
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

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

static void extract(const struct flow *flow, int64_t *work, double *x)
{
    int64_t *scratch = work + flow->n_samples;
    struct stats stats;
    int64_t duration_ns;
    size_t n;

    n = list_lengths(flow, work);
    stats_of(work, n, scratch, 1, &stats);
    put_stats(x + LENGTHS, &stats);
    n = list_responses(flow, work);
    stats_of(work, n, scratch, NANOS_PER_SECOND, &stats);
    put_stats(x + RESPONSES, &stats);
    n = list_times(flow, work);
    stats_of(work, n, scratch, NANOS_PER_SECOND, &stats);
    put_stats(x + TIMES, &stats);
    duration_ns = nanos_between(work[0], work[n - 1]); /* sorted by now */
    x[DURATION] = (double)duration_ns / (double)NANOS_PER_SECOND;
    x[DURATION + 1] = (double)flow->bytes[FLOW_TO_SERVER];
    x[DURATION + 2] = rate(flow->bytes[FLOW_TO_SERVER], duration_ns);
    x[DURATION + 3] = (double)flow->bytes[FLOW_TO_CLIENT];
    x[DURATION + 4] = rate(flow->bytes[FLOW_TO_CLIENT], duration_ns);
}

static bool no_response(const double *x)
{
    return isnan(x[RESPONSE_MEAN]);
}

const struct feature_set doh_set = {
    .name = "doh",
    .version = "doh-v1",
    .source = "CIRA-CIC-DoHBrw-2020 (DoHLyzer's DoHMeter), over da3dd's native rows",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .extract = extract,
    .no_response = no_response,
};
