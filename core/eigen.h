/* eigen.h - eigenvectors of a symmetric matrix, by the LAPACK that OpenBLAS brings. */
#ifndef CORE_EIGEN_H
#define CORE_EIGEN_H

#include <stddef.h>

/* a: (n, n), symmetric; overwritten by the eigenvectors, one a row. values: n, overwritten,
 * ascending. Returns 0, or -1 with errno ENOMEM, or ERANGE where it does not converge. */
int eigen_symmetric(float *a, size_t n, float *values);

#endif
