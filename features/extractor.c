#include "extractor.h"

#include <stdlib.h>

struct feature_extractor {
    const struct feature_set *set;
    void *traffic; /* the set's, NULL where it has none */
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
    if (set->new_traffic != NULL)
        extractor->traffic = set->new_traffic(key);
    if (extractor->work == NULL || (set->new_traffic != NULL && extractor->traffic == NULL)) {
        feature_extractor_free(extractor);
        return NULL;
    }
    return extractor;
}

void feature_extractor_free(struct feature_extractor *extractor)
{
    if (extractor == NULL)
        return;
    if (extractor->traffic != NULL)
        extractor->set->free_traffic(extractor->traffic);
    free(extractor->work);
    free(extractor);
}

void feature_extract(struct feature_extractor *extractor, const struct flow *flow, double *x)
{
    extractor->set->extract(flow, extractor->work, x);
    if (extractor->traffic != NULL)
        extractor->set->extract_traffic(extractor->traffic, flow, x);
}
