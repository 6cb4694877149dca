#include "adam.h"

#include <math.h>
#include <string.h>

#include "matrix.h"
#include "vmath.h"

static const float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-7F;

int adam_init(struct adam *adam, size_t n, size_t n_slices)
{
    *adam = (struct adam){.n = n, .grad = matrix_alloc(n_slices + 2, n)};
    if (adam->grad == NULL) {
        return -1;
    }
    adam->m = adam->grad + n_slices * n;
    adam->v = adam->m + n;
    memset(adam->grad, 0, (n_slices + 2) * n * sizeof(float));
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

/* A step in the making. Threads share it out by ranges of parameters. */
struct step {
    struct adam *adam;
    float *params;
    const struct adam_rule *rule;
    const struct slices *slices;
    float rate; /* with the bias correction */
};

enum { RANGE = 65536 };

struct range {
    size_t begin, end;
};

static struct range range_of(const struct step *s, size_t i)
{
    size_t left = s->adam->n - i * RANGE;
    return (struct range){i * RANGE, i * RANGE + (left < RANGE ? left : RANGE)};
}

/* The slices' gradients by their share, summed in the first. */
VMATH_WIDE
static void gather(const struct step *s, struct range range)
{
    float *restrict sum = s->adam->grad;
    const float first = (float)slices_share(s->slices, 0);
    for (size_t j = range.begin; s->slices->n > 1 && j < range.end; j++) {
        sum[j] *= first;
    }
    for (size_t i = 1; i < s->slices->n; i++) {
        const float *restrict grad = adam_grad(s->adam, i);
        const float share = (float)slices_share(s->slices, i);
        for (size_t j = range.begin; j < range.end; j++) {
            sum[j] += share * grad[j];
        }
    }
}

VMATH_WIDE
static void move(const struct step *s, struct range range)
{
    float *restrict p = s->params, *restrict m = s->adam->m, *restrict v = s->adam->v;
    const float *restrict g = s->adam->grad;
    for (size_t i = range.begin; i < range.end; i++) {
        m[i] += (1.0F - beta1) * (g[i] - m[i]);
        v[i] += (1.0F - beta2) * (g[i] * g[i] - v[i]);
        p[i] -= s->rate * m[i] / (sqrtf(v[i]) + epsilon);
    }
}

static void bound_weights(const struct step *s, struct range range)
{
    const float most = s->rule->weight;
    for (size_t i = range.begin; i < range.end; i++) {
        float p = s->params[i] < most ? s->params[i] : most;
        s->params[i] = p > -most ? p : -most;
    }
}

static void gather_job(void *ctx, size_t i)
{
    const struct step *s = ctx;
    gather(s, range_of(s, i));
}

static void move_job(void *ctx, size_t i)
{
    const struct step *s = ctx;
    move(s, range_of(s, i));
    if (s->rule->weight > 0.0F) {
        bound_weights(s, range_of(s, i));
    }
}

/* Both while the range is in cache: nothing need be known of the other ranges. */
static void gather_and_move_job(void *ctx, size_t i)
{
    gather_job(ctx, i);
    move_job(ctx, i);
}

void adam_step(struct adam *adam, float *params, const struct adam_rule *rule,
               const struct slices *slices)
{
    const double t = (double)++adam->steps;
    const double correction = sqrt(1.0 - pow((double)beta2, t)) / (1.0 - pow((double)beta1, t));
    const size_t ranges = (adam->n + RANGE - 1) / RANGE;
    struct step s = {adam, params, rule, slices, (float)((double)rule->learning_rate * correction)};
    if (rule->gradient_norm > 0.0F) {
        crew_run(slices->crew, ranges, gather_job, &s);
        bound_norm(adam, rule->gradient_norm);
        crew_run(slices->crew, ranges, move_job, &s);
    } else {
        crew_run(slices->crew, ranges, gather_and_move_job, &s);
    }
}
