#include "features/doh.h"

#include <math.h>
#include <stdio.h>

#include "flow_rows.h"

enum { N = 29, SAMPLES_MAX = 4096 };

static const char *const published[N] = {
    "Duration",
    "FlowBytesSent",
    "FlowSentRate",
    "FlowBytesReceived",
    "FlowReceivedRate",
    "PacketLengthVariance",
    "PacketLengthStandardDeviation",
    "PacketLengthMean",
    "PacketLengthMedian",
    "PacketLengthMode",
    "PacketLengthSkewFromMedian",
    "PacketLengthSkewFromMode",
    "PacketLengthCoefficientofVariation",
    "PacketTimeVariance",
    "PacketTimeStandardDeviation",
    "PacketTimeMean",
    "PacketTimeMedian",
    "PacketTimeMode",
    "PacketTimeSkewFromMedian",
    "PacketTimeSkewFromMode",
    "PacketTimeCoefficientofVariation",
    "ResponseTimeTimeVariance",
    "ResponseTimeTimeStandardDeviation",
    "ResponseTimeTimeMean",
    "ResponseTimeTimeMedian",
    "ResponseTimeTimeMode",
    "ResponseTimeTimeSkewFromMedian",
    "ResponseTimeTimeSkewFromMode",
    "ResponseTimeTimeCoefficientofVariation",
};

/* A row out of samples; the fields that the columns need. */
static struct flow make_flow(const struct flow_sample *samples, uint32_t n)
{
    struct flow flow = {.samples = samples, .n_samples = n, .start_ns = samples[0].ts_ns};

    for (uint32_t i = 0; i < n; i++) {
        flow.pkts[samples[i].dir]++;
        flow.bytes[samples[i].dir] += samples[i].len;
    }
    return flow;
}

static void extract(const struct flow_sample *samples, uint32_t n, double *x)
{
    static int64_t work[2 * SAMPLES_MAX];
    struct flow flow = make_flow(samples, n);

    doh_set.extract(&flow, work, x);
}

/* As a CSV cell shows it. */
static const char *cell(const double *x, size_t column)
{
    static char text[32];

    if (isnan(x[column]))
        return feature_sentinel(&doh_set, x, column);
    snprintf(text, sizeof text, "%.6g", x[column]);
    return text;
}

static void expect_cells(const struct flow_sample *samples, uint32_t n, const char *const want[N])
{
    double x[N];

    extract(samples, n, x);
    for (size_t i = 0; i < N; i++)
        cr_expect_str_eq(cell(x, i), want[i], "%s: %s, not %s", published[i], cell(x, i), want[i]);
}

Test(doh, columns_as_published)
{
    cr_assert_eq(doh_set.n_columns, N);
    for (size_t i = 0; i < N; i++)
        cr_expect_str_eq(doh_set.columns[i].name, published[i]);
}

Test(doh, by_hand)
{
    static const struct flow_sample samples[] = {
        {5000000000, 60, 0}, {5010000000, 40, 1}, {5030000000, 100, 0}, {5060000000, 40, 1}};

    expect_cells(samples, 4,
                 (const char *const[N]){"0.06",     "160",      "2666.67",  "80",       "1333.33",
                                        "600",      "24.4949",  "60",       "50",       "40",
                                        "1.22474",  "0.816497", "0.408248", "0.000525", "0.0229129",
                                        "0.025",    "0.02",     "0",        "0.654654", "1.09109",
                                        "0.916515", "0.0001",   "0.01",     "0.02",     "0.02",
                                        "0.01",     "0",        "1",        "0.5"});
}

Test(doh, one_packet)
{
    static const struct flow_sample samples[] = {{123456789, 52, 0}};

    expect_cells(samples, 1,
                 (const char *const[N]){"0",  "52", "-1",  "0",    "-1", "0",  "0",  "52",
                                        "52", "52", "-10", "-10",  "0",  "0",  "0",  "0",
                                        "0",  "0",  "-10", "-10",  "-1", "-1", "-1", "-1",
                                        "",   "-1", "",    "-0.0", "1.0"});
}

Test(doh, no_response)
{
    static const struct flow_sample samples[] = {{0, 50, 1}, {1000000000, 70, 0}};

    expect_cells(samples, 2,
                 (const char *const[N]){"1",   "70", "70", "50",   "50",       "100",  "10",  "60",
                                        "60",  "50", "0",  "1",    "0.166667", "0.25", "0.5", "0.5",
                                        "0.5", "0",  "0",  "1",    "1",        "-1",   "-1",  "-1",
                                        "",    "-1", "",   "-0.0", "1.0"});
}

Test(doh, all_at_the_same_time)
{
    static const struct flow_sample samples[] = {{7, 40, 0}, {7, 60, 1}};

    expect_cells(samples, 2,
                 (const char *const[N]){"0",  "40", "-1",  "60",  "-1",  "100", "10", "50",
                                        "50", "40", "0",   "1",   "0.2", "0",   "0",  "0",
                                        "0",  "0",  "-10", "-10", "-1",  "0",   "0",  "0",
                                        "0",  "0",  "-10", "-10", "-1"});
}

