#include "summary.h"

#include <math.h>
#include <stdlib.h>

#include "ascending.h"

const double summary_levels[SUMMARY_QUANTILES] = {0.0, 0.01, 0.1, 0.2, 0.3,  0.4, 0.5,
                                                  0.6, 0.7,  0.8, 0.9, 0.99, 1.0};

static uint32_t n_shares(const struct schema_column *column)
{
    return column->n_values + 1;
}

struct column_summary *summary_new(const struct schema *schema)
{
    struct column_summary *summary = calloc(schema->n_columns, sizeof *summary);
    for (uint32_t c = 0; summary != NULL && c < schema->n_columns; c++) {
        if (schema->columns[c].kind != SCHEMA_CATEGORICAL) {
            continue;
        }
        summary[c].share = calloc(n_shares(&schema->columns[c]), sizeof *summary[c].share);
        if (summary[c].share == NULL) {
            summary_free(summary, schema);
            return NULL;
        }
    }
    return summary;
}

void summary_free(struct column_summary *summary, const struct schema *schema)
{
    for (uint32_t c = 0; summary != NULL && c < schema->n_columns; c++) {
        free(summary[c].share);
    }
    free(summary);
}

/* The rank of a level among n > 0 values: the first that is not below it. A billionth makes up for
 * rounding: .1 of 30 is the third. */
static size_t rank_of(double level, size_t n)
{
    const double rank = ceil(level * (double)n - 1e-9) - 1.0;
    return rank > 0.0 ? (size_t)rank : 0;
}

/* values: n ascending. */
static void fit_quantiles(struct column_summary *summary, const double *values, size_t n)
{
    size_t up_to = 0;
    for (size_t q = 0; n > 0 && q < SUMMARY_QUANTILES; q++) {
        summary->quantile[q] = values[rank_of(summary_levels[q], n)];
        while (up_to < n && values[up_to] <= summary->quantile[q]) {
            up_to++;
        }
        summary->up_to[q] = (double)up_to / (double)n;
    }
}

/* values: n, indices of categories. rows: the missing ones included. */
static void fit_shares(struct column_summary *summary, const struct schema_column *column,
                       const double *values, size_t n, size_t rows)
{
    for (size_t i = 0; i < n; i++) {
        summary->share[schema_category_at(column->n_values, values[i])] += 1.0;
    }
    for (uint32_t v = 0; v < n_shares(column); v++) {
        summary->share[v] /= (double)rows;
    }
}

int summary_fit(struct column_summary *summary, const struct schema *schema, const double *rows,
                const size_t *index, size_t n)
{
    double *values = malloc(n * sizeof *values);
    if (values == NULL) {
        return -1;
    }
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        if (schema->columns[c].kind == SCHEMA_IDENTITY) {
            continue;
        }
        const size_t present = ascending_column(rows + c, schema->n_columns, index, n, values);
        summary[c].missing = (double)(n - present) / (double)n;
        if (summary[c].share == NULL) {
            fit_quantiles(&summary[c], values, present);
        } else {
            fit_shares(&summary[c], &schema->columns[c], values, present, n);
        }
    }
    free(values);
    return 0;
}

static void put_doubles(struct bytes_out *out, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes_put_double(out, values[i]);
    }
}

void summary_put(struct bytes_out *out, const struct column_summary *summary,
                 const struct schema *schema)
{
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        if (schema->columns[c].kind == SCHEMA_IDENTITY) {
            bytes_put_double(out, summary[c].fresh);
            continue;
        }
        bytes_put_double(out, summary[c].missing);
        if (summary[c].share != NULL) {
            put_doubles(out, summary[c].share, n_shares(&schema->columns[c]));
        } else {
            put_doubles(out, summary[c].quantile, SUMMARY_QUANTILES);
            put_doubles(out, summary[c].up_to, SUMMARY_QUANTILES);
        }
    }
}

static double get_share(struct bytes_in *in)
{
    const double share = bytes_get_double(in);
    in->bad = in->bad || share < 0.0 || share > 1.0;
    return in->bad ? 0.0 : share;
}

static void get_ascending(struct bytes_in *in, double *values)
{
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++) {
        values[q] = bytes_get_double(in);
        in->bad = in->bad || (q > 0 && values[q] < values[q - 1]);
    }
}

/* Of all rows. */
static void get_shares(struct bytes_in *in, struct column_summary *summary, uint32_t n)
{
    double sum = summary->missing;
    for (uint32_t v = 0; v < n; v++) {
        summary->share[v] = get_share(in);
        sum += summary->share[v];
    }
    in->bad = in->bad || fabs(sum - 1.0) > 1e-6;
}

void summary_get(struct bytes_in *in, struct column_summary *summary, const struct schema *schema)
{
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        if (schema->columns[c].kind == SCHEMA_IDENTITY) {
            summary[c].fresh = get_share(in);
            continue;
        }
        summary[c].missing = get_share(in);
        if (summary[c].share != NULL) {
            get_shares(in, &summary[c], n_shares(&schema->columns[c]));
            continue;
        }
        const double *up_to = summary[c].up_to;
        get_ascending(in, summary[c].quantile);
        get_ascending(in, summary[c].up_to);
        in->bad = in->bad || up_to[0] < 0.0 || up_to[SUMMARY_QUANTILES - 1] > 1.0;
    }
}
