#include "schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint32_t schema_group_leader(const struct schema *schema, uint32_t c)
{
    uint32_t leader = 0;
    while (schema->columns[leader].missing_group != schema->columns[c].missing_group) {
        leader++;
    }
    return leader;
}

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

bool schema_padded(const char *name, size_t size)
{
    for (size_t i = strnlen(name, size); i < size; i++) {
        if (name[i] != '\0') {
            return false;
        }
    }
    return true;
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

static int check_values(const struct schema_column *column, struct da3d_error *error)
{
    if (column->n_values > (column->kind == SCHEMA_CATEGORICAL ? SCHEMA_VALUES_MAX : 0)) {
        return da3d_fail(error, "column '%s' has too many categories", column->name);
    }
    for (uint32_t i = 0; i < column->n_values; i++) {
        const char *value = column->values[i];
        if (value[0] == '\0' || !schema_printable(value, SCHEMA_VALUE_MAX) ||
            (i > 0 && strcmp(column->values[i - 1], value) >= 0)) {
            return da3d_fail(error, "column '%s': its categories are not printable and in order",
                             column->name);
        }
    }
    return 0;
}

bool schema_is_identity(double value)
{
    return value >= 0.0 && value <= SCHEMA_IDENTITY_MAX && value == floor(value) && !signbit(value);
}

uint32_t schema_column_inputs(const struct schema_column *column)
{
    switch (column->kind) {
    case SCHEMA_CATEGORICAL: return column->n_values + 1;
    case SCHEMA_IDENTITY: return 0;
    case SCHEMA_NUMERIC: break;
    }
    return 1;
}

size_t schema_inputs(const struct schema *schema)
{
    size_t n = 0;
    for (uint32_t i = 0; i < schema->n_columns; i++) {
        const struct schema_column *column = &schema->columns[i];
        n += schema_column_inputs(column);
        n += schema_group_leader(schema, i) == i && column->missing_group != 0;
    }
    return n;
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
        if (check_name(schema->columns[i].name, "a column's name", error) != 0 ||
            check_values(&schema->columns[i], error) != 0) {
            return -1;
        }
        if (schema->columns[i].kind == SCHEMA_IDENTITY && schema->columns[i].missing_group != 0) {
            return da3d_fail(error, "column '%s': an identity is never missing",
                             schema->columns[i].name);
        }
    }
    if (schema_inputs(schema) == 0) {
        return da3d_fail(error, "no column but identities");
    }
    if (schema_inputs(schema) > SCHEMA_INPUTS_MAX) {
        return da3d_fail(error, "%zu inputs of columns and their categories, not at most %d",
                         schema_inputs(schema), SCHEMA_INPUTS_MAX);
    }
    return check_unique(schema, error);
}

static void copy_name(char to[SCHEMA_NAME_MAX], const char from[SCHEMA_NAME_MAX])
{
    size_t n = strnlen(from, SCHEMA_NAME_MAX - 1);
    memset(to, 0, SCHEMA_NAME_MAX);
    memcpy(to, from, n);
}

int schema_make_categorical(struct schema_column *column, uint32_t n)
{
    column->kind = SCHEMA_CATEGORICAL;
    column->values = calloc(n + 1U, sizeof *column->values);
    if (column->values == NULL) {
        return -1;
    }
    column->n_values = n;
    return 0;
}

static int copy_column(struct schema_column *to, const struct schema_column *from)
{
    copy_name(to->name, from->name);
    to->missing_group = from->missing_group;
    to->kind = from->kind;
    if (from->kind != SCHEMA_CATEGORICAL) {
        return 0;
    }
    if (schema_make_categorical(to, from->n_values) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < from->n_values; i++) {
        to->values[i] = strdup(from->values[i]);
        if (to->values[i] == NULL) {
            return -1;
        }
    }
    return 0;
}

int schema_copy(struct schema *to, const struct schema *from)
{
    to->columns = calloc(from->n_columns, sizeof *to->columns);
    if (to->columns == NULL) {
        return -1;
    }
    copy_name(to->set, from->set);
    to->n_columns = from->n_columns;
    for (uint32_t i = 0; i < from->n_columns; i++) {
        if (copy_column(&to->columns[i], &from->columns[i]) != 0) {
            schema_clear(to);
            return -1;
        }
    }
    return 0;
}

void schema_clear(struct schema *schema)
{
    for (uint32_t i = 0; schema->columns != NULL && i < schema->n_columns; i++) {
        for (uint32_t v = 0; v < schema->columns[i].n_values; v++) {
            free(schema->columns[i].values[v]);
        }
        free(schema->columns[i].values);
    }
    free(schema->columns);
    *schema = (struct schema){0};
}

uint32_t schema_category(const struct schema_column *column, const char *value)
{
    uint32_t low = 0, high = column->n_values;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(column->values[middle], value);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return column->n_values;
}
