#include "ascending.h"

#include <math.h>
#include <stdlib.h>

static int compare_floats(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void ascending_sort(float *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_floats);
}

size_t ascending_below(const float *values, size_t n, float x)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (values[middle] < x) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void ascending_pick(const float *values, size_t n, float *out, size_t kept)
{
    for (size_t i = 0; i < kept; i++) {
        out[i] = values[kept > 1 ? i * (n - 1) / (kept - 1) : 0];
    }
}

bool ascending_is(const float *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (values[i - 1] > values[i]) {
            return false;
        }
    }
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

size_t ascending_column(const double *column, size_t columns, const size_t *index, size_t n,
                        double *values)
{
    size_t present = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = column[(index != NULL ? index[i] : i) * columns];
        if (!isnan(x)) {
            values[present++] = x;
        }
    }
    qsort(values, present, sizeof *values, compare_doubles);
    return present;
}
