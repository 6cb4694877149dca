/* adam.h - the optimiser's state for one network (Kingma, Ba, "Adam", 2015), with the bias
 * correction as Keras places it: epsilon is added to the uncorrected sqrt(v). */
#ifndef CORE_ADAM_H
#define CORE_ADAM_H

#include <stddef.h>
#include <stdint.h>

#include "slices.h"

/* Arenas shaped as the parameters', in one allocation. */
struct adam {
    size_t n;
    uint64_t steps; /* taken so far */
    float *grad;    /* one arena per slice, by whom it is written before each step; owned */
    float *m, *v;   /* moving means of the gradient and of its square; owned */
};

/* For batches of up to n_slices slices. Returns 0, or -1 with errno ENOMEM. */
int adam_init(struct adam *adam, size_t n, size_t n_slices);
void adam_clear(struct adam *adam);

static inline float *adam_grad(const struct adam *adam, size_t slice)
{
    return adam->grad + slice * adam->n;
}

/* How far a step may go. A bound of 0 means none. */
struct adam_rule {
    float learning_rate;
    float gradient_norm; /* the gradient is scaled to at most this Euclidean norm before the step */
    float weight;        /* parameters are clamped to [-weight, weight] after it */
};

/* One step on n parameters, with beta .9 and .999, epsilon 1e-7, by the slices' gradients, each the
 * gradient of a mean over its rows; the whole batch's is left in the first one's place. */
void adam_step(struct adam *adam, float *params, const struct adam_rule *rule,
               const struct slices *slices);

#endif
