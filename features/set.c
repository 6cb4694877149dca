#include "set.h"

#include <string.h>

#include "doh.h"
#include "flow_set.h"
#include "kdd.h"

static const struct feature_set *const sets[] = {&flow_feature_set, &doh_set, &kdd_set, NULL};

const struct feature_set *const *feature_sets(void)
{
    return sets;
}

const struct feature_set *feature_set_find(const char *name)
{
    for (const struct feature_set *const *set = sets; *set != NULL; set++)
        if (strcmp((*set)->name, name) == 0 || strcmp((*set)->version, name) == 0)
            return *set;
    return NULL;
}

const char *feature_category(const struct feature_column *column, double value)
{
    return value < (double)column->n_values ? column->values[(size_t)value] : "other";
}

const char *feature_sentinel(const struct feature_set *set, const double *x, size_t column)
{
    const struct feature_column *description = &set->columns[column];

    if (description->no_response != NULL && set->no_response(x))
        return description->no_response;
    return description->sentinel;
}
