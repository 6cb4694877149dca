#include "schema.h"

#include <stdlib.h>
#include <string.h>

bool schema_printable(const char *name, size_t size)
{
    size_t n = strnlen(name, size);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)name[i] < 0x20 || (unsigned char)name[i] > 0x7e) {
            return false;
        }
    }
    return n < size;
}

static int check_name(const char name[SCHEMA_NAME_MAX], const char *what, struct da3d_error *error)
{
    if (name[0] == '\0') {
        return da3d_fail(error, "%s is empty", what);
    }
    if (!schema_printable(name, SCHEMA_NAME_MAX)) {
        return da3d_fail(error, "%s is too long, or not printable ASCII", what);
    }
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    const struct schema_column *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static int check_unique(const struct schema *schema, struct da3d_error *error)
{
    const size_t n = schema->n_columns;
    const struct schema_column **sorted = malloc(n * sizeof *sorted);
    if (sorted == NULL) {
        return da3d_fail(error, "out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &schema->columns[i];
    }
    qsort(sorted, n, sizeof *sorted, compare_names);
    int result = 0;
    for (size_t i = 1; i < n && result == 0; i++) {
        if (compare_names(&sorted[i - 1], &sorted[i]) == 0) {
            result = da3d_fail(error, "two columns are named '%s'", sorted[i]->name);
        }
    }
    free(sorted);
    return result;
}

int schema_check(const struct schema *schema, struct da3d_error *error)
{
    if (schema->n_columns == 0 || schema->n_columns > SCHEMA_COLUMNS_MAX) {
        return da3d_fail(error, "%u columns, not 1 to %d", schema->n_columns, SCHEMA_COLUMNS_MAX);
    }
    if (check_name(schema->set, "the feature set's name", error) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < schema->n_columns; i++) {
        if (check_name(schema->columns[i].name, "a column's name", error) != 0) {
            return -1;
        }
    }
    return check_unique(schema, error);
}

static void copy_name(char to[SCHEMA_NAME_MAX], const char from[SCHEMA_NAME_MAX])
{
    size_t n = strnlen(from, SCHEMA_NAME_MAX - 1);
    memset(to, 0, SCHEMA_NAME_MAX);
    memcpy(to, from, n);
}

int schema_copy(struct schema *to, const struct schema *from)
{
    to->columns = malloc(from->n_columns * sizeof *to->columns);
    if (to->columns == NULL) {
        return -1;
    }
    copy_name(to->set, from->set);
    to->n_columns = from->n_columns;
    for (uint32_t i = 0; i < from->n_columns; i++) {
        copy_name(to->columns[i].name, from->columns[i].name);
        to->columns[i].missing_group = from->columns[i].missing_group;
    }
    return 0;
}

void schema_clear(struct schema *schema)
{
    free(schema->columns);
    *schema = (struct schema){0};
}
