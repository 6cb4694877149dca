/* ascending.h - arrays of floats in ascending order. */
#ifndef CORE_ASCENDING_H
#define CORE_ASCENDING_H

#include <stdbool.h>
#include <stddef.h>

void ascending_sort(float *values, size_t n);

/* How many of n ascending values are below x. */
size_t ascending_below(const float *values, size_t n, float x);

/* kept of n ascending values, evenly picked, the first and the last among them; kept <= n. */
void ascending_pick(const float *values, size_t n, float *out, size_t kept);

bool ascending_is(const float *values, size_t n);

#endif
