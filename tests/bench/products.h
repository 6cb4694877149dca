/* products.h - the matrix products that a piece of core asks BLAS for: counted, and repeated on the
 * same operands without anything around them. The linker puts the recorder between core and BLAS
 * (--wrap=cblas_sgemm). */
#ifndef TESTS_BENCH_PRODUCTS_H
#define TESTS_BENCH_PRODUCTS_H

#include <cblas.h>
#include <stddef.h>

enum { PRODUCTS_MAX = 512 };

struct product {
    CBLAS_TRANSPOSE ta, tb;
    blasint m, n, k, lda, ldb, ldc;
    float beta;
    const float *a, *b;
    float *c;
};

struct products {
    struct product product[PRODUCTS_MAX];
    size_t n;
    double flop; /* of all products once: 2 m n k each */
};

/* Runs work(ctx), on one thread, and keeps what it multiplies; pointers stay borrowed. Ends the
 * program if that is more than PRODUCTS_MAX. */
void products_record(struct products *products, void (*work)(void *ctx), void *ctx);

/* All products once more, on the same operands. ctx: struct products. */
void products_repeat(void *ctx);

#endif
