/* scaler_file.h - a scaler as bytes of a model file, and back: each column's
 *
 *   f64 min, f64 max, f32 fill; by rank-gauss also u32 knots, f64 values, f64 scores */
#ifndef CORE_SCALER_FILE_H
#define CORE_SCALER_FILE_H

#include "bytes.h"
#include "scaler.h"

void scaler_put(struct bytes_out *out, const struct scaler *scaler);

/* scaler: of the model's schema. Returns 0, or -1 with *error. */
int scaler_get(struct bytes_in *in, struct scaler *scaler, enum da3d_scaling scaling,
               struct da3d_error *error);

#endif
