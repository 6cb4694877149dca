#include "model.h"

#include <math.h>
#include <stdlib.h>

struct da3d_model *model_new(const struct schema *schema)
{
    struct da3d_model *model = calloc(1, sizeof *model);
    if (model == NULL) {
        return NULL;
    }
    if (schema_copy(&model->schema, schema) == 0 &&
        scaler_init(&model->scaler, &model->schema) == 0 &&
        novelty_init(&model->novelty, &model->schema) == 0) {
        model->columns = summary_new(&model->schema);
    }
    if (model->columns == NULL) {
        da3d_model_free(model);
        return NULL;
    }
    return model;
}

void da3d_model_free(struct da3d_model *model)
{
    if (model == NULL) {
        return;
    }
    summary_free(model->columns, &model->schema);
    scaler_clear(&model->scaler);
    schema_clear(&model->schema);
    parts_clear(&model->parts);
    views_clear(&model->views);
    novelty_clear(&model->novelty);
    calibration_clear(&model->calibration);
    free(model);
}

const struct schema *da3d_model_schema(const struct da3d_model *model)
{
    return &model->schema;
}

const struct da3d_config *da3d_model_config(const struct da3d_model *model)
{
    return &model->config;
}

const struct column_summary *da3d_model_columns(const struct da3d_model *model)
{
    return model->columns;
}

bool da3d_model_knows(const struct da3d_model *model, uint32_t column, double value)
{
    return !da3d_has_view(&model->config, DA3D_VIEW_NOVELTY) ||
           novelty_knows(&model->novelty, column, value);
}

const struct da3d_tail *da3d_model_tail(const struct da3d_model *model)
{
    return &model->calibration.tail;
}

const struct da3d_report *da3d_model_report(const struct da3d_model *model)
{
    return &model->report;
}

float da3d_threshold_logit(const struct da3d_model *model)
{
    return model->calibration.threshold;
}

double da3d_threshold_score(const struct da3d_model *model)
{
    return 1.0 / (1.0 + exp(-(double)model->calibration.threshold));
}

double da3d_p_value(const struct da3d_model *model, float logit)
{
    return calibration_p_value(&model->calibration, logit);
}

float da3d_logit_at(const struct da3d_model *model, double p)
{
    return calibration_logit(&model->calibration, p);
}
