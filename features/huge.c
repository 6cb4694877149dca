#include "huge.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void *huge_array(size_t n, size_t size)
{
    size_t bytes = (n * size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *array = aligned_alloc(HUGE_PAGE, bytes);

    if (array != NULL)
        madvise(array, bytes, MADV_HUGEPAGE); /* if not, then not */
    return array;
}
