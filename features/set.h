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
    const char *unit;          /* "s", "bytes", "s^2", "1", ...; "category", "identity" */
    const char *definition;    /* one sentence */
    const char *source;        /* who defined it first */
    const char *const *values; /* names of categories, ascending by strcmp(); NULL: a number */
    size_t n_values;
    bool identity;          /* a whole number < 2^53 that stands for somebody */
    const char *missing;    /* when the value is missing, one sentence; NULL: never */
    unsigned missing_group; /* columns of one group (> 0) are missing together; 0: never missing */
    const char *sentinel;   /* what a CSV shows for a missing value: "-1", "-10", ...; or NULL */
    /* What it shows instead if the flow has no response: "", ...; or NULL. */
    const char *no_response;
};

struct feature_set {
    const char *name;    /* "doh": what --features takes */
    const char *version; /* "doh-v1": what a model is bound to */
    const char *source;  /* where the definitions come from */
    const struct feature_column *columns;
    size_t n_columns;
    /* What one flow tells. work: room for flow->n_samples int64_t twice, the caller's. x: n_columns
     * values, NaN where missing; everything else is finite. A category is told by its index among
     * the column's values, n_values for any other. */
    void (*extract)(const struct flow *flow, int64_t *work, double *x);
    /* What the rows around it tell, for the columns that extract() leaves: from a memory of them,
     * to which the row is added. key: as for feature_extractor_new(). NULL: the set has none. */
    void *(*new_traffic)(const uint8_t key[16]);
    void (*free_traffic)(void *traffic);
    void (*extract_traffic)(void *traffic, const struct flow *flow, double *x);
    bool content; /* it needs flow.content */
    /* Was x extracted from a flow without response? NULL: the set does not tell. */
    bool (*no_response)(const double *x);
};

enum { FEATURE_COLUMNS_MAX = 512 }; /* of any set */

/* Returns the set with that name or version, or NULL. */
const struct feature_set *feature_set_find(const char *name);

/* What a CSV shows for x[column], which is missing, in the vector x of n_columns values. */
const char *feature_sentinel(const struct feature_set *set, const double *x, size_t column);

/* The name of a value of a categorical column; "other" where it is none of its categories. */
const char *feature_category(const struct feature_column *column, double value);

/* All sets, NULL-terminated. */
const struct feature_set *const *feature_sets(void);

#endif
