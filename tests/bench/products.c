#include "products.h"

#include <stdio.h>
#include <stdlib.h>

/* The linker's names, for which there is no header. */
void __real_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m,
                        blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc);
/* As many parameters as cblas_sgemm() has. NOLINTNEXTLINE(readability-function-size) */
void __wrap_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m,
                        blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc);

static struct products *recording; /* NULL: not now */

static void keep(struct products *products, const struct product *product)
{
    if (products->n == PRODUCTS_MAX) {
        fprintf(stderr, "bench: more than %d products to record\n", PRODUCTS_MAX);
        exit(1);
    }
    products->product[products->n++] = *product;
    products->flop += 2.0 * product->m * product->n * product->k;
}

/* As many parameters as cblas_sgemm() has. NOLINTNEXTLINE(readability-function-size) */
void __wrap_cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, blasint m,
                        blasint n, blasint k, float alpha, const float *a, blasint lda,
                        const float *b, blasint ldb, float beta, float *c, blasint ldc)
{
    if (recording != NULL) {
        keep(recording, &(struct product){ta, tb, m, n, k, lda, ldb, ldc, beta, a, b, c});
    }
    __real_cblas_sgemm(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void products_record(struct products *products, void (*work)(void *ctx), void *ctx)
{
    *products = (struct products){0};
    recording = products;
    work(ctx);
    recording = NULL;
}

void products_repeat(void *ctx)
{
    const struct products *products = ctx;
    for (size_t i = 0; i < products->n; i++) {
        const struct product *p = &products->product[i];
        __real_cblas_sgemm(CblasRowMajor, p->ta, p->tb, p->m, p->n, p->k, 1.0F, p->a, p->lda, p->b,
                           p->ldb, p->beta, p->c, p->ldc);
    }
}
