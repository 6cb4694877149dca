/* calibration.h - from a logit to the share of normal rows that have one as high: held-out normal
 * rows are the reference.
 *
 *   up to where the tail begins   (k + 1) / (n + 1), k of n rows being as high: conformal (Vovk et
 *                                 al., "Algorithmic Learning in a Random World", 2005)
 *   beyond                        a generalised Pareto distribution of the highest ones (pareto.h);
 *                                 where they are few, or do not follow it, as before */
#ifndef CORE_CALIBRATION_H
#define CORE_CALIBRATION_H

#include "bytes.h"
#include "da3d.h"
#include "pareto.h"

enum { CALIBRATION_ROWS_MAX = 4096 };

struct calibration {
    float *normals; /* n logits of held-out rows, ascending; owned */
    uint32_t n;
    float threshold; /* where alerts begin: the lowest logit of a p-value up to the target */
    struct da3d_tail tail;
};

/* logits: n > 0 of held-out rows, all finite, sorted in place; more than CALIBRATION_ROWS_MAX are
 * evenly picked for the reference. target: the p-value up to which rows alert. Returns 0, or -1
 * with errno ENOMEM. */
int calibration_fit(struct calibration *calibration, float *logits, size_t n, double target);
void calibration_clear(struct calibration *calibration);

/* Above 0, up to 1; never higher for a higher logit. */
double calibration_p_value(const struct calibration *calibration, float logit);

/* The lowest logit, but for rounding, of a p-value up to p, which is above 0 and below 1. */
float calibration_logit(const struct calibration *calibration, double p);

void calibration_put(struct bytes_out *out, const struct calibration *calibration);

/* Where it is not such, in turns bad, or memory is exhausted. */
void calibration_get(struct bytes_in *in, struct calibration *calibration);

#endif
