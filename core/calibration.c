#include "calibration.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "ascending.h"

/* Rows beyond where the tail begins: a tenth of all, where that is not too few to fit or so many
 * that most are not of the tail. */
enum { TAIL_ROWS_MIN = 50, TAIL_ROWS_MAX = 1000, TAIL_PART = 10, TAIL_PART_MIN = 5 };

/* What A^2 of a true fit exceeds once in a hundred times, whatever the shape from -.5 to .5 (by
 * simulation: tests/golden/pareto_numpy.py --critical). */
static const double misfit_max = 1.6;

/* So far no number of rows lets a tail be extrapolated. */
static const double p_min = 1e-12;

void calibration_clear(struct calibration *calibration)
{
    free(calibration->normals);
    *calibration = (struct calibration){0};
}

/* Draws the shape of few rows towards 0, as so many more rows of that shape would (after Vehtari et
 * al., "Pareto smoothed importance sampling", 2024): logits are log odds, whose tails are mostly
 * near exponential. The mean stays. */
enum { SHAPE_PRIOR_ROWS = 10 };

static void draw_shape(struct pareto *pareto, size_t rows)
{
    const double mean = pareto->scale / (1.0 - fmin(pareto->shape, 0.9));
    pareto->shape *= (double)rows / (double)(rows + SHAPE_PRIOR_ROWS);
    pareto->scale = mean * (1.0 - fmin(pareto->shape, 0.9));
}

/* logits: n ascending, of which the last are above tail->start. */
static int fit_excesses(struct da3d_tail *tail, const float *logits, size_t n)
{
    const size_t rows = tail->rows;
    struct pareto pareto;
    double *excess = malloc(rows * sizeof *excess);
    if (excess == NULL) {
        return -1;
    }
    for (size_t i = 0; i < rows; i++) {
        excess[i] = (double)logits[n - rows + i] - (double)tail->start;
    }
    if (pareto_fit(&pareto, excess, rows)) {
        draw_shape(&pareto, rows);
        tail->shape = pareto.shape;
        tail->scale = pareto.scale;
        tail->misfit = fmin(pareto_misfit(&pareto, excess, rows), 1e9);
        tail->used = tail->misfit <= misfit_max;
    }
    free(excess);
    return 0;
}

/* Rows that are as high as where the tail begins are not beyond it. */
static int fit_tail(struct da3d_tail *tail, const float *logits, size_t n)
{
    size_t rows = n / TAIL_PART;
    rows = rows < TAIL_ROWS_MIN ? TAIL_ROWS_MIN : rows;
    rows = rows > TAIL_ROWS_MAX ? TAIL_ROWS_MAX : rows;
    *tail = (struct da3d_tail){0};
    if (n < TAIL_PART_MIN * rows) {
        return 0;
    }
    size_t first = n - rows;
    tail->start = logits[first - 1];
    while (first < n && logits[first] <= tail->start) {
        first++;
    }
    tail->rows = (uint32_t)(n - first);
    tail->share = ((double)tail->rows + 1.0) / ((double)n + 1.0);
    return tail->rows >= TAIL_ROWS_MIN ? fit_excesses(tail, logits, n) : 0;
}

static double beyond_tail(const struct da3d_tail *tail, float logit)
{
    const struct pareto pareto = {tail->shape, tail->scale};
    return tail->share * pareto_beyond(&pareto, (double)logit - (double)tail->start);
}

double calibration_p_value(const struct calibration *calibration, float logit)
{
    if (calibration->tail.used && logit > calibration->tail.start) {
        return fmax(beyond_tail(&calibration->tail, logit), p_min);
    }
    const size_t k = calibration->n - ascending_below(calibration->normals, calibration->n, logit);
    return ((double)k + 1.0) / ((double)calibration->n + 1.0);
}

