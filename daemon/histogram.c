#include "histogram.h"

#include <math.h>
#include <stddef.h>

enum { STEP_BITS = 5 };

_Static_assert(HISTOGRAM_STEPS == 1 << STEP_BITS, "steps are a power of two");

/* How far a value of at least HISTOGRAM_STEPS is shifted to have STEP_BITS + 1 bits. */
static unsigned shift_of(uint64_t value)
{
    return value < HISTOGRAM_STEPS ? 0 : 63 - STEP_BITS - (unsigned)__builtin_clzll(value);
}

static size_t bucket_of(uint64_t value)
{
    const unsigned shift = shift_of(value);

    return shift * (size_t)HISTOGRAM_STEPS + (value >> shift);
}

/* The largest value of a bucket. */
static uint64_t top_of(size_t bucket)
{
    const unsigned shift =
        bucket < 2 * HISTOGRAM_STEPS ? 0 : (unsigned)(bucket / HISTOGRAM_STEPS) - 1;
    const uint64_t step = bucket - shift * (size_t)HISTOGRAM_STEPS;

    return (step << shift) + ((UINT64_C(1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->count[bucket_of(value)]++;
    histogram->n++;
    if (value > histogram->max)
        histogram->max = value;
}

void histogram_merge(struct histogram *histogram, const struct histogram *more)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->count[i] += more->count[i];
    histogram->n += more->n;
    if (more->max > histogram->max)
        histogram->max = more->max;
}

uint64_t histogram_percentile(const struct histogram *histogram, double share)
{
    const double wanted = ceil(share * (double)histogram->n);
    uint64_t seen = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->count[i];
        if (histogram->count[i] > 0 && (double)seen >= wanted)
            return top_of(i) < histogram->max ? top_of(i) : histogram->max;
    }
    return histogram->max;
}
