#include "eigen.h"

#include <errno.h>
#include <stdlib.h>

#include "blas.h"

/* LAPACK's, Fortran's calling convention: the last two are the lengths of the strings. */
void ssyevd_(const char *jobz, const char *uplo, const blasint *n, float *a, const blasint *lda,
             float *w, float *work, const blasint *lwork, blasint *iwork, const blasint *liwork,
             blasint *info, size_t, size_t);

int eigen_symmetric(float *a, size_t n, float *values)
{
    const blasint order = (blasint)n, ask = -1;
    blasint info = 0, integers = 1;
    float floats = 1.0F;
    ssyevd_("V", "U", &order, a, &order, values, &floats, &ask, &integers, &ask, &info, 1, 1);
    const blasint n_floats = (blasint)floats + 1;
    float *work = malloc((size_t)n_floats * sizeof *work);
    blasint *iwork = malloc((size_t)integers * sizeof *iwork);
    if (work != NULL && iwork != NULL) {
        ssyevd_("V", "U", &order, a, &order, values, work, &n_floats, iwork, &integers, &info, 1,
                1);
        errno = info != 0 ? ERANGE : errno;
    } else {
        info = -1;
        errno = ENOMEM;
    }
    free(work);
    free(iwork);
    return info == 0 ? 0 : -1;
}
