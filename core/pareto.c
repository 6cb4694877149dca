#include "pareto.h"

#include <math.h>

/* Below it, a shape is 0: the powers would be of numbers too near to 1. */
static const double shape_min = 1e-6;

/* Trial values of theta = -shape / scale, of which the profile likelihood's weighted mean is the
 * estimate; 3: the prior's width in units of the first quartile (Zhang, Stephens). */
enum { TRIALS_MIN = 30, PRIOR = 3 };

static double mean_log(double theta, const double *excess, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += log1p(-theta * excess[i]);
    }
    return sum / (double)n;
}

/* The profile log-likelihood of theta; its limit at 0, where theta / shape is 1 / -mean. */
static double profile(double theta, const double *excess, size_t n)
{
    const double shape = mean_log(theta, excess, n);
    return (double)n * (log(-theta / shape) - shape - 1.0);
}

bool pareto_fit(struct pareto *pareto, const double *excess, size_t n)
{
    const size_t trials = TRIALS_MIN + (size_t)sqrt((double)n);
    const double quartile = excess[(size_t)((double)n / 4.0 + 0.5) - 1];
    double best = -(double)INFINITY, weights = 0.0, sum = 0.0;
    for (size_t i = 1; i <= trials; i++) {
        const double step = 1.0 - sqrt((double)trials / ((double)i - 0.5));
        const double theta = 1.0 / excess[n - 1] + step / PRIOR / quartile;
        const double fit = profile(theta, excess, n);
        const double rescale = fit > best ? exp(best - fit) : 1.0;
        const double weight = fit > best ? 1.0 : exp(fit - best);
        best = fmax(best, fit);
        weights = weights * rescale + weight;
        sum = sum * rescale + weight * theta;
    }
    const double theta = sum / weights;
    pareto->shape = mean_log(theta, excess, n);
    pareto->scale = -pareto->shape / theta;
    return isfinite(pareto->shape) && isfinite(pareto->scale) && pareto->scale > 0.0;
}

double pareto_beyond(const struct pareto *pareto, double y)
{
    const double ratio = y / pareto->scale;
    if (fabs(pareto->shape) < shape_min) {
        return exp(-ratio);
    }
    const double inner = pareto->shape * ratio;
    return inner > -1.0 ? exp(-log1p(inner) / pareto->shape) : 0.0;
}

double pareto_excess(const struct pareto *pareto, double p)
{
    if (fabs(pareto->shape) < shape_min) {
        return -pareto->scale * log(p);
    }
    return pareto->scale * expm1(-pareto->shape * log(p)) / pareto->shape;
}

double pareto_misfit(const struct pareto *pareto, const double *excess, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double up_to = 1.0 - pareto_beyond(pareto, excess[i]);
        const double beyond = pareto_beyond(pareto, excess[n - 1 - i]);
        sum += (2.0 * (double)i + 1.0) * (log(up_to) + log(beyond));
    }
    return -(double)n - sum / (double)n;
}
