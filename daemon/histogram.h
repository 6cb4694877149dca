/* histogram.h - how long things took: counts in buckets of a fixed relative width, as HDR
 * histograms have them. Whatever the span, a percentile is exact to 1/32. */
#ifndef DAEMON_HISTOGRAM_H
#define DAEMON_HISTOGRAM_H

#include <stdint.h>

/* Values below 32 have a bucket each; above, each power of two has 32. */
enum { HISTOGRAM_STEPS = 32, HISTOGRAM_BUCKETS = HISTOGRAM_STEPS * (64 - 5 + 1) };

struct histogram {
    uint64_t count[HISTOGRAM_BUCKETS];
    uint64_t n;
    uint64_t max;
};

/* At first, and to begin anew: {0}. */
void histogram_add(struct histogram *histogram, uint64_t value);

void histogram_merge(struct histogram *histogram, const struct histogram *more);

/* The least value, rounded up within its bucket, that a share of all (in (0,1]) does not exceed; 0
 * if there are none. */
uint64_t histogram_percentile(const struct histogram *histogram, double share);

#endif
