#include "blas.h"

#include "da3d.h"

const char *da3d_blas(void)
{
    return openblas_get_config();
}
