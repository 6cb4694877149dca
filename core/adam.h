/* adam.h - the optimiser's state for one network (Kingma, Ba, "Adam", 2015), with the bias
 * correction as Keras places it: epsilon is added to the uncorrected sqrt(v). */
#ifndef CORE_ADAM_H
#define CORE_ADAM_H

#include <stddef.h>
#include <stdint.h>

/* Three arenas shaped as the parameters', in one allocation. */
struct adam {
    size_t n;
    uint64_t steps; /* taken so far */
    float *grad;    /* the caller writes it before each step; owned */
    float *m, *v;   /* moving means of the gradient and of its square; owned */
};

/* Returns 0, or -1 with errno ENOMEM. */
int adam_init(struct adam *adam, size_t n);
void adam_clear(struct adam *adam);

/* How far a step may go. A bound of 0 means none. */
struct adam_rule {
    float learning_rate;
    float gradient_norm; /* the gradient is scaled to at most this Euclidean norm before the step */
    float weight;        /* parameters are clamped to [-weight, weight] after it */
};

/* One step on n parameters by grad, with beta .9 and .999, epsilon 1e-7. Bounding changes grad. */
void adam_step(struct adam *adam, float *params, const struct adam_rule *rule);

#endif
