/* prototypes.h - the training rows by a bounded number of representatives, and how far a row is
 * from the nearest ones: k-means (Lloyd 1982) on a sample of the rows.
 *
 * Not from the nearest alone: a prototype that stands for a few anomalies among the training rows
 * then vouches for no others. */
#ifndef CORE_PROTOTYPES_H
#define CORE_PROTOTYPES_H

#include "matrix.h"
#include "rng.h"

enum { PROTOTYPES_MAX = 65536, PROTOTYPES_NEAR = 4 };

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

/* x: (n, columns). products: (n, p->n), overwritten. squared: n means of the squared distances to
 * the PROTOTYPES_NEAR nearest, or to all if there are fewer. */
void prototypes_distance(const struct prototypes *p, struct matrix_in x, size_t n,
                         struct matrix products, float *squared);

/* For one of these rows, and its row of the products: which prototypes are the nearest, the nearest
 * first. Returns how many. */
uint32_t prototypes_nearest(const struct prototypes *p, const float *products,
                            uint32_t index[PROTOTYPES_NEAR]);

/* The same; terms: each column's part of the mean, overwritten. */
void prototypes_terms(const struct prototypes *p, const float *x, const float *products,
                      float *terms);

#endif
