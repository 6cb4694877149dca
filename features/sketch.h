/* sketch.h - the statistics of a list of integers that is too long to be kept: one pass, fixed
 * memory, O(1) for each value.
 *
 * Count, mean, variance and range are exact (integer sums about the first value; but for the last
 * roundings). Median and mode come from a histogram whose buckets are as wide as their place:
 * values below 2^(bits+1) have one of their own; above, 2^bits buckets divide each power of two
 * (HdrHistogram's layout), and a bucket stands for its middle, at most 2^-(bits+1) of the value
 * away. So
 *   median  is the exact one within 2^-(bits+1) of it;
 *   mode    is the mode of the values thus rounded: the middle of the fullest bucket, the smallest
 *           of several.
 * Both stay within the range. Negative values count as 0 in the histogram, as those from 2^max_log2
 * on count as the largest below. Source: G. Tene, HdrHistogram (hdrhistogram.org). */
#ifndef FEATURES_SKETCH_H
#define FEATURES_SKETCH_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/* How many buckets a sketch of values below 2^max_log2 has; bits < max_log2 < 63. */
#define SKETCH_BUCKETS(bits, max_log2) ((size_t)((max_log2) - (bits) + 1) << (bits))

struct sketch {
    uint32_t *buckets; /* SKETCH_BUCKETS(bits, max_log2) of them, the caller's */
    uint8_t bits, max_log2;
    uint32_t n;
    int64_t origin; /* the first value */
    int64_t min, max;
    stats_wide sum, squares; /* of (value - origin) and of its square */
};

/* So many values, no two of them further apart than 2^49, do not overflow the sums. */
enum { SKETCH_VALUES_MAX = 1 << 28 };

/* buckets: zeroed; must outlive the sketch. */
void sketch_init(struct sketch *sketch, uint32_t *buckets, uint8_t bits, uint8_t max_log2);

void sketch_add(struct sketch *sketch, int64_t value);

/* What stats_of() says of the list, within the bounds above. mode: NULL, or a mode that the caller
 * knows better. */
void sketch_stats(const struct sketch *sketch, const int64_t *mode, int64_t unit,
                  struct stats *out);

#endif