Test(doh, one_response_and_equal_lengths)
{
    static const struct flow_sample samples[] = {{0, 40, 0}, {500000000, 40, 1}};

    expect_cells(samples, 2,
                 (const char *const[N]){"0.5",  "40",  "80",  "40",  "80", "0",      "0",    "40",
                                        "40",   "40",  "-10", "-10", "0",  "0.0625", "0.25", "0.25",
                                        "0.25", "0",   "0",   "1",   "1",  "0",      "0",    "0.5",
                                        "0.5",  "0.5", "-10", "-10", "0"});
}

static uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Now and then all times, or all lengths, are the same. Returns how many samples. */
static uint32_t random_samples(uint64_t *state, struct flow_sample *samples)
{
    uint32_t n = 1 + (uint32_t)(random64(state) % 12);
    uint64_t pace = random64(state) % 4 * 1000, lengths = 1 + random64(state) % 3;
    int64_t ts_ns = (int64_t)(random64(state) % 1000000);

    for (uint32_t i = 0; i < n; i++) {
        ts_ns += pace > 0 ? (int64_t)(random64(state) % pace) - 300 : 0;
        samples[i] = (struct flow_sample){.ts_ns = ts_ns,
                                          .len = (20 + random64(state) % lengths) & 0xffff,
                                          .dir = (uint32_t)random64(state) & 1};
    }
    return n;
}

Test(doh, groups_are_missing_together)
{
    uint64_t state = 17;
    size_t missing_seen[7] = {0};

    for (int round = 0; round < 5000; round++) {
        struct flow_sample samples[12];
        uint32_t n = random_samples(&state, samples);
        int missing[7] = {-1, -1, -1, -1, -1, -1, -1};
        double x[N];

        extract(samples, n, x);
        for (size_t i = 0; i < N; i++) {
            unsigned group = doh_set.columns[i].missing_group;

            cr_assert_lt(group, 7);
            cr_assert(isnan(x[i]) || isfinite(x[i]));
            cr_assert(group > 0 || !isnan(x[i]), "%s", published[i]);
            cr_assert_eq(group > 0, doh_set.columns[i].sentinel != NULL);
            cr_assert_eq(group > 0, doh_set.columns[i].missing != NULL);
            if (missing[group] < 0)
                missing[group] = isnan(x[i]);
            cr_assert_eq(missing[group], isnan(x[i]) != 0, "%s", published[i]);
            missing_seen[group] += isnan(x[i]) != 0;
        }
    }
    for (unsigned group = 1; group < 7; group++)
        cr_expect_gt(missing_seen[group], 0, "%u", group);
}

Test(doh, absolute_time_does_not_matter)
{
    uint64_t state = 23;

    for (int round = 0; round < 1000; round++) {
        struct flow_sample samples[12];
        uint32_t n = random_samples(&state, samples);
        double x[N], shifted[N];

        extract(samples, n, x);
        for (uint32_t i = 0; i < n; i++)
            samples[i].ts_ns += 1700000000123456789;
        extract(samples, n, shifted);
        for (size_t i = 0; i < N; i++)
            cr_assert(x[i] == shifted[i] || (isnan(x[i]) && isnan(shifted[i])));
    }
}

/* Lengths and directions do not reach the time columns, nor times the length columns. */
Test(doh, columns_see_what_they_should)
{
    struct flow_sample samples[12];
    uint64_t state = 29;
    uint32_t n;
    double x[N], y[N];

    do
        n = random_samples(&state, samples);
    while (n < 6);
    extract(samples, n, x);
    for (uint32_t i = 0; i < n; i++) {
        samples[i].len = (40 + 1000 * i) & 0xffff;
        samples[i].dir ^= 1;
    }
    extract(samples, n, y);
    cr_expect_arr_eq(x + 13, y + 13, 8 * sizeof *x, "PacketTime");
    cr_expect_eq(x[0], y[0]);
    for (uint32_t i = 0; i < n; i++)
        samples[i].ts_ns += 1000 * i;
    extract(samples, n, x);
    cr_expect_arr_eq(x + 5, y + 5, 8 * sizeof *x, "PacketLength");
}

static double flow_x[N];

static void extract_sink(void *ctx, const struct flow *flow)
{
    doh_set.extract(flow, ctx, flow_x);
}

/* 'Sent' is the originator's even if the capture begins with the responder. */
Test(doh, sent_is_the_originators)
{
    static const uint8_t key[16];
    static int64_t work[2 * SAMPLES_MAX];
    struct flow_config config = rows_config();
    struct flow_table *table = flow_table_new(&config, key, extract_sink, work);
    struct packet answer = make_packet(IP_PROTO_UDP, 2, 53, 1, 50000);
    struct packet query = make_packet(IP_PROTO_UDP, 1, 50000, 2, 53);

    query.ip_len = 60;
    query.ts_ns = SECOND;
    flow_update(table, &answer);
    flow_update(table, &query);
    flow_flush(table);
    flow_table_free(table);
    cr_expect_eq(flow_x[1], 60);
    cr_expect_eq(flow_x[3], 100);
}
