/* csv_header.h - the names of a table's columns. */
#ifndef DAEMON_CSV_HEADER_H
#define DAEMON_CSV_HEADER_H

#include <stddef.h>

#include "core/error.h"
#include "core/schema.h"

/* Zero-initialised is empty. */
struct csv_header {
    size_t n;                       /* columns */
    char (*names)[SCHEMA_NAME_MAX]; /* as csv_escape() writes them, all different */
    int *by_name;                   /* column numbers, ordered by name */
    size_t n_twins;                 /* columns that were renamed: another has their name */
    size_t twin;                    /* the first of them by name */
};

/* Takes the fields of a table's first row. Of equal names the second becomes NAME.1, as pandas
 * calls it, the third NAME.2. Returns 0, or -1 with *error: a name that is empty or too long,
 * nothing but numbers, another separator than the comma. */
int csv_header_init(struct csv_header *header, char *const *fields, size_t n,
                    struct da3d_error *error);
void csv_header_clear(struct csv_header *header);

/* Index of the column of that name, -1 if there is none. */
int csv_header_find(const struct csv_header *header, const char *name);

/* Says that a header has another separator than the comma: '\t' or ';'. Always returns -1. */
int csv_header_fail(int separator, struct da3d_error *error);

#endif
