#include "reasons.h"

#include <math.h>

#include "json.h"

void reasons_find(struct reasons *reasons, struct da3d_explainer *explainer, const double *x,
                  size_t k)
{
    reasons->n = 0;
    if (explainer && k > 0)
        reasons->n =
            (uint32_t)da3d_explain(explainer, x, reasons->item, k < REASONS_MAX ? k : REASONS_MAX);
}

static const char *category(const struct schema_column *column, double value)
{
    return value >= 0 && value < column->n_values ? column->values[(uint32_t)value] : "other";
}

struct json_object *reasons_value(const struct schema_column *column, double value)
{
    if (isnan(value))
        return NULL; /* as json-c has null */
    return column->kind == SCHEMA_CATEGORICAL ? json_object_new_string(category(column, value))
                                              : json_new_number(value);
}

struct json_object *reasons_object(const struct da3d_reason *reason, const struct da3d_model *model)
{
    const struct schema_column *column = &da3d_model_schema(model)->columns[reason->column];
    struct json_object *object = json_object_new_object();

    json_add_string(object, "feature", column->name);
    json_object_object_add(object, "value", reasons_value(column, reason->value));
    json_add_number(object, "contrib", reason->contribution);
    return object;
}

struct json_object *reasons_array(const struct reasons *reasons, const struct da3d_model *model)
{
    struct json_object *array = json_object_new_array();

    for (uint32_t i = 0; i < reasons->n; i++)
        json_object_array_add(array, reasons_object(&reasons->item[i], model));
    return array;
}
