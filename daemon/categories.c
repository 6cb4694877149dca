#include "categories.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct category {
    size_t count;
    char value[];
};

static int by_value(const void *a, const void *b)
{
    const struct category *x = a, *y = b;

    return strcmp(x->value, y->value);
}

static int by_value_of(const void *a, const void *b)
{
    const struct category *const *x = a, *const *y = b;

    return by_value(*x, *y);
}

static int by_falling_count(const void *a, const void *b)
{
    const struct category *const *x = a, *const *y = b;

    if ((*x)->count != (*y)->count)
        return (*x)->count < (*y)->count ? 1 : -1;
    return by_value(*x, *y);
}

int categories_count(struct categories *categories, const char *value)
{
    struct category *category = malloc(sizeof *category + strlen(value) + 1);
    struct category **found;

    if (!category)
        return -1;
    category->count = 0;
    strcpy(category->value, value);
    found = tsearch(category, &categories->root, by_value);
    if (found)
        (*found)->count++;
    if (!found || *found != category)
        free(category);
    else
        categories->n++;
    return found ? 0 : -1;
}

static void list(const void *node, VISIT visit, void *ctx)
{
    const struct category *const *category = node;
    const struct category ***next = ctx;

    if (visit == postorder || visit == leaf)
        *(*next)++ = *category;
}

int categories_into(const struct categories *categories, struct schema_column *column)
{
    const struct category **all = calloc(categories->n + 1, sizeof *all);
    const struct category **next = all;
    size_t n = categories->n < SCHEMA_VALUES_MAX ? categories->n : SCHEMA_VALUES_MAX;
    int rc = all ? schema_make_categorical(column, (uint32_t)n) : -1;

    if (rc == 0) {
        twalk_r(categories->root, list, &next);
        qsort(all, categories->n, sizeof *all, by_falling_count);
        qsort(all, n, sizeof *all, by_value_of);
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        column->values[i] = strdup(all[i]->value);
        rc = column->values[i] ? 0 : -1;
    }
    free(all);
    return rc;
}

void categories_clear(struct categories *categories)
{
    tdestroy(categories->root, free);
    *categories = (struct categories){0};
}
