#include "scaler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ascending.h"

int scaler_init(struct scaler *scaler, const struct schema *schema)
{
    const uint32_t n = schema->n_columns;
    *scaler = (struct scaler){.n_columns = n};
    scaler->column = calloc(n, sizeof *scaler->column);
    if (scaler->column == NULL) {
        return -1;
    }
    for (uint32_t c = 0; c < n; c++) {
        const struct schema_column *column = &schema->columns[c];
        const uint32_t inputs = schema_column_inputs(column);
        scaler->column[c].inputs = inputs;
        scaler->column[c].categories = column->kind == SCHEMA_CATEGORICAL ? inputs : 0;
        scaler->column[c].input = scaler->n_inputs;
        scaler->n_inputs += inputs;
    }
    for (uint32_t c = 0; c < n; c++) {
        if (schema->columns[c].missing_group != 0) {
            uint32_t leader = schema_group_leader(schema, c);
            scaler->column[c].indicator =
                leader < c ? scaler->column[leader].indicator : scaler->n_inputs++;
        }
    }
    return 0;
}

void scaler_clear(struct scaler *scaler)
{
    for (uint32_t c = 0; c < scaler->n_columns; c++) {
        rank_gauss_clear(&scaler->column[c].rank);
    }
    free(scaler->column);
    *scaler = (struct scaler){0};
}

/* Halves keep max - min, and x - min, from overflowing. */
static float scale_min_max(const struct scaler_column *column, double x)
{
    double range = 0.5 * column->max - 0.5 * column->min;
    double scaled = (0.5 * x - 0.5 * column->min) / (range > 0.0 ? range : 0.5);
    return (float)fmin(fmax(scaled, -2.5), 3.5);
}

static float scale(const struct scaler *scaler, const struct scaler_column *column, double x)
{
    return scaler->scaling == DA3D_SCALING_RANK_GAUSS ? rank_gauss_apply(&column->rank, x)
                                                      : scale_min_max(column, x);
}

/* values: n of one column, ascending. Returns 0, or -1 with errno ENOMEM. */
static int fit_column(const struct scaler *scaler, struct scaler_column *column,
                      const double *values, size_t n)
{
    if (n == 0) {
        return 0;
    }
    column->min = values[0];
    column->max = values[n - 1];
    if (scaler->scaling == DA3D_SCALING_RANK_GAUSS &&
        rank_gauss_fit(&column->rank, values, n) != 0) {
        return -1;
    }
    const double median = 0.5 * values[(n - 1) / 2] + 0.5 * values[n / 2];
    column->fill = scale(scaler, column, median);
    return 0;
}

int scaler_fit(struct scaler *scaler, enum da3d_scaling scaling, const double *rows,
               const size_t *index, size_t n)
{
    double *values = malloc(n * sizeof *values);
    if (values == NULL) {
        return -1;
    }
    int result = 0;
    scaler->scaling = scaling;
    for (uint32_t c = 0; c < scaler->n_columns && result == 0; c++) {
        if (scaler->column[c].categories > 0 || scaler->column[c].inputs == 0) {
            continue;
        }
        size_t present = ascending_column(rows + c, scaler->n_columns, index, n, values);
        result = fit_column(scaler, &scaler->column[c], values, present);
    }
    free(values);
    return result;
}

void scaler_set(struct scaler *scaler, double min, double max)
{
    for (uint32_t c = 0; c < scaler->n_columns; c++) {
        scaler->column[c].min = min;
        scaler->column[c].max = max;
    }
}

/* The input of a category: the last one for whatever is not the index of one. */
static uint32_t category_input(const struct scaler_column *column, double value)
{
    return column->input + schema_category_at(column->categories - 1, value);
}

void scaler_apply(const struct scaler *scaler, const double *row, float *x)
{
    memset(x, 0, scaler->n_inputs * sizeof *x);
    for (uint32_t c = 0; c < scaler->n_columns; c++) {
        const struct scaler_column *column = &scaler->column[c];
        bool missing = isnan(row[c]);
        if (missing && column->indicator != 0) {
            x[column->indicator] = 1.0F;
        }
        if (column->inputs == 0) {
            continue;
        }
        if (column->categories == 0) {
            x[column->input] = missing ? column->fill : scale(scaler, column, row[c]);
        } else if (!missing || column->indicator == 0) {
            x[category_input(column, row[c])] = 1.0F;
        }
    }
}

static double invert_number(const struct scaler *scaler, const struct scaler_column *column,
                            double x)
{
    if (scaler->scaling == DA3D_SCALING_RANK_GAUSS) {
        return rank_gauss_invert(&column->rank, x);
    }
    double range = column->max - column->min;
    return column->min + x * (range > 0.0 ? range : 1.0);
}

/* The category whose input is the largest; NaN if all are less than a half, and it was missing. */
static double invert_category(const struct scaler_column *column, const float *x, bool missing)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < column->categories; i++) {
        best = x[column->input + i] > x[column->input + best] ? i : best;
    }
    return missing && x[column->input + best] < 0.5F ? (double)NAN : (double)best;
}

void scaler_invert(const struct scaler *scaler, const float *x, double *row)
{
    for (uint32_t c = 0; c < scaler->n_columns; c++) {
        const struct scaler_column *column = &scaler->column[c];
        const bool missing = column->indicator != 0 && x[column->indicator] > 0.5F;
        if (column->categories > 0) {
            row[c] = invert_category(column, x, missing);
        } else if (missing || column->inputs == 0) {
            row[c] = (double)NAN;
        } else {
            row[c] = invert_number(scaler, column, (double)x[column->input]);
        }
    }
}
