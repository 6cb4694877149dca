/* pareto.h - the generalised Pareto distribution, which what exceeds a high threshold follows
 * (Balkema, de Haan 1974; Pickands 1975): P(excess > y) = (1 + shape y / scale)^(-1 / shape), or
 * exp(-y / scale) for shape 0. Below shape 0 no excess is beyond -scale / shape. */
#ifndef CORE_PARETO_H
#define CORE_PARETO_H

#include <stdbool.h>
#include <stddef.h>

struct pareto {
    double shape;
    double scale; /* > 0 */
};

/* excess: n >= 2 ascending numbers > 0. Returns false where they have no finite fit. Source: Zhang,
 * Stephens, "A new and efficient estimation method for the generalized Pareto distribution", 2009.
 */
bool pareto_fit(struct pareto *pareto, const double *excess, size_t n);

/* P(excess > y), 0 to 1; y >= 0. */
double pareto_beyond(const struct pareto *pareto, double y);

/* The excess y that is exceeded with probability p, 0 < p <= 1. */
double pareto_excess(const struct pareto *pareto, double p);

/* Anderson and Darling's A^2 of n ascending excesses: larger where they follow another
 * distribution, above all at its ends. Infinite where one of them cannot be. */
double pareto_misfit(const struct pareto *pareto, const double *excess, size_t n);

#endif
