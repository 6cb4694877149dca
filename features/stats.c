#include "stats.h"

#include <string.h>

enum { RUN = 16 };

static void sort_run(int64_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        int64_t value = values[i];
        size_t j = i;

        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

/* Merges values[0..middle) and values[middle..n), each sorted. scratch: room for middle values. */
static void merge(int64_t *values, size_t middle, size_t n, int64_t *scratch)
{
    size_t left = 0, right = middle, to = 0;

    if (values[middle - 1] <= values[middle])
        return;
    memcpy(scratch, values, middle * sizeof *values);
    while (left < middle && right < n)
        values[to++] = values[right] < scratch[left] ? values[right++] : scratch[left++];
    memcpy(values + to, scratch + left, (middle - left) * sizeof *values);
}

/* Merge sort; packet times come nearly sorted, and then no merge moves anything. */
static void sort(int64_t *values, size_t n, int64_t *scratch)
{
    for (size_t i = 0; i < n; i += RUN)
        sort_run(values + i, n - i < RUN ? n - i : RUN);
    for (size_t width = RUN; width < n; width *= 2)
        for (size_t i = 0; n - i > width; i += n - i > 2 * width ? 2 * width : n - i)
            merge(values + i, width, n - i < 2 * width ? n - i : 2 * width, scratch);
}

static int64_t mode_of(const int64_t *sorted, size_t n)
{
    size_t longest = 0;
    int64_t mode = sorted[0];

    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end] == sorted[i];)
            end++;
        if (end - i > longest) {
            longest = end - i;
            mode = sorted[i];
        }
    }
    return mode;
}

static stats_wide sum_of(const int64_t *values, size_t n)
{
    stats_wide sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

/* Two passes: about an integer near the mean, then corrected by what that one is off. */
static long double variance_of(const int64_t *values, size_t n, stats_wide sum)
{
    int64_t near = (int64_t)(sum / (stats_wide)n);
    long double off = (long double)(sum - (stats_wide)n * near);
    long double squares = 0;

    for (size_t i = 0; i < n; i++) {
        long double distance = (long double)((stats_wide)values[i] - near);
        squares += distance * distance;
    }
    return (squares - off * off / (long double)n) / (long double)n;
}

static const struct stats undefined = {
    STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED,
    STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED,
};

void stats_finish(const struct stats_summary *summary, int64_t unit, struct stats *out)
{
    long double count = (long double)summary->n, one = (long double)unit;
    long double sum = (long double)summary->sum, deviation;

    *out = undefined;
    if (summary->n == 0)
        return;
    deviation = sqrtl(summary->variance);
    out->mean = (double)(sum / count / one);
    out->median = (double)((long double)summary->twice_median / 2 / one);
    out->mode = (double)((long double)summary->mode / one);
    out->variance = (double)(summary->variance / one / one);
    out->deviation = (double)(deviation / one);
    if (summary->sum != 0)
        out->variation = (double)(deviation * count / sum);
    if (summary->variance > 0) {
        stats_wide n = (stats_wide)summary->n;
        long double from_median = (long double)(2 * summary->sum - n * summary->twice_median);
        long double from_mode = (long double)(summary->sum - n * summary->mode);

        out->skew_median = (double)(3 * from_median / (2 * count) / deviation);
        out->skew_mode = (double)(from_mode / count / deviation);
    }
}

void stats_of(int64_t *values, size_t n, int64_t *scratch, int64_t unit, struct stats *out)
{
    struct stats_summary summary = {.n = n};

    if (n > 0) {
        sort(values, n, scratch);
        summary.sum = sum_of(values, n);
        summary.twice_median = (stats_wide)values[(n - 1) / 2] + values[n / 2];
        summary.mode = mode_of(values, n);
        if (values[0] < values[n - 1])
            summary.variance = variance_of(values, n, summary.sum);
    }
    stats_finish(&summary, unit, out);
}
