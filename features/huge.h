/* huge.h - large arrays that are visited in no order. */
#ifndef FEATURES_HUGE_H
#define FEATURES_HUGE_H

#include <stddef.h>

/* n elements of size bytes, not zeroed, on large pages where the system has them and one is
 * filled: a visit would otherwise look up a page too. The caller's, to free(). NULL with errno
 * ENOMEM. */
void *huge_array(size_t n, size_t size);

/* The same, zeroed. */
void *huge_zeros(size_t n, size_t size);

#endif
