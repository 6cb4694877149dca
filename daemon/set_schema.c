#include "set_schema.h"

#include <stdlib.h>
#include <string.h>

static int column_init(struct schema_column *to, const struct feature_column *from)
{
    strncpy(to->name, from->name, SCHEMA_NAME_MAX - 1);
    to->missing_group = from->missing_group;
    if (from->identity)
        to->kind = SCHEMA_IDENTITY;
    if (from->values == NULL)
        return 0;
    if (schema_make_categorical(to, (uint32_t)from->n_values) < 0)
        return -1;
    for (size_t i = 0; i < from->n_values; i++) {
        to->values[i] = strdup(from->values[i]);
        if (to->values[i] == NULL)
            return -1;
    }
    return 0;
}

int set_schema_init(struct schema *schema, const struct feature_set *set)
{
    *schema = (struct schema){.n_columns = (uint32_t)set->n_columns};
    strncpy(schema->set, set->version, sizeof schema->set - 1);
    schema->columns = calloc(set->n_columns, sizeof *schema->columns);
    if (schema->columns == NULL)
        return -1;
    for (size_t i = 0; i < set->n_columns; i++)
        if (column_init(&schema->columns[i], &set->columns[i]) < 0) {
            schema_clear(schema);
            return -1;
        }
    return 0;
}

static bool same_categories(const struct schema_column *a, const struct feature_column *b)
{
    if (b->values == NULL)
        return a->kind == (b->identity ? SCHEMA_IDENTITY : SCHEMA_NUMERIC);
    if (a->kind != SCHEMA_CATEGORICAL || a->n_values != b->n_values)
        return false;
    for (uint32_t i = 0; i < a->n_values; i++)
        if (strcmp(a->values[i], b->values[i]) != 0)
            return false;
    return true;
}

static int check_column(const struct schema_column *column, const struct feature_column *ours,
                        size_t number, struct da3d_error *error)
{
    if (strcmp(column->name, ours->name) != 0)
        return da3d_fail(error, "column %zu is '%s', this version's is '%s'", number, column->name,
                         ours->name);
    if (!same_categories(column, ours))
        return da3d_fail(error, "column '%s' has not this version's categories", column->name);
    return 0;
}

const struct feature_set *set_schema_find(const struct schema *schema, struct da3d_error *error)
{
    const struct feature_set *set = feature_set_find(schema->set);

    if (set == NULL || strcmp(set->version, schema->set) != 0 ||
        set->n_columns != schema->n_columns) {
        da3d_fail(error, "trained on feature set '%s', which this version does not have",
                  schema->set);
        return NULL;
    }
    for (size_t i = 0; i < set->n_columns; i++)
        if (check_column(&schema->columns[i], &set->columns[i], i + 1, error) < 0)
            return NULL;
    return set;
}
