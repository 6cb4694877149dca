#include "batch_norm.h"

#include <math.h>
#include <string.h>

static const float epsilon = 1e-3F, momentum = 0.99F;

void batch_norm_start(float *params, size_t channels)
{
    for (size_t c = 0; c < channels; c++) {
        params[BATCH_NORM_GAMMA * channels + c] = 1.0F;
        params[BATCH_NORM_MEAN * channels + c] = 0.0F;
        params[BATCH_NORM_VARIANCE * channels + c] = 1.0F;
    }
}

bool batch_norm_plausible(const float *params, size_t channels)
{
    const float *variance = params + BATCH_NORM_VARIANCE * channels;
    for (size_t c = 0; c < channels; c++) {
        if (variance[c] < 0.0F) {
            return false;
        }
    }
    return true;
}

static float *row(const struct batch_norm *norm, size_t which)
{
    return norm->stats + which * norm->channels;
}

/* Rows are summed in float, blocks of rows in double: exact enough for millions of rows. */
enum { BLOCK_ROWS = 64, BLOCK_COLUMNS = 64 };

/* Of a column: sum of x, or of (x - shift) y. All matrices (n, channels). */
struct terms {
    const float *x, *shift, *y; /* shift and y at NULL: the plain sum */
};

static void add_row(const struct terms *terms, size_t at, size_t first, size_t n,
                    float *restrict sum)
{
    const float *restrict x = terms->x + at;
    if (terms->y == NULL) {
        for (size_t j = 0; j < n; j++) {
            sum[j] += x[j];
        }
        return;
    }
    const float *restrict shift = terms->shift + first, *restrict y = terms->y + at;
    for (size_t j = 0; j < n; j++) {
        sum[j] += (x[j] - shift[j]) * y[j];
    }
}

/* Columns from first on, at most BLOCK_COLUMNS of them. */
static void sum_block(const struct batch_norm *norm, const struct terms *terms, size_t first,
                      double scale, float *out)
{
    const size_t left = norm->channels - first, n = left < BLOCK_COLUMNS ? left : BLOCK_COLUMNS;
    double total[BLOCK_COLUMNS] = {0};
    for (size_t i = 0; i < norm->n;) {
        float part[BLOCK_COLUMNS] = {0};
        const size_t end = i + BLOCK_ROWS < norm->n ? i + BLOCK_ROWS : norm->n;
        for (; i < end; i++) {
            add_row(terms, i * norm->channels + first, first, n, part);
        }
        for (size_t j = 0; j < n; j++) {
            total[j] += (double)part[j];
        }
    }
    for (size_t j = 0; j < n; j++) {
        out[first + j] = (float)(scale * total[j]);
    }
}

/* out: channels sums, each times scale. */
static void sum_columns(const struct batch_norm *norm, const struct terms *terms, double scale,
                        float *out)
{
    for (size_t first = 0; first < norm->channels; first += BLOCK_COLUMNS) {
        sum_block(norm, terms, first, scale, out);
    }
}

static void measure_batch(const struct batch_norm *norm, const float *x)
{
    float *mean = row(norm, BATCH_NORM_SHIFT), *spread = row(norm, BATCH_NORM_SPREAD);
    const double share = 1.0 / (double)norm->n;
    sum_columns(norm, &(struct terms){.x = x}, share, mean);
    sum_columns(norm, &(struct terms){x, mean, x}, share, spread);
    for (size_t c = 0; c < norm->channels; c++) {
        spread[c] = spread[c] > 0.0F ? spread[c] : 0.0F; /* not so by rounding alone */
    }
}

static void choose_statistics(const struct batch_norm *norm, const float *x)
{
    const size_t channels = norm->channels;
    float *scale = row(norm, BATCH_NORM_SCALE);
    const float *variance = norm->params + BATCH_NORM_VARIANCE * channels;
    if (norm->training) {
        measure_batch(norm, x);
        variance = row(norm, BATCH_NORM_SPREAD);
    } else {
        memcpy(row(norm, BATCH_NORM_SHIFT), norm->params + BATCH_NORM_MEAN * channels,
               channels * sizeof(float));
    }
    for (size_t c = 0; c < channels; c++) {
        scale[c] = 1.0F / sqrtf(variance[c] + epsilon);
    }
}

