/* schema.h - the shape of a feature vector, as a model carries it. Plain data. */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum { SCHEMA_NAME_MAX = 64, SCHEMA_COLUMNS_MAX = 4096 };

struct schema_column {
    char name[SCHEMA_NAME_MAX]; /* NUL-terminated, unique */
    uint32_t missing_group; /* columns of one group (> 0) are missing together; 0: never missing */
};

struct schema {
    char set[SCHEMA_NAME_MAX]; /* feature set with its version, "doh-v1" */
    uint32_t n_columns;        /* 1 .. SCHEMA_COLUMNS_MAX */
    struct schema_column *columns;
};

/* Whether a name of at most size bytes is NUL-terminated and printable ASCII; it may be empty. */
bool schema_printable(const char *name, size_t size);

/* Whether a schema is well-formed: 1 to SCHEMA_COLUMNS_MAX columns; names NUL-terminated, not
 * empty, printable, unique. Returns 0, or -1 with *error. */
int schema_check(const struct schema *schema, struct da3d_error *error);

/* A deep copy of a well-formed schema: names are zero-padded. Returns 0, or -1 with errno ENOMEM.
 */
int schema_copy(struct schema *to, const struct schema *from);
void schema_clear(struct schema *schema);

#endif
