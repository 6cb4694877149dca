/* set.h - named feature sets: flow -> vector.
 *
 * A set is a table of columns; the CSV header, the model's schema and the documentation come from
 * it. A value that is not defined for a flow (no response, zero duration, zero spread) is missing:
 * NaN in the vector; the reference's sentinel appears in an exported CSV alone. */
#ifndef FEATURES_SET_H
#define FEATURES_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

struct feature_column {
    const char *name;          /* as published */
    const char *unit;          /* "s", "bytes", "bytes/s", "s^2", "1", ...; "category" */
    const char *definition;    /* one sentence */
    const char *source;        /* who defined it first */
    const char *const *values; /* names of categories, ascending by strcmp(); NULL: a number */
    size_t n_values;
    const char *missing;    /* when the value is missing, one sentence; NULL: never */
    unsigned missing_group; /* columns of one group (> 0) are missing together; 0: never missing */
    const char *sentinel;   /* what a CSV shows for a missing value: "-1", "-10", ...; or NULL */
    const char
        *no_response; /* what it shows instead if the flow has no response: "" ...; or NULL */
};

struct traffic_counts;

struct feature_set {
    const char *name;    /* "doh": what --features takes */
    const char *version; /* "doh-v1": what a model is bound to */
    const char *source;  /* where the definitions come from */
    const struct feature_column *columns;
    size_t n_columns;
    /* What one flow tells. work: room for flow->n_samples int64_t twice, the caller's. x: n_columns
     * values, NaN where missing; everything else is finite. */
    void (*extract)(const struct flow *flow, int64_t *work, double *x);
    /* What the rows around it tell, for the columns that extract() leaves; NULL: there are none. */
    void (*extract_traffic)(const struct traffic_counts *counts, double *x);
    /* Was x extracted from a flow without response? NULL: the set does not tell. */
    bool (*no_response)(const double *x);
};

enum { FEATURE_COLUMNS_MAX = 512 };

/* Returns the set with that name or version, or NULL. */
const struct feature_set *feature_set_find(const char *name);

/* What a CSV shows for x[column], which is missing, in the vector x of n_columns values. */
const char *feature_sentinel(const struct feature_set *set, const double *x, size_t column);

/* All sets, NULL-terminated. */
const struct feature_set *const *feature_sets(void);

#endif
