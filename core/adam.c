#include "adam.h"

#include <math.h>
#include <string.h>

#include "matrix.h"
#include "vmath.h"

static const float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-7F;

int adam_init(struct adam *adam, size_t n)
{
    *adam = (struct adam){.n = n, .grad = matrix_alloc(3, n)};
    if (adam->grad == NULL) {
        return -1;
    }
    memset(adam->grad, 0, 3 * n * sizeof(float));
    adam->m = adam->grad + n;
    adam->v = adam->grad + 2 * n;
    return 0;
}

void adam_clear(struct adam *adam)
{
    free(adam->grad);
    *adam = (struct adam){0};
}

/* In double and in eight lanes: exact enough for millions of terms, and vectorisable. */
VMATH_WIDE
static double sum_of_squares(const float *x, size_t n)
{
    double lane[8] = {0}, sum = 0;
    for (size_t i = 0; i + 8 <= n; i += 8) {
        for (size_t j = 0; j < 8; j++) {
            lane[j] += (double)x[i + j] * (double)x[i + j];
        }
    }
    for (size_t i = n / 8 * 8; i < n; i++) {
        sum += (double)x[i] * (double)x[i];
    }
    for (size_t j = 0; j < 8; j++) {
        sum += lane[j];
    }
    return sum;
}

VMATH_WIDE
static void bound_norm(struct adam *adam, float max_norm)
{
    double norm = sqrt(sum_of_squares(adam->grad, adam->n));
    if (norm > (double)max_norm) {
        float scale = (float)((double)max_norm / norm);
        for (size_t i = 0; i < adam->n; i++) {
            adam->grad[i] *= scale;
        }
    }
}

VMATH_WIDE
static void move(struct adam *adam, float *params, float learning_rate)
{
    float *restrict p = params, *restrict m = adam->m, *restrict v = adam->v;
    const float *restrict g = adam->grad;
    const double t = (double)++adam->steps;
    const double correction = sqrt(1.0 - pow((double)beta2, t)) / (1.0 - pow((double)beta1, t));
    const float rate = (float)((double)learning_rate * correction);
    for (size_t i = 0; i < adam->n; i++) {
        m[i] += (1.0F - beta1) * (g[i] - m[i]);
        v[i] += (1.0F - beta2) * (g[i] * g[i] - v[i]);
        p[i] -= rate * m[i] / (sqrtf(v[i]) + epsilon);
    }
}

static void bound_weights(float *params, size_t n, float most)
{
    for (size_t i = 0; i < n; i++) {
        float p = params[i] < most ? params[i] : most;
        params[i] = p > -most ? p : -most;
    }
}

void adam_step(struct adam *adam, float *params, const struct adam_rule *rule)
{
    if (rule->gradient_norm > 0.0F) {
        bound_norm(adam, rule->gradient_norm);
    }
    move(adam, params, rule->learning_rate);
    if (rule->weight > 0.0F) {
        bound_weights(params, adam->n, rule->weight);
    }
}
