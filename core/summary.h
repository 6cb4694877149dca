/* summary.h - what the training rows were, column by column: for explanations and for drift. */
#ifndef CORE_SUMMARY_H
#define CORE_SUMMARY_H

#include "bytes.h"
#include "schema.h"

enum { SUMMARY_QUANTILES = 13 };

/* 0, .01, .1, .2 to .8, .9, .99, 1. */
extern const double summary_levels[SUMMARY_QUANTILES];

struct column_summary {
    double missing; /* share of rows, 0 to 1 */
    double fresh;   /* of an identity, of which all else is 0: the share of normal rows in which it
                     * is new, by the held-out rows: (k + 1) / (n + 1); 0 if nobody asked */
    /* Of a numeric column, over the rows that have a value, all 0 where none has: the value of the
     * row at each level (the least that so many rows do not exceed), ascending, in raw units; and
     * the share of rows up to it, exactly, also where many rows have the same value. */
    double quantile[SUMMARY_QUANTILES];
    double up_to[SUMMARY_QUANTILES];
    /* Of a categorical column; else NULL. n_values + 1: share of all rows in each category, the
     * last of any other value; with missing they sum to 1. Owned. */
    double *share;
};

/* One for each column of a schema, zero. Returns NULL with errno ENOMEM. */
struct column_summary *summary_new(const struct schema *schema);
void summary_free(struct column_summary *summary, const struct schema *schema);

/* Of n > 0 rows: rows[index[i] * n_columns] is row i's first value. Returns 0, or -1 with errno
 * ENOMEM. */
int summary_fit(struct column_summary *summary, const struct schema *schema, const double *rows,
                const size_t *index, size_t n);

void summary_put(struct bytes_out *out, const struct column_summary *summary,
                 const struct schema *schema);

/* summary: of summary_new(). Where shares or quantiles are not such, in turns bad. */
void summary_get(struct bytes_in *in, struct column_summary *summary, const struct schema *schema);

#endif
