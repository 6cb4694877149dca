/* schema_file.h - a schema as part of a model file; its layout is in da3dd-model(5). */
#ifndef CORE_SCHEMA_FILE_H
#define CORE_SCHEMA_FILE_H

#include "bytes.h"
#include "schema.h"

void schema_put(struct bytes_out *out, const struct schema *schema);

/* schema: zero. Returns 0, or -1 with *error: what is there already is to be cleared. */
int schema_get(struct bytes_in *in, struct schema *schema, struct da3d_error *error);

#endif
