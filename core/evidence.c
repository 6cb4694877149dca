#include "evidence.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "ascending.h"

static const double tail_share = 0.1;

/* Of the tail: values are logarithms or logits, of which a tenth is little. Few held-out rows, or
 * rows that are all alike, do not make a view sure of itself. */
static const float scale_min = 0.1F;

int evidence_alloc(struct evidence *e, uint32_t n)
{
    *e = (struct evidence){.n = n, .reference = malloc((n + 1) * sizeof *e->reference)};
    return e->reference != NULL ? 0 : -1;
}

void evidence_clear(struct evidence *e)
{
    free(e->reference);
    *e = (struct evidence){0};
}

/* Mean of what the highest tenth is above its lowest. */
static float mean_excess(const float *values, size_t n, size_t first)
{
    double sum = 0.0;
    for (size_t i = first; i < n; i++) {
        sum += (double)values[i] - (double)values[first];
    }
    return (float)(sum / (double)(n - first));
}

int evidence_fit_ranks(struct evidence *e, float *values, size_t n)
{
    const size_t kept = n < EVIDENCE_REFERENCE_MAX ? n : EVIDENCE_REFERENCE_MAX;
    if (evidence_alloc(e, (uint32_t)kept) != 0) {
        return -1;
    }
    ascending_sort(values, n);
    ascending_pick(values, n, e->reference, kept);
    e->tail = FLT_MAX;
    e->scale = 1.0F;
    return 0;
}

int evidence_fit(struct evidence *e, float *values, size_t n)
{
    if (evidence_fit_ranks(e, values, n) != 0) {
        return -1;
    }
    const size_t first = (size_t)((double)(n - 1) * (1.0 - tail_share));
    e->tail = values[first];
    e->scale = fmaxf(mean_excess(values, n, first), scale_min);
    return 0;
}

double evidence_of(const struct evidence *e, float value)
{
    if (value > e->tail) {
        double beyond = (double)(value - e->tail) / (double)e->scale;
        return fmin(beyond - log(tail_share), EVIDENCE_MAX);
    }
    size_t as_high = e->n - ascending_below(e->reference, e->n, value);
    return 0.0 - log(((double)as_high + 1.0) / ((double)e->n + 1.0)); /* 0, not -0, of a p of 1 */
}
