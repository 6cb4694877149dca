/* set_schema.h - a feature set as a model's schema. */
#ifndef DAEMON_SET_SCHEMA_H
#define DAEMON_SET_SCHEMA_H

#include "core/schema.h"
#include "features/set.h"

/* The model's view of a set. Returns 0 and the caller's *schema, or -1 with errno ENOMEM. */
int set_schema_init(struct schema *schema, const struct feature_set *set);

/* The set that a model with this schema was trained on, if this program has it in the same shape;
 * else NULL, with *error. */
const struct feature_set *set_schema_find(const struct schema *schema, struct da3d_error *error);

#endif
