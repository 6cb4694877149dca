/* slices.h - a training batch cut by rows into slices, which threads work on side by side.
 *
 * How it is cut depends on the number of rows alone, and what the slices yield is put together in
 * their order: so the results are the same, bit for bit, with any number of threads. */
#ifndef CORE_SLICES_H
#define CORE_SLICES_H

#include "crew.h"

enum {
    SLICES_MAX = 4,
    SLICE_ROWS_MIN = 256, /* putting together a slice's gradient costs some % of its work */
};

struct slices {
    struct crew *crew; /* borrowed */
    size_t rows;       /* of the batch, > 0 */
    size_t n;          /* slices */
};

static inline struct slices slices_of(struct crew *crew, size_t rows)
{
    size_t n = rows / SLICE_ROWS_MIN;
    n = n < SLICES_MAX ? n : SLICES_MAX;
    return (struct slices){crew, rows, n > 0 ? n : 1};
}

/* The batch's row that slice i begins with; for i == n the one behind the last. */
static inline size_t slices_first(const struct slices *slices, size_t i)
{
    return slices->rows * i / slices->n;
}

static inline size_t slices_rows(const struct slices *slices, size_t i)
{
    return slices_first(slices, i + 1) - slices_first(slices, i);
}

/* The share of the batch's rows, and of a mean over them, that is slice i's. */
static inline double slices_share(const struct slices *slices, size_t i)
{
    return (double)slices_rows(slices, i) / (double)slices->rows;
}

/* Rows of the largest slice that batches of up to so many rows have. */
size_t slices_rows_max(size_t batch);

/* The mean over the batch of a loss that is a mean over the n rows of a slice, from row first of
 * the batch on. */
double slices_mean(const struct slices *slices,
                   double (*loss)(void *ctx, size_t slice, size_t first, size_t n), void *ctx);

#endif
