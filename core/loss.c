#include "loss.h"

#include <math.h>

#include "vmath.h"

/* Terms are computed a chunk at a time, where they vectorise, then summed in double. */
enum { CHUNK = 64 };

static size_t chunk_at(size_t done, size_t n)
{
    return n - done < CHUNK ? n - done : CHUNK;
}

/* In eight lanes, which vectorise. */
VMATH_INLINE double sum(const float *terms, size_t n)
{
    double lane[8] = {0}, total = 0;
    for (size_t i = 0; i + 8 <= n; i += 8) {
        for (size_t j = 0; j < 8; j++) {
            lane[j] += (double)terms[i + j];
        }
    }
    for (size_t i = n / 8 * 8; i < n; i++) {
        total += (double)terms[i];
    }
    for (size_t j = 0; j < 8; j++) {
        total += lane[j];
    }
    return total;
}

/* -t ln s - (1 - t) ln (1 - s) with s = sigmoid(z) = max(z, 0) - z t + ln(1 + e^-|z|). */
VMATH_INLINE float cross_entropy(float z, float t)
{
    float e = vmath_exp(-fabsf(z));
    float small = e - 0.5F * e * e, large = vmath_log(1.0F + e);
    return (z > 0.0F ? z : 0.0F) - z * t + (e < 1e-3F ? small : large);
}

/* targets: n of them, or one if step is 0. */
VMATH_WIDE
static double cross_entropy_mean(const float *logits, const float *targets, size_t step, size_t n,
                                 float *grad)
{
    const float scale = 1.0F / (float)n;
    double total = 0;
    for (size_t done = 0; done < n; done += CHUNK) {
        float terms[CHUNK];
        const float *z = logits + done, *t = targets + done * step;
        size_t m = chunk_at(done, n);
        for (size_t i = 0; i < m; i++) {
            terms[i] = cross_entropy(z[i], t[i * step]);
            grad[done + i] = (vmath_sigmoid(z[i]) - t[i * step]) * scale;
        }
        total += sum(terms, m);
    }
    return total / (double)n;
}

double loss_cross_entropy(const float *logits, const float *targets, size_t n, float *grad)
{
    return cross_entropy_mean(logits, targets, 1, n, grad);
}

double loss_cross_entropy_label(const float *logits, float target, size_t n, float *grad)
{
    return cross_entropy_mean(logits, &target, 0, n, grad);
}

double loss_squared(const float *values, const float *targets, size_t n, float *grad)
{
    const float scale = 2.0F / (float)n;
    double total = 0;
    for (size_t done = 0; done < n; done += CHUNK) {
        float terms[CHUNK];
        size_t m = chunk_at(done, n);
        for (size_t i = 0; i < m; i++) {
            float off = values[done + i] - targets[done + i];
            terms[i] = off * off;
            grad[done + i] = scale * off;
        }
        total += sum(terms, m);
    }
    return total / (double)n;
}

double loss_mean(const float *values, size_t n, float weight, float *grad)
{
    for (size_t i = 0; i < n; i++) {
        grad[i] = weight / (float)n;
    }
    return (double)weight * sum(values, n) / (double)n;
}

double loss_mean_sigmoid(const float *logits, size_t n, float *grad)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        float s = vmath_sigmoid(logits[i]);
        grad[i] = s * (1.0F - s) / (float)n;
        total += isnan(logits[i]) ? (double)NAN : (double)s;
    }
    return total / (double)n;
}
