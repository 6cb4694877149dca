#include "reasons.h"

#include <math.h>

#include "json.h"

static const char known[] = "known";
static const double rare = 0.01; /* the quantiles .01 and .99, or a category's share */
enum { QUANTILE_LOW = 1, QUANTILE_HIGH = SUMMARY_QUANTILES - 2 };

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
    const uint32_t i = schema_category_at(column->n_values, value);

    return i < column->n_values ? column->values[i] : "other";
}

struct json_object *reasons_value(const struct da3d_model *model, uint32_t column, double value)
{
    const struct schema_column *of = &da3d_model_schema(model)->columns[column];

    if (of->kind == SCHEMA_IDENTITY) /* a prototype's is NaN: of normal rows, which are known */
        return json_object_new_string(
            isnan(value) || da3d_model_knows(model, column, value) ? known : "new");
    if (isnan(value))
        return NULL; /* as json-c has null */
    return of->kind == SCHEMA_CATEGORICAL ? json_object_new_string(category(of, value))
                                          : json_new_number(value);
}

static struct json_object *usual_categories(const struct schema_column *column, const double *share)
{
    struct json_object *array = json_object_new_array();

    for (uint32_t i = 0; i <= column->n_values; i++)
        if (share[i] >= rare)
            json_object_array_add(array, json_object_new_string(category(column, i)));
    return array;
}

static struct json_object *usual_identities(void)
{
    struct json_object *array = json_object_new_array();

    json_object_array_add(array, json_object_new_string(known));
    return array;
}

static struct json_object *typical_of(const struct da3d_model *model, uint32_t column)
{
    const struct schema_column *of = &da3d_model_schema(model)->columns[column];
    const struct column_summary *summary = &da3d_model_columns(model)[column];
    struct json_object *array;

    if (of->kind == SCHEMA_IDENTITY)
        return usual_identities();
    if (summary->share)
        return usual_categories(of, summary->share);
    if (summary->missing >= 1)
        return NULL;
    array = json_object_new_array();
    json_object_array_add(array, json_new_number(summary->quantile[QUANTILE_LOW]));
    json_object_array_add(array, json_new_number(summary->quantile[QUANTILE_HIGH]));
    return array;
}

struct json_object *reasons_object(const struct da3d_reason *reason, const struct da3d_model *model)
{
    const struct schema_column *column = &da3d_model_schema(model)->columns[reason->column];
    struct json_object *object = json_object_new_object(), *typical;

    json_add_string(object, "feature", column->name);
    json_object_object_add(object, "value", reasons_value(model, reason->column, reason->value));
    typical = typical_of(model, reason->column);
    if (typical)
        json_object_object_add(object, "typical", typical);
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
