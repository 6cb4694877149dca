/* batch_norm.h - batch normalisation of columns (Ioffe, Szegedy, "Batch Normalization", 2015), with
 * Keras's constants: a column is shifted and scaled to mean 0 and variance 1, over the batch in
 * training, by running averages of such batches elsewhere; then scaled by its learned gamma. The
 * learned shift, beta, is the layer's bias (net.h).
 *
 * Matrices are (n, channels), contiguous. */
#ifndef CORE_BATCH_NORM_H
#define CORE_BATCH_NORM_H

#include <stdbool.h>
#include <stddef.h>

/* Rows of the parameters, (BATCH_NORM_PARAMS, channels); the running ones are not trained: their
 * gradient is 0. */
enum { BATCH_NORM_GAMMA, BATCH_NORM_MEAN, BATCH_NORM_VARIANCE, BATCH_NORM_PARAMS };

/* Rows of what a pass remembers, (BATCH_NORM_STATS, channels). */
enum {
    BATCH_NORM_SHIFT,  /* the mean that the forward pass subtracted */
    BATCH_NORM_SCALE,  /* what it multiplied by: 1 / sqrt(variance + epsilon) */
    BATCH_NORM_SPREAD, /* the batch's variance; training only */
    BATCH_NORM_SUM,    /* sum of the gradient by the output */
    BATCH_NORM_DOT,    /* sum of that gradient times the normalised column */
    BATCH_NORM_STATS
};

struct batch_norm {
    size_t n, channels;
    const float *params;
    float *stats;
    bool training;
};

/* Gamma 1, running mean 0 and variance 1. */
void batch_norm_start(float *params, size_t channels);

/* Whether no running variance is below 0. */
bool batch_norm_plausible(const float *params, size_t channels);

/* y = gamma (x - mean) / sqrt(variance + epsilon) */
void batch_norm_forward(const struct batch_norm *norm, const float *x, float *y);

/* After the forward pass: g, the gradient by y, to grad, shaped as the parameters, overwritten. */
void batch_norm_backward_params(const struct batch_norm *norm, const float *x, const float *g,
                                float *grad);

/* To grad_x, times beta (0 or 1) plus the new; in training through mean and variance too. */
void batch_norm_backward_input(const struct batch_norm *norm, const float *x, const float *g,
                               float beta, float *grad_x);

/* Moves running averages, in params, towards the statistics of a training pass. */
void batch_norm_track(const struct batch_norm *norm, float *params);

#endif
