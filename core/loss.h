/* loss.h - losses and their gradients. Each returns the loss (double, summed in double) and writes
 * its gradient. All n are > 0. A NaN among the inputs gives a NaN loss. */
#ifndef CORE_LOSS_H
#define CORE_LOSS_H

#include <stddef.h>

/* Mean over n of the binary cross-entropy between sigmoid(logits) and targets in [0, 1]. */
double loss_cross_entropy(const float *logits, const float *targets, size_t n, float *grad);

/* Mean over n of the squared difference between values and targets. */
double loss_squared(const float *values, const float *targets, size_t n, float *grad);

/* Cross-entropy for one target, common to all. */
double loss_cross_entropy_label(const float *logits, float target, size_t n, float *grad);

/* weight times the mean of values. */
double loss_mean(const float *values, size_t n, float weight, float *grad);

/* Mean of sigmoid(logits): the probability itself, not its logarithm. */
double loss_mean_sigmoid(const float *logits, size_t n, float *grad);

#endif
