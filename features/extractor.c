#include "extractor.h"

#include <stdlib.h>

#include "traffic.h"

struct feature_extractor {
    const struct feature_set *set;
    struct traffic *traffic; /* NULL where the set does not look at it */
    int64_t *work;
};

struct feature_extractor *feature_extractor_new(const struct feature_set *set, uint32_t max_samples,
                                                const uint8_t key[16])
{
    struct feature_extractor *extractor = calloc(1, sizeof *extractor);

    if (extractor == NULL)
        return NULL;
    extractor->set = set;
    extractor->work = calloc(2 * (size_t)max_samples, sizeof *extractor->work);
    if (set->extract_traffic != NULL)
        extractor->traffic = traffic_new(key);
    if (extractor->work == NULL || (set->extract_traffic != NULL && extractor->traffic == NULL)) {
        feature_extractor_free(extractor);
        return NULL;
    }
    return extractor;
}

void feature_extractor_free(struct feature_extractor *extractor)
{
    if (extractor == NULL)
        return;
    traffic_free(extractor->traffic);
    free(extractor->work);
    free(extractor);
}

void feature_extract(struct feature_extractor *extractor, const struct flow *flow, double *x)
{
    struct traffic_counts counts;

    extractor->set->extract(flow, extractor->work, x);
    if (extractor->traffic == NULL)
        return;
    traffic_add(extractor->traffic, flow, &counts);
    extractor->set->extract_traffic(&counts, x);
}
