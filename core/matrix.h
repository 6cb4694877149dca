/* matrix.h - borrowed views of row-major float32 matrices, and aligned memory for them. */
#ifndef CORE_MATRIX_H
#define CORE_MATRIX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Element (i, j) is at[i * ld + j]; a column block of a wider matrix has that matrix's ld. */
struct matrix {
    float *at;
    size_t ld;
};

struct matrix_in {
    const float *at;
    size_t ld;
};

static inline struct matrix_in matrix_in(struct matrix m)
{
    return (struct matrix_in){m.at, m.ld};
}

static inline struct matrix matrix_rows(struct matrix m, size_t first)
{
    return (struct matrix){m.at + first * m.ld, m.ld};
}

/* Rows that are worked on at a time where there are many: enough for full-speed products, few
 * enough to stay in cache. */
enum { MATRIX_CHUNK_ROWS = 512 };

/* How many of rows are in the chunk behind the first done ones. */
static inline size_t matrix_chunk(size_t done, size_t rows)
{
    return rows - done < MATRIX_CHUNK_ROWS ? rows - done : MATRIX_CHUNK_ROWS;
}

/* rows * columns floats on a cache line's boundary, not zeroed, the caller's to free().
 * Returns NULL with errno ENOMEM, also where the size overflows. */
static inline float *matrix_alloc(size_t rows, size_t columns)
{
    size_t bytes;
    void *p = NULL;
    if (__builtin_mul_overflow(rows, columns, &bytes) || bytes > SIZE_MAX / 2 / sizeof(float)) {
        return NULL;
    }
    bytes = (bytes * sizeof(float) + 64) / 64 * 64;
    p = aligned_alloc(64, bytes);
    return p;
}

#endif