void batch_norm_forward(const struct batch_norm *norm, const float *x, float *y)
{
    const size_t channels = norm->channels;
    choose_statistics(norm, x);
    const float *restrict shift = row(norm, BATCH_NORM_SHIFT);
    const float *restrict scale = row(norm, BATCH_NORM_SCALE);
    const float *restrict gamma = norm->params + BATCH_NORM_GAMMA * channels;
    for (size_t i = 0; i < norm->n; i++) {
        const float *restrict in = x + i * channels;
        float *restrict out = y + i * channels;
        for (size_t c = 0; c < channels; c++) {
            out[c] = (in[c] - shift[c]) * (scale[c] * gamma[c]);
        }
    }
}

/* Sum and dot of the output's gradient, which both ways back need. */
static void sum_gradient(const struct batch_norm *norm, const float *x, const float *g)
{
    const float *shift = row(norm, BATCH_NORM_SHIFT), *scale = row(norm, BATCH_NORM_SCALE);
    float *dot = row(norm, BATCH_NORM_DOT);
    sum_columns(norm, &(struct terms){.x = g}, 1.0, row(norm, BATCH_NORM_SUM));
    sum_columns(norm, &(struct terms){x, shift, g}, 1.0, dot);
    for (size_t c = 0; c < norm->channels; c++) {
        dot[c] *= scale[c];
    }
}

void batch_norm_backward_params(const struct batch_norm *norm, const float *x, const float *g,
                                float *grad)
{
    const size_t channels = norm->channels;
    sum_gradient(norm, x, g);
    memset(grad, 0, BATCH_NORM_PARAMS * channels * sizeof *grad);
    memcpy(grad + BATCH_NORM_GAMMA * channels, row(norm, BATCH_NORM_DOT), channels * sizeof *grad);
}

/* dx = gamma scale (g - sum / n - xhat dot / n), xhat being the normalised x; elsewhere than in
 * training without the sums. */
void batch_norm_backward_input(const struct batch_norm *norm, const float *x, const float *g,
                               float beta, float *grad_x)
{
    const size_t channels = norm->channels;
    const float share = norm->training ? 1.0F / (float)norm->n : 0.0F;
    if (norm->training) {
        sum_gradient(norm, x, g);
    } else {
        memset(row(norm, BATCH_NORM_SUM), 0, channels * sizeof(float));
        memset(row(norm, BATCH_NORM_DOT), 0, channels * sizeof(float));
    }
    const float *restrict shift = row(norm, BATCH_NORM_SHIFT);
    const float *restrict scale = row(norm, BATCH_NORM_SCALE);
    const float *restrict sum = row(norm, BATCH_NORM_SUM), *restrict dot =
                                                               row(norm, BATCH_NORM_DOT);
    const float *restrict gamma = norm->params + BATCH_NORM_GAMMA * channels;
    for (size_t i = 0; i < norm->n; i++) {
        const float *restrict in = x + i * channels, *restrict by_y = g + i * channels;
        float *restrict out = grad_x + i * channels;
        for (size_t c = 0; c < channels; c++) {
            float normalised = (in[c] - shift[c]) * scale[c];
            float centred = by_y[c] - share * (sum[c] + normalised * dot[c]);
            out[c] = (beta != 0.0F ? out[c] : 0.0F) + gamma[c] * scale[c] * centred;
        }
    }
}

void batch_norm_track(const struct batch_norm *norm, float *params)
{
    const size_t channels = norm->channels;
    const float *mean = row(norm, BATCH_NORM_SHIFT), *spread = row(norm, BATCH_NORM_SPREAD);
    const float unbiased = norm->n > 1 ? (float)norm->n / (float)(norm->n - 1) : 1.0F;
    float *running_mean = params + BATCH_NORM_MEAN * channels;
    float *running_variance = params + BATCH_NORM_VARIANCE * channels;
    for (size_t c = 0; c < channels; c++) {
        float variance = unbiased * spread[c];
        running_mean[c] += (1.0F - momentum) * (mean[c] - running_mean[c]);
        running_variance[c] += (1.0F - momentum) * (variance - running_variance[c]);
    }
}
