#include "rank_gauss.h"

#include <math.h>
#include <stdlib.h>

static const double share_min = 0.001;

/* How far a score that was rounded to a float may be off. */
static const double score_noise = 1e-6;

/* Newton's method: from .5 outwards the distribution is concave, so that steps never overshoot. */
double normal_quantile(double p)
{
    const double upper = fmax(p, 1.0 - p);
    double z = 0.0, step = 1.0;
    for (int i = 0; i < 100 && step > 1e-12; i++) {
        double above = 0.5 * erfc(z * M_SQRT1_2);
        double density = exp(-0.5 * z * z) * 0.3989422804014327;
        step = (above - (1.0 - upper)) / density;
        z += step;
    }
    return p < 0.5 ? -z : z;
}

int rank_gauss_alloc(struct rank_gauss *rg, uint32_t n)
{
    *rg = (struct rank_gauss){.n = n, .value = malloc((2 * (size_t)n + 1) * sizeof *rg->value)};
    if (rg->value == NULL) {
        rg->n = 0;
        return -1;
    }
    rg->score = rg->value + n;
    return 0;
}

void rank_gauss_clear(struct rank_gauss *rg)
{
    free(rg->value);
    *rg = (struct rank_gauss){0};
}

/* The run of values that are equal to sorted[first]: the index behind it. */
static size_t run_end(const double *sorted, size_t n, size_t first)
{
    size_t end = first + 1;
    while (end < n && sorted[end] == sorted[first]) {
        end++;
    }
    return end;
}

static size_t count_distinct(const double *sorted, size_t n)
{
    size_t distinct = 0;
    for (size_t first = 0; first < n; first = run_end(sorted, n, first)) {
        distinct++;
    }
    return distinct;
}

/* The score of the values sorted[first .. end - 1], which are equal. */
static double score_of(size_t first, size_t end, size_t n)
{
    double share = 0.5 * (double)(first + end) / (double)n;
    return normal_quantile(fmin(fmax(share, share_min), 1.0 - share_min));
}

/* Adds a knot; where its score is no higher than the last one's it takes that one's place, unless
 * that is the lowest training value's. */
static void add_knot(struct rank_gauss *rg, double value, double score)
{
    if (rg->n > 1 && score <= rg->score[rg->n - 1]) {
        rg->n--;
    }
    rg->value[rg->n] = value;
    rg->score[rg->n] = rg->n > 0 ? fmax(score, rg->score[rg->n - 1] + 1e-9) : score;
    rg->n++;
}

/* Of each step of equal height between the lowest and the highest score, the first value. */
static void fit_knots(struct rank_gauss *rg, const double *sorted, size_t n)
{
    const size_t first_end = run_end(sorted, n, 0);
    const double low = score_of(0, first_end, n);
    size_t last = n - 1;
    while (sorted[last - 1] == sorted[last]) {
        last--;
    }
    const double step = (score_of(last, n, n) - low) / (RANK_GAUSS_KNOTS - 2);
    double next = low;
    for (size_t first = 0, end; first < n; first = end) {
        end = run_end(sorted, n, first);
        double score = score_of(first, end, n);
        if (score >= next || end == n) {
            add_knot(rg, sorted[first], score);
            next = low + step * (floor((score - low) / step) + 1.0);
        }
    }
}

int rank_gauss_fit(struct rank_gauss *rg, const double *sorted, size_t n)
{
    const size_t distinct = n > 0 ? count_distinct(sorted, n) : 0;
    if (rank_gauss_alloc(rg, RANK_GAUSS_KNOTS) != 0) {
        return -1;
    }
    /* Scores lie behind their room, of which no more than n is used. */
    rg->n = 0;
    if (distinct > 2) {
        fit_knots(rg, sorted, n);
    } else if (distinct > 0) {
        add_knot(rg, sorted[0], 0.0);
        if (distinct == 2) {
            add_knot(rg, sorted[n - 1], 1.0);
        }
    }
    return 0;
}

/* log(1 + distance / range) of a value beyond the knots. Halves keep differences from overflowing.
 */
static double beyond(const struct rank_gauss *rg, double from, double x)
{
    double range = 0.5 * rg->value[rg->n - 1] - 0.5 * rg->value[0];
    return log1p(fabs(0.5 * x - 0.5 * from) / (range > 0.0 ? range : 0.5));
}

/* The last knot at or below x, which lies between the first and the last. */
static uint32_t knot_below(const struct rank_gauss *rg, double x)
{
    uint32_t low = 0, high = rg->n - 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        *(rg->value[middle] <= x ? &low : &high) = middle;
    }
    return low;
}

static double between(const struct rank_gauss *rg, double x)
{
    const uint32_t i = knot_below(rg, x);
    double width = 0.5 * rg->value[i + 1] - 0.5 * rg->value[i];
    double share = width > 0.0 ? (0.5 * x - 0.5 * rg->value[i]) / width : 0.0;
    return rg->score[i] + share * (rg->score[i + 1] - rg->score[i]);
}

float rank_gauss_apply(const struct rank_gauss *rg, double x)
{
    if (rg->n == 0) {
        return 0.0F;
    }
    const uint32_t last = rg->n - 1;
    double score;
    if (x <= rg->value[0]) {
        score = rg->score[0] - beyond(rg, rg->value[0], x);
    } else if (x >= rg->value[last]) {
        score = rg->score[last] + beyond(rg, rg->value[last], x);
    } else {
        score = between(rg, x);
    }
    return (float)fmin(fmax(score, -RANK_GAUSS_LIMIT), RANK_GAUSS_LIMIT);
}

/* The other way of beyond(). */
static double distance(const struct rank_gauss *rg, double further)
{
    double range = rg->value[rg->n - 1] - rg->value[0];
    return further > score_noise ? expm1(further) * (range > 0.0 ? range : 1.0) : 0.0;
}

double rank_gauss_invert(const struct rank_gauss *rg, double score)
{
    if (rg->n == 0) {
        return (double)NAN;
    }
    const uint32_t last = rg->n - 1;
    if (score <= rg->score[0]) {
        return rg->value[0] - distance(rg, rg->score[0] - score);
    }
    if (score >= rg->score[last] - score_noise) {
        return rg->value[last] + distance(rg, score - rg->score[last]);
    }
    uint32_t i = 0;
    while (rg->score[i + 1] <= score + score_noise) {
        i++;
    }
    double above = score - rg->score[i];
    double share = above > score_noise ? above / (rg->score[i + 1] - rg->score[i]) : 0.0;
    return rg->value[i] + share * (rg->value[i + 1] - rg->value[i]);
}
