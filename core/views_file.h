/* views_file.h - views as bytes of a model file, and back:
 *
 *   u32 inputs, u32 prototypes; what the configuration's views need, in this order: f32 weights of
 *   the residual, f32 prototypes, f32 mean and f32 rotation of the components; then the evidence of
 *   each view that counts, unless the alarm network counts alone: u32 count, f32 reference, f32
 *   tail, f32 scale */
#ifndef CORE_VIEWS_FILE_H
#define CORE_VIEWS_FILE_H

#include "bytes.h"
#include "views.h"

void views_put(struct bytes_out *out, const struct views *views);

/* Returns 0, or -1 with *error. */
int views_get(struct bytes_in *in, struct views *views, const struct da3d_config *config,
              uint32_t inputs, struct da3d_error *error);

#endif
