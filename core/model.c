#include "model.h"

#include <math.h>
#include <stdlib.h>

#include "ascending.h"

struct da3d_model *model_new(const struct schema *schema)
{
    struct da3d_model *model = calloc(1, sizeof *model);
    if (model == NULL) {
        return NULL;
    }
    if (schema_copy(&model->schema, schema) != 0 ||
        scaler_init(&model->scaler, &model->schema) != 0) {
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
    schema_clear(&model->schema);
    scaler_clear(&model->scaler);
    parts_clear(&model->parts);
    views_clear(&model->views);
    free(model->normals);
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

const struct da3d_report *da3d_model_report(const struct da3d_model *model)
{
    return &model->report;
}

float da3d_threshold_logit(const struct da3d_model *model)
{
    return model->threshold;
}

double da3d_threshold_score(const struct da3d_model *model)
{
    return 1.0 / (1.0 + exp(-(double)model->threshold));
}

/* The lowest threshold that at most n (1 - quantile) of n ascending values reach. */
static float threshold_of(const float *sorted, size_t n, float quantile)
{
    /* A millionth of n makes up for the quantile's float rounding: 1 % of 100 is one. */
    size_t allowed = (size_t)floor((double)n * (1.0 - (double)quantile + 1e-6));
    size_t first = n - allowed; /* tied values are left out together */
    while (first < n && sorted[first] == sorted[first - 1]) {
        first++;
    }
    return first < n ? sorted[first] : nextafterf(sorted[n - 1], INFINITY);
}

int model_calibrate(struct da3d_model *model, float *logits, size_t n)
{
    const size_t kept = n < MODEL_NORMALS_MAX ? n : MODEL_NORMALS_MAX;
    model->normals = malloc(kept * sizeof *model->normals);
    if (model->normals == NULL) {
        return -1;
    }
    ascending_sort(logits, n);
    model->n_normals = (uint32_t)kept;
    ascending_pick(logits, n, model->normals, kept);
    model->threshold = threshold_of(logits, n, model->config.quantile);
    size_t alerting = n - ascending_below(logits, n, model->threshold);
    model->report.holdout_alert_rate = (double)alerting / (double)n;
    return 0;
}

double model_p_value(const struct da3d_model *model, float logit)
{
    size_t k = model->n_normals - ascending_below(model->normals, model->n_normals, logit);
    return ((double)k + 1.0) / ((double)model->n_normals + 1.0);
}
