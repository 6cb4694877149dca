/* extractor.h - finished rows to feature vectors, one stream of rows at a time. */
#ifndef FEATURES_EXTRACTOR_H
#define FEATURES_EXTRACTOR_H

#include "set.h"

struct feature_extractor;

/* max_samples: of any row, as in struct flow_config. key: 16 secret bytes that key the windows'
 * hash, copied. Returns NULL with errno ENOMEM. */
struct feature_extractor *feature_extractor_new(const struct feature_set *set, uint32_t max_samples,
                                                const uint8_t key[16]);
void feature_extractor_free(struct feature_extractor *extractor);

/* x: set->n_columns values, overwritten: finite, or NaN where missing. Rows come in the order in
 * which a flow table reports them. No allocation. */
void feature_extract(struct feature_extractor *extractor, const struct flow *flow, double *x);

#endif
