#include "scaler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Index of the first column of column c's missing group. */
static uint32_t group_leader(const struct schema *schema, uint32_t c)
{
    uint32_t leader = 0;
    while (schema->columns[leader].missing_group != schema->columns[c].missing_group) {
        leader++;
    }
    return leader;
}

int scaler_init(struct scaler *scaler, const struct schema *schema)
{
    const uint32_t n = schema->n_columns;
    *scaler = (struct scaler){.n_columns = n, .n_inputs = n};
    scaler->column = calloc(n, sizeof *scaler->column);
    if (scaler->column == NULL) {
        return -1;
    }
    for (uint32_t c = 0; c < n; c++) {
        if (schema->columns[c].missing_group != 0) {
            uint32_t leader = group_leader(schema, c);
            scaler->column[c].indicator =
                leader < c ? scaler->column[leader].indicator : scaler->n_inputs++;
        }
    }
    return 0;
}

void scaler_clear(struct scaler *scaler)
{
    free(scaler->column);
    *scaler = (struct scaler){0};
}

/* Halves keep max - min, and x - min, from overflowing. */
static float scale(const struct scaler_column *column, double x)
{
    double range = 0.5 * column->max - 0.5 * column->min;
    double scaled = (0.5 * x - 0.5 * column->min) / (range > 0.0 ? range : 0.5);
    return (float)fmin(fmax(scaled, -2.5), 3.5);
}

static int compare_doubles(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* values: sorted in place. */
static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return 0.5 * values[(n - 1) / 2] + 0.5 * values[n / 2];
}

/* values: n present values of one column; their order is lost. */
static void fit_column(struct scaler_column *column, double *values, size_t n)
{
    if (n == 0) {
        return;
    }
    column->min = column->max = values[0];
    for (size_t i = 1; i < n; i++) {
        column->min = fmin(column->min, values[i]);
        column->max = fmax(column->max, values[i]);
    }
    if (column->indicator != 0) {
        column->fill = scale(column, median(values, n));
    }
}

int scaler_fit(struct scaler *scaler, const double *rows, const size_t *index, size_t n)
{
    double *values = malloc(n * sizeof *values);
    if (values == NULL) {
        return -1;
    }
    for (uint32_t c = 0; c < scaler->n_columns; c++) {
        size_t present = 0;
        for (size_t i = 0; i < n; i++) {
            double x = rows[index[i] * scaler->n_columns + c];
            if (!isnan(x)) {
                values[present++] = x;
            }
        }
        fit_column(&scaler->column[c], values, present);
    }
    free(values);
    return 0;
}

void scaler_apply(const struct scaler *scaler, const double *row, float *x)
{
    for (uint32_t i = scaler->n_columns; i < scaler->n_inputs; i++) {
        x[i] = 0.0F;
    }
    for (uint32_t c = 0; c < scaler->n_columns; c++) {
        const struct scaler_column *column = &scaler->column[c];
        bool missing = isnan(row[c]);
        x[c] = missing ? column->fill : scale(column, row[c]);
        if (missing && column->indicator != 0) {
            x[column->indicator] = 1.0F;
        }
    }
}
