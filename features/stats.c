#include "stats.h"

#include <string.h>

__extension__ typedef __int128 wide;

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

static wide sum_of(const int64_t *values, size_t n)
{
    wide sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

/* Two passes: about an integer near the mean, then corrected by what that one is off. */
static long double variance_of(const int64_t *values, size_t n, wide sum)
{
    int64_t near = (int64_t)(sum / (wide)n);
    long double off = (long double)(sum - (wide)n * near);
    long double squares = 0;

    for (size_t i = 0; i < n; i++) {
        long double distance = (long double)((wide)values[i] - near);
        squares += distance * distance;
    }
    return (squares - off * off / (long double)n) / (long double)n;
}

static const struct stats undefined = {
    STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED,
    STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED, STATS_UNDEFINED,
};

void stats_of(int64_t *values, size_t n, int64_t *scratch, int64_t unit, struct stats *out)
{
    long double count = (long double)n, one = (long double)unit;
    long double variance, deviation;
    wide sum, middle;
    int64_t mode;

    if (n == 0) {
        *out = undefined;
        return;
    }
    sort(values, n, scratch);
    sum = sum_of(values, n);
    middle = (wide)values[(n - 1) / 2] + values[n / 2]; /* twice the median */
    mode = mode_of(values, n);
    *out = undefined;
    out->mean = (double)((long double)sum / count / one);
    out->median = (double)((long double)middle / 2 / one);
    out->mode = (double)((long double)mode / one);
    variance = values[0] < values[n - 1] ? variance_of(values, n, sum) : 0;
    deviation = sqrtl(variance);
    out->variance = (double)(variance / one / one);
    out->deviation = (double)(deviation / one);
    if (sum != 0)
        out->variation = (double)(deviation * count / (long double)sum);
    if (values[0] == values[n - 1])
        return;
    out->skew_median =
        (double)(3 * (long double)(2 * sum - (wide)n * middle) / (2 * count) / deviation);
    out->skew_mode = (double)((long double)(sum - (wide)n * mode) / count / deviation);
}
