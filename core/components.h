/* components.h - the principal components of the training rows, each by its own deviation: what
 * moves together in training and does not in a row is large here, however small it is.
 *
 * The size of a row is the sum over components of the square root of |component| / deviation: the
 * root keeps one odd column from drowning all others. */
#ifndef CORE_COMPONENTS_H
#define CORE_COMPONENTS_H

#include <stdint.h>

#include "matrix.h"

/* Finding n components is n^3 work. */
enum { COMPONENTS_MAX = 2048 };

struct components {
    uint32_t n;  /* of them, and of columns */
    float *mean; /* n: of the training rows; owned */
    float
        *rotation; /* (n, n): row c is what column c gives to each component, by deviation; owned */
};

int components_alloc(struct components *c, uint32_t n);
void components_clear(struct components *c);

/* x: (rows, n), rows > 0. Returns 0, or -1 with errno ENOMEM or ERANGE. */
int components_fit(struct components *c, const float *x, size_t rows);

/* x: (rows, n). centred, rotated: (rows, n), overwritten. size: rows, overwritten. */
struct components_out {
    struct matrix centred, rotated;
    float *size;
};
void components_size(const struct components *c, struct matrix_in x, size_t rows,
                     const struct components_out *out);

/* centred, rotated: one row of components_out; rotated is overwritten. terms: each column's part of
 * the size. Each component's root is shared by the squares of what columns give to it: no part is
 * below 0, however columns make up for each other, and it is 0 where a column has its mean. */
void components_terms(const struct components *c, const float *centred, float *rotated,
                      float *terms);

#endif
