/* prototypes.h - the training rows by a bounded number of representatives, and how far a row is
 * from the nearest: k-means (Lloyd 1982) on a sample of the rows. */
#ifndef CORE_PROTOTYPES_H
#define CORE_PROTOTYPES_H

#include "matrix.h"
#include "rng.h"

enum { PROTOTYPES_MAX = 65536 };

struct prototypes {
    uint32_t n, columns;
    float *at;      /* (n, columns); owned */
    float *squares; /* n: each one's squared length; owned */
};

/* Room for n > 0 prototypes. Returns 0, or -1 with errno ENOMEM. */
int prototypes_alloc(struct prototypes *p, uint32_t n, uint32_t columns);
void prototypes_clear(struct prototypes *p);

/* Fits the prototypes to x: (n, p->columns), n >= p->n. Returns 0, or -1 with errno ENOMEM. */
int prototypes_fit(struct prototypes *p, const float *x, size_t n, struct rng *rng);

/* After at was filled: the squares. */
void prototypes_square(struct prototypes *p);

/* x: (n, columns). products: (n, p->n), overwritten. squared: n squared distances to the nearest;
 * nearest: n indices of it, NULL if not wanted. */
struct prototypes_out {
    struct matrix products;
    float *squared;
    uint32_t *nearest;
};
void prototypes_nearest(const struct prototypes *p, struct matrix_in x, size_t n,
                        const struct prototypes_out *out);

#endif
