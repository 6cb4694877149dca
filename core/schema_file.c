#include "schema_file.h"

#include <stdlib.h>
#include <string.h>

static void put_column(struct bytes_out *out, const struct schema_column *column)
{
    bytes_put_bytes(out, column->name, sizeof column->name);
    bytes_put_u32(out, column->missing_group);
    bytes_put_u32(out, (uint32_t)column->kind);
    if (column->kind == SCHEMA_CATEGORICAL) {
        bytes_put_u32(out, column->n_values);
    }
    for (uint32_t i = 0; i < column->n_values; i++) {
        size_t length = strlen(column->values[i]);
        bytes_put_u32(out, (uint32_t)length);
        bytes_put_bytes(out, column->values[i], length);
    }
}

void schema_put(struct bytes_out *out, const struct schema *schema)
{
    bytes_put_bytes(out, schema->set, sizeof schema->set);
    bytes_put_u32(out, schema->n_columns);
    for (uint32_t i = 0; i < schema->n_columns; i++) {
        put_column(out, &schema->columns[i]);
    }
}

static int damaged(struct da3d_error *error, const char *what)
{
    return da3d_fail(error, "not a usable model: %s", what);
}

/* The caller's string, or NULL where the input is bad or memory is exhausted. */
static char *get_value(struct bytes_in *in)
{
    char value[SCHEMA_VALUE_MAX] = "";
    uint32_t length = bytes_get_u32(in);
    if (in->bad || length >= sizeof value) {
        return NULL;
    }
    bytes_get_bytes(in, value, length);
    return in->bad || strlen(value) != length ? NULL : strdup(value);
}

static int get_values(struct bytes_in *in, struct schema_column *column)
{
    uint32_t n = bytes_get_u32(in);
    if (in->bad || n > SCHEMA_VALUES_MAX || schema_make_categorical(column, n) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < n; i++) {
        column->values[i] = get_value(in);
        if (column->values[i] == NULL) {
            return -1;
        }
    }
    return 0;
}

static int get_column(struct bytes_in *in, struct schema_column *column, struct da3d_error *error)
{
    bytes_get_bytes(in, column->name, sizeof column->name);
    column->missing_group = bytes_get_u32(in);
    uint32_t kind = bytes_get_u32(in);
    if (in->bad || !schema_padded(column->name, SCHEMA_NAME_MAX)) {
        return damaged(error, "bad column names");
    }
    if (kind > SCHEMA_IDENTITY || (kind == SCHEMA_CATEGORICAL && get_values(in, column) != 0)) {
        return damaged(error, "bad categories");
    }
    column->kind = (enum schema_kind)kind;
    return 0;
}

int schema_get(struct bytes_in *in, struct schema *schema, struct da3d_error *error)
{
    bytes_get_bytes(in, schema->set, sizeof schema->set);
    uint32_t n = bytes_get_u32(in);
    if (!schema_padded(schema->set, SCHEMA_NAME_MAX)) {
        return damaged(error, "bad feature set name");
    }
    if (in->bad || n == 0 || n > SCHEMA_COLUMNS_MAX) {
        return damaged(error, "bad number of columns");
    }
    schema->columns = calloc(n, sizeof *schema->columns);
    if (schema->columns == NULL) {
        return da3d_fail(error, "out of memory");
    }
    schema->n_columns = n;
    for (uint32_t i = 0; i < n; i++) {
        if (get_column(in, &schema->columns[i], error) != 0) {
            return -1;
        }
    }
    return schema_check(schema, error);
}
