#include "sketch.h"

void sketch_init(struct sketch *sketch, uint32_t *buckets, uint8_t bits, uint8_t max_log2)
{
    *sketch = (struct sketch){.buckets = buckets, .bits = bits, .max_log2 = max_log2};
}

/* Below 2^(bits+1): the value itself. Above, all but its first bits+1 binary digits are dropped,
 * and each digit dropped leads to the next 2^bits buckets. */
static size_t bucket_of(const struct sketch *sketch, int64_t value)
{
    uint64_t v = value > 0 ? (uint64_t)value : 0;
    unsigned dropped;

    if (v >> sketch->max_log2 != 0)
        v = (UINT64_C(1) << sketch->max_log2) - 1;
    if (v >> (sketch->bits + 1) == 0)
        return (size_t)v;
    dropped = 63 - (unsigned)__builtin_clzll(v) - sketch->bits;
    return ((size_t)dropped << sketch->bits) + (size_t)(v >> dropped);
}

/* The middle of the bucket, as far as it lies within the range. */
static int64_t value_of(const struct sketch *sketch, size_t bucket)
{
    size_t group = bucket >> sketch->bits;
    size_t dropped = group > 1 ? group - 1 : 0;
    uint64_t digits = bucket - (dropped << sketch->bits);
    int64_t value = (int64_t)((digits << dropped) + ((UINT64_C(1) << dropped) >> 1));

    if (value < sketch->min)
        return sketch->min;
    return value > sketch->max ? sketch->max : value;
}

void sketch_add(struct sketch *sketch, int64_t value)
{
    int64_t distance;

    if (sketch->n == 0)
        sketch->origin = sketch->min = sketch->max = value;
    distance = value - sketch->origin;
    sketch->n++;
    sketch->sum += distance;
    sketch->squares += (stats_wide)distance * distance;
    sketch->min = value < sketch->min ? value : sketch->min;
    sketch->max = value > sketch->max ? value : sketch->max;
    sketch->buckets[bucket_of(sketch, value)]++;
}

/* The value of this rank, from 0. */
static int64_t value_at(const struct sketch *sketch, uint64_t rank)
{
    uint64_t below = 0;
    size_t i = 0;

    while (below + sketch->buckets[i] <= rank)
        below += sketch->buckets[i++];
    return value_of(sketch, i);
}

static int64_t mode_of(const struct sketch *sketch)
{
    size_t n = SKETCH_BUCKETS(sketch->bits, sketch->max_log2), fullest = 0;

    for (size_t i = 1; i < n; i++)
        if (sketch->buckets[i] > sketch->buckets[fullest])
            fullest = i;
    return value_of(sketch, fullest);
}

static long double variance_of(const struct sketch *sketch)
{
    long double n = (long double)sketch->n, sum = (long double)sketch->sum;

    if (sketch->min == sketch->max)
        return 0;
    return ((long double)sketch->squares - sum * sum / n) / n;
}

void sketch_stats(const struct sketch *sketch, const int64_t *mode, int64_t unit, struct stats *out)
{
    struct stats_summary summary = {.n = sketch->n};

    if (sketch->n > 0) {
        summary.sum = sketch->sum + (stats_wide)sketch->n * sketch->origin;
        summary.twice_median =
            (stats_wide)value_at(sketch, (sketch->n - 1) / 2) + value_at(sketch, sketch->n / 2);
        summary.mode = mode != NULL ? *mode : mode_of(sketch);
        summary.variance = variance_of(sketch);
    }
    stats_finish(&summary, unit, out);
}
