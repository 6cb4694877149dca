/* model.h - what a trained model holds. Private to core. */
#ifndef CORE_MODEL_H
#define CORE_MODEL_H

#include "da3d.h"
#include "parts.h"
#include "scaler.h"
#include "views.h"

enum { MODEL_NORMALS_MAX = 4096 };

struct da3d_model {
    struct schema schema;
    struct da3d_config config; /* as derived */
    struct scaler scaler;
    struct parts parts;
    struct views views;
    float *normals; /* n_normals logits of held-out rows, ascending; owned */
    uint32_t n_normals;
    float threshold; /* logit */
    struct da3d_report report;
};

/* A model for a well-formed schema, with a copy of it and a scaler, unfitted; the rest is zero.
 * Returns NULL with errno ENOMEM. */
struct da3d_model *model_new(const struct schema *schema);

/* Sets the threshold, the reference for p-values (evenly picked if there are more than
 * MODEL_NORMALS_MAX) and the report's alert rate from the n > 0 held-out rows' logits, all finite,
 * which are sorted in place. Returns 0, or -1 with errno ENOMEM. */
int model_calibrate(struct da3d_model *model, float *logits, size_t n);

/* (k + 1) / (n + 1), k of the n reference logits being as high or higher. */
double model_p_value(const struct da3d_model *model, float logit);

#endif
