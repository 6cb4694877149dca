#include "huge.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void *huge_array(size_t n, size_t size)
{
    size_t bytes = (n * size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *array = n * size < HUGE_PAGE ? malloc(n * size) : aligned_alloc(HUGE_PAGE, bytes);

    if (array != NULL && n * size >= HUGE_PAGE)
        madvise(array, bytes, MADV_HUGEPAGE); /* if not, then not */
    return array;
}

/* calloc() suffices where a large page would not be filled. */
void *huge_zeros(size_t n, size_t size)
{
    void *array;

    if (n * size < HUGE_PAGE)
        return calloc(n, size);
    array = huge_array(n, size);
    if (array != NULL)
        memset(array, 0, n * size);
    return array;
}