/* The lowest logit whose p-value by k of n ascending ones, tied ones together, is up to target. */
static float lowest_by_rank(const float *logits, size_t n, double target)
{
    /* A billionth makes up for rounding: .05 of 20 is one. */
    const double allowed = floor(target * ((double)n + 1.0) - 1.0 + 1e-9);
    size_t first = n - (allowed > 0.0 ? (size_t)allowed : 0);
    while (first > 0 && first < n && logits[first] == logits[first - 1]) {
        first++;
    }
    return first < n ? logits[first] : nextafterf(logits[n - 1], INFINITY);
}

static float lowest_beyond_tail(const struct da3d_tail *tail, double target)
{
    const struct pareto pareto = {tail->shape, tail->scale};
    const double excess = pareto_excess(&pareto, fmin(target / tail->share, 1.0));
    const float logit = (float)fmin((double)tail->start + excess, (double)FLT_MAX);
    /* One step makes up for rounding; it must not be where the tail begins. */
    return nextafterf(fmaxf(logit, tail->start), FLT_MAX);
}

float calibration_logit(const struct calibration *calibration, double p)
{
    const struct da3d_tail *tail = &calibration->tail;
    return tail->used && p < tail->share ? lowest_beyond_tail(tail, p)
                                         : lowest_by_rank(calibration->normals, calibration->n, p);
}

int calibration_fit(struct calibration *calibration, float *logits, size_t n, double target)
{
    const size_t kept = n < CALIBRATION_ROWS_MAX ? n : CALIBRATION_ROWS_MAX;
    *calibration = (struct calibration){.n = (uint32_t)kept};
    calibration->normals = malloc(kept * sizeof *calibration->normals);
    if (calibration->normals == NULL) {
        return -1;
    }
    ascending_sort(logits, n);
    ascending_pick(logits, n, calibration->normals, kept);
    if (fit_tail(&calibration->tail, logits, n) != 0) {
        calibration_clear(calibration);
        return -1;
    }
    calibration->threshold = calibration_logit(calibration, target);
    return 0;
}

void calibration_put(struct bytes_out *out, const struct calibration *calibration)
{
    const struct da3d_tail *tail = &calibration->tail;
    bytes_put_float(out, calibration->threshold);
    bytes_put_u32(out, calibration->n);
    bytes_put_floats(out, calibration->normals, calibration->n);
    bytes_put_u32(out, tail->used);
    bytes_put_u32(out, tail->rows);
    bytes_put_float(out, tail->start);
    bytes_put_double(out, tail->share);
    bytes_put_double(out, tail->shape);
    bytes_put_double(out, tail->scale);
    bytes_put_double(out, tail->misfit);
}

static void get_tail(struct bytes_in *in, struct da3d_tail *tail)
{
    const uint32_t used = bytes_get_u32(in);
    tail->used = used == 1;
    tail->rows = bytes_get_u32(in);
    tail->start = bytes_get_float(in);
    tail->share = bytes_get_double(in);
    tail->shape = bytes_get_double(in);
    tail->scale = bytes_get_double(in);
    tail->misfit = bytes_get_double(in);
    in->bad = in->bad || used > 1 || tail->share < 0.0 || tail->share > 1.0 ||
              (tail->used && !(tail->scale > 0.0));
}

/* The tail must not begin above what its share says: a higher logit would be less odd. */
static bool joins(const struct calibration *calibration)
{
    const struct da3d_tail *tail = &calibration->tail;
    const struct calibration body = {.normals = calibration->normals, .n = calibration->n};
    return !tail->used || tail->share <= calibration_p_value(&body, tail->start);
}

void calibration_get(struct bytes_in *in, struct calibration *calibration)
{
    calibration->threshold = bytes_get_float(in);
    const uint32_t n = bytes_get_u32(in);
    in->bad = in->bad || n == 0 || n > CALIBRATION_ROWS_MAX;
    calibration->normals = in->bad ? NULL : malloc(n * sizeof *calibration->normals);
    in->bad = calibration->normals == NULL;
    if (in->bad) {
        return;
    }
    calibration->n = n;
    bytes_get_floats(in, calibration->normals, n);
    get_tail(in, &calibration->tail);
    in->bad = in->bad || !ascending_is(calibration->normals, n) || !joins(calibration);
}
