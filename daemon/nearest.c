#include "nearest.h"

#include <ctype.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance of two names shorter than SCHEMA_NAME_MAX, case aside. */
static size_t distance(const char *a, const char *b)
{
    size_t row[SCHEMA_NAME_MAX];
    size_t n = strlen(b);

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t diagonal = row[0]; /* of the row before */

        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            bool differs = tolower((unsigned char)*a) != tolower((unsigned char)b[j - 1]);
            size_t changed = diagonal + differs;

            diagonal = row[j];
            row[j] = least(changed, 1 + least(row[j], row[j - 1]));
        }
    }
    return row[n];
}

void nearest_init(struct nearest *nearest, const char *name)
{
    const size_t third = strlen(name) / 3;

    *nearest = (struct nearest){.name = name, .distance = (third > 2 ? third : 2) + 1};
}

/* What is too long to be a name is like none. */
void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t d;

    if (strlen(nearest->name) >= SCHEMA_NAME_MAX || strlen(candidate) >= SCHEMA_NAME_MAX)
        return;
    d = distance(nearest->name, candidate);
    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->best = candidate;
    }
}

int nearest_find(const struct csv *csv, const char *word, struct da3d_error *error)
{
    struct nearest nearest;
    char name[SCHEMA_VALUE_MAX];
    int found;

    csv_escape(word, name, sizeof name);
    found = csv_find(csv, name);
    if (found >= 0)
        return found;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < csv_n_columns(csv); i++)
        nearest_offer(&nearest, csv_name(csv, i));
    if (nearest.best)
        return da3d_fail(error, "there is no column '%s'; is it '%s'?", name, nearest.best);
    return da3d_fail(error, "there is no column '%s'", name);
}
