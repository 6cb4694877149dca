/* rank_gauss.h - a numeric column's values as normal scores: the rank of a value among the training
 * values, as the normal quantile of that share.
 *
 *   share of x   mid-rank among the training values: values below, and half of those equal, over
 *                all; at least .001 and at most .999
 *   between      knots, at most RANK_GAUSS_KNOTS of the distinct training values, evenly spread
 *                over the scores: linear
 *   beyond       the last score, and log(1 + distance / range of the training values) further; at
 *                most RANK_GAUSS_LIMIT from 0
 *   two values   or one: 0 and 1 instead of scores */
#ifndef CORE_RANK_GAUSS_H
#define CORE_RANK_GAUSS_H

#include <stddef.h>
#include <stdint.h>

enum { RANK_GAUSS_KNOTS = 256, RANK_GAUSS_LIMIT = 6 };

struct rank_gauss {
    uint32_t n;    /* knots; 0: the column was always missing in training, and its score is 0 */
    double *value; /* n, strictly ascending, finite; owned, and the scores behind them */
    double *score; /* n, strictly ascending */
};

/* sorted: n ascending finite values. Returns 0, or -1 with errno ENOMEM and nothing held. */
int rank_gauss_fit(struct rank_gauss *rg, const double *sorted, size_t n);
/* Room for n knots, as they are read from a file. Returns 0, or -1 with errno ENOMEM. */
int rank_gauss_alloc(struct rank_gauss *rg, uint32_t n);
void rank_gauss_clear(struct rank_gauss *rg);

/* x: anything but NaN. */
float rank_gauss_apply(const struct rank_gauss *rg, double x);

/* The other way: a value of that score, as if none were tied. NaN where there are no knots. */
double rank_gauss_invert(const struct rank_gauss *rg, double score);

/* The z with a share p of the standard normal distribution below it; p in (0, 1). */
double normal_quantile(double p);

#endif
