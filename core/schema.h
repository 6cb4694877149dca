/* schema.h - the shape of a feature vector, as a model carries it. Plain data. */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    SCHEMA_NAME_MAX = 64,
    SCHEMA_COLUMNS_MAX = 4096,
    SCHEMA_VALUES_MAX = 1024,  /* of a categorical column */
    SCHEMA_VALUE_MAX = 256,    /* bytes of a value, its NUL included */
    SCHEMA_INPUTS_MAX = 16384, /* of all columns and missing groups together */
};

/* What a raw row holds: a number; the index of a category, n_values or more for any other; or a
 * whole number from 0 to SCHEMA_IDENTITY_MAX that stands for somebody: of two such numbers only
 * whether they are the same is of interest. */
enum schema_kind { SCHEMA_NUMERIC, SCHEMA_CATEGORICAL, SCHEMA_IDENTITY };

#define SCHEMA_IDENTITY_MAX 9007199254740991.0 /* 2^53 - 1: a double holds every one up to it */

bool schema_is_identity(double value);

struct schema_column {
    char name[SCHEMA_NAME_MAX]; /* NUL-terminated, unique */
    uint32_t missing_group; /* columns of one group (> 0) are missing together; 0: never missing,
                             * as an identity is */
    enum schema_kind kind;
    uint32_t n_values; /* categories, 0 .. SCHEMA_VALUES_MAX; 0 for other columns */
    char **values;     /* printable, not empty, strictly ascending by strcmp(); owned */
};

struct schema {
    char set[SCHEMA_NAME_MAX]; /* feature set with its version, "doh-v1" */
    uint32_t n_columns;        /* 1 .. SCHEMA_COLUMNS_MAX */
    struct schema_column *columns;
};

/* Whether a name of at most size bytes is NUL-terminated and printable ASCII; it may be empty. */
bool schema_printable(const char *name, size_t size);

/* Whether nothing but zeros is behind the name: it is no hiding place. */
bool schema_padded(const char *name, size_t size);

/* Whether a schema is well-formed: 1 to SCHEMA_COLUMNS_MAX columns; names NUL-terminated, not
 * empty, printable, unique; categories of their kind, in order; 1 to SCHEMA_INPUTS_MAX inputs.
 * Returns 0, or -1 with *error. */
int schema_check(const struct schema *schema, struct da3d_error *error);

/* A deep copy of a well-formed schema: names are zero-padded. Returns 0, or -1 with errno ENOMEM
 * (*to is cleared). */
int schema_copy(struct schema *to, const struct schema *from);
void schema_clear(struct schema *schema);

/* Room for n categories of a numeric column without any, which becomes categorical.
 * Returns 0, or -1 with errno ENOMEM. */
int schema_make_categorical(struct schema_column *column, uint32_t n);

/* Index of a category of that name, n_values if there is none. */
uint32_t schema_category(const struct schema_column *column, const char *value);

/* The category that a raw value is: n_values for any other. */
static inline uint32_t schema_category_at(uint32_t n_values, double value)
{
    return value >= 0.0 && value < (double)n_values ? (uint32_t)value : n_values;
}

/* Index of the first column of column c's missing group. */
uint32_t schema_group_leader(const struct schema *schema, uint32_t c);

/* Network inputs of a column: of a numeric one, 1; of a categorical one, one per category and one
 * for any other value; of an identity, none. */
uint32_t schema_column_inputs(const struct schema_column *column);

/* Network inputs: its columns' and one per missing group. */
size_t schema_inputs(const struct schema *schema);

#endif
