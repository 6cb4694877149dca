/* ascending.h - arrays of numbers in ascending order. */
#ifndef CORE_ASCENDING_H
#define CORE_ASCENDING_H

#include <stdbool.h>
#include <stddef.h>

void ascending_sort(float *values, size_t n);

/* How many of n ascending values are below x. */
size_t ascending_below(const float *values, size_t n, float x);

/* kept of n ascending values, evenly picked, the first and the last among them; kept <= n. */
void ascending_pick(const float *values, size_t n, float *out, size_t kept);

/* The values of a column that are not missing, of rows of so many columns: column[index[i] *
 * columns] is row i's; index NULL: column[i * columns]. values: n, of which those are overwritten,
 * ascending. Returns how many there are. */
size_t ascending_column(const double *column, size_t columns, const size_t *index, size_t n,
                        double *values);

bool ascending_is(const float *values, size_t n);

#endif
