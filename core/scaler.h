/* scaler.h - from raw feature rows to network inputs: each numeric column scaled by what the
 * training rows were, each categorical column as one 0/1 input per category and one for any other
 * value; then one 0/1 input per missing group of the schema.
 *
 *   min-max          (x - min) / (max - min), or x - min for a column that is constant in training,
 *                    clipped to [-2.5, 3.5]: beyond the training range values still grow, but
 *                    nothing non-finite or huge reaches a network
 *   rank-gauss       the normal score of x's rank (rank_gauss.h)
 *   identity         no input: networks do not see who it is
 *   missing (NaN)    the scaled median of the training rows, or no category; and the group's input
 *                    is 1. Without a group, what was never missing in training and is now: the
 *                    median, or the other value's input */
#ifndef CORE_SCALER_H
#define CORE_SCALER_H

#include <stddef.h>
#include <stdint.h>

#include "da3d.h"
#include "rank_gauss.h"

struct scaler_column {
    double min, max;        /* over the training rows; both 0 if always missing or categorical */
    struct rank_gauss rank; /* the same, where that is the scaling */
    float fill;             /* the input of a missing value; 0 for a categorical column */
    uint32_t input;         /* index of the column's first input */
    uint32_t inputs;        /* how many it has: 0 for an identity */
    uint32_t categories;    /* of them, the last for any other value; 0: none */
    uint32_t indicator;     /* index of the group's input; 0: never missing */
};

struct scaler {
    enum da3d_scaling scaling;
    uint32_t n_columns; /* of a raw row */
    uint32_t n_inputs;  /* schema_inputs() */
    struct scaler_column *column;
};

/* Room and indicators for a schema; numbers are zero. Returns 0, or -1 with errno ENOMEM. */
int scaler_init(struct scaler *scaler, const struct schema *schema);
void scaler_clear(struct scaler *scaler);

/* Sets the scaling, and fits to n > 0 rows: rows[index[i] * n_columns] is row i's first value; all
 * finite, or NaN.
 * Returns 0, or -1 with errno ENOMEM. */
int scaler_fit(struct scaler *scaler, enum da3d_scaling scaling, const double *rows,
               const size_t *index, size_t n);

/* Of numeric columns alone: the same range for all by min-max, instead of fitting. */
void scaler_set(struct scaler *scaler, double min, double max);

/* row: n_columns raw values, anything a double can hold; x: n_inputs, overwritten, finite. */
void scaler_apply(const struct scaler *scaler, const double *row, float *x);

/* A raw row of inputs such as x, which may be a mean of several rows' inputs. row: n_columns, NaN
 * for what was missing in most of them, and for identities. */
void scaler_invert(const struct scaler *scaler, const float *x, double *row);

#endif
