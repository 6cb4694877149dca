/* blas.h - matrix products; the only file that knows cblas.
 *
 * All matrices are row-major float32 views. beta is 0 (c is overwritten, its old content is not
 * read) or 1 (c is added to). A product runs on the calling thread, once blas_alone() has been
 * called: BLAS's own threads wait spinning for each other at each product, which costs more than
 * they help with where products are small or processors busy. */
#ifndef CORE_BLAS_H
#define CORE_BLAS_H

#include <cblas.h>

#include "matrix.h"

/* For the whole process, and for good. */
static inline void blas_alone(void)
{
    openblas_set_num_threads(1);
}

/* c is (m, n), k is the summed dimension. */
struct blas_shape {
    size_t m, n, k;
};

static inline void blas_gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, struct blas_shape s,
                             const struct matrix_in ab[2], float beta, struct matrix c)
{
    cblas_sgemm(CblasRowMajor, ta, tb, (blasint)s.m, (blasint)s.n, (blasint)s.k, 1.0F, ab[0].at,
                (blasint)ab[0].ld, ab[1].at, (blasint)ab[1].ld, beta, c.at, (blasint)c.ld);
}

/* c (m, n) = a (m, k) b (k, n) + beta c */
static inline void blas_nn(struct blas_shape s, struct matrix_in a, struct matrix_in b, float beta,
                           struct matrix c)
{
    blas_gemm(CblasNoTrans, CblasNoTrans, s, (struct matrix_in[]){a, b}, beta, c);
}

/* c (m, n) = a (m, k) b' + beta c, b (n, k) */
static inline void blas_nt(struct blas_shape s, struct matrix_in a, struct matrix_in b, float beta,
                           struct matrix c)
{
    blas_gemm(CblasNoTrans, CblasTrans, s, (struct matrix_in[]){a, b}, beta, c);
}

/* c (m, n) = a' b (k, n) + beta c, a (k, m) */
static inline void blas_tn(struct blas_shape s, struct matrix_in a, struct matrix_in b, float beta,
                           struct matrix c)
{
    blas_gemm(CblasTrans, CblasNoTrans, s, (struct matrix_in[]){a, b}, beta, c);
}

#endif
