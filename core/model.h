/* model.h - what a trained model holds. Private to core. */
#ifndef CORE_MODEL_H
#define CORE_MODEL_H

#include "calibration.h"
#include "da3d.h"
#include "novelty.h"
#include "parts.h"
#include "scaler.h"
#include "views.h"

struct da3d_model {
    struct schema schema;
    struct da3d_config config;      /* as derived */
    struct column_summary *columns; /* schema.n_columns; owned */
    struct scaler scaler;
    struct parts parts;
    struct views views;
    struct novelty novelty;
    struct calibration calibration;
    struct da3d_report report;
};

/* A model for a well-formed schema, with a copy of it, and summaries, a scaler and novelty,
 * unfitted; the rest is zero. Returns NULL with errno ENOMEM. */
struct da3d_model *model_new(const struct schema *schema);

#endif
