/* categories.h - the distinct values of a column, counted, to become a schema's categories. */
#ifndef DAEMON_CATEGORIES_H
#define DAEMON_CATEGORIES_H

#include "core/schema.h"

/* Zero-initialised is empty. */
struct categories {
    void *root; /* tsearch()'s */
    size_t n;   /* distinct values */
};

/* value: as csv_escape() writes it, shorter than SCHEMA_VALUE_MAX.
 * Returns 0, or -1 with errno ENOMEM. */
int categories_count(struct categories *categories, const char *value);

/* Makes the column categorical with the SCHEMA_VALUES_MAX most frequent values, of equally frequent
 * ones those first by name. Returns 0, or -1 with errno ENOMEM. */
int categories_into(const struct categories *categories, struct schema_column *column);
void categories_clear(struct categories *categories);

#endif
