/* reasons.h - the features that made an alert, as its event names them. */
#ifndef DAEMON_REASONS_H
#define DAEMON_REASONS_H

#include <json-c/json.h>

#include "core/da3d.h"

enum { REASONS_MAX = 10, REASONS_DEFAULT = 5 };

struct reasons {
    uint32_t n; /* 0: none are known */
    struct da3d_reason item[REASONS_MAX];
};

/* x: the vector; k: at most REASONS_MAX. explainer: NULL: none. */
void reasons_find(struct reasons *reasons, struct da3d_explainer *explainer, const double *x,
                  size_t k);

/* json-c's, the caller's: {"feature": ..., "value": ..., "typical": ..., "contrib": ...}, specified
 * by etc/schema.json; and a list of them. */
struct json_object *reasons_object(const struct da3d_reason *reason,
                                   const struct da3d_model *model);
struct json_object *reasons_array(const struct reasons *reasons, const struct da3d_model *model);

/* A raw value of a column: a number, a category's name, "known" or "new" for an identity, or null
 * where it is missing. */
struct json_object *reasons_value(const struct da3d_model *model, uint32_t column, double value);

#endif
