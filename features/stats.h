/* stats.h - eight statistics of a list of integers, exact but for the last rounding. */
#ifndef FEATURES_STATS_H
#define FEATURES_STATS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_UNDEFINED ((double)NAN)

/* In the order of the CIRA-CIC-DoHBrw-2020 columns. STATS_UNDEFINED where undefined. */
struct stats {
    double variance;  /* of the population */
    double deviation; /* its square root */
    double mean;
    double median;      /* the middle value, or the mean of the two middle ones */
    double mode;        /* the most frequent value, the smallest of several */
    double skew_median; /* 3 (mean - median) / deviation; undefined if all values are equal */
    double skew_mode;   /* (mean - mode) / deviation; undefined if all values are equal */
    double variation;   /* deviation / mean; undefined if the mean is 0 */
};

/* Sums of many int64_t. */
__extension__ typedef __int128 stats_wide;

/* What the eight are made of, in the list's own unit. */
struct stats_summary {
    size_t n; /* 0: the rest does not matter */
    stats_wide sum;
    stats_wide twice_median;
    int64_t mode;
    long double variance; /* of the population; 0 only if all values are equal */
};

/* unit: what makes 1 in the result. All of *out is undefined if n is 0. */
void stats_finish(const struct stats_summary *summary, int64_t unit, struct stats *out);

/* values: n of them, sorted by the call; scratch: room for n more. unit: what makes 1 in the
 * result (1 for bytes; 1e9 for seconds out of nanoseconds). All of *out is undefined if n is 0.
 * O(n log n); O(n) if the values come sorted. */
void stats_of(int64_t *values, size_t n, int64_t *scratch, int64_t unit, struct stats *out);

#endif
