#include "csv_header.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "csv.h"

int csv_header_find(const struct csv_header *header, const char *name)
{
    size_t low = 0, high = header->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(header->names[header->by_name[middle]], name);

        if (order == 0)
            return header->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

/* Equal names stay in the columns' order. */
static int compare_names(const void *a, const void *b, void *names)
{
    const int *x = a, *y = b;
    char(*of)[SCHEMA_NAME_MAX] = names;
    int order = strcmp(of[*x], of[*y]);

    return order ? order : *x - *y;
}

static void sort_names(struct csv_header *header)
{
    qsort_r(header->by_name, header->n, sizeof *header->by_name, compare_names, header->names);
}

/* Writes names in which all but the first column of a name have ".1", ".2" and so on behind it, as
 * pandas calls them, past those that are taken. Two names with an ending each are never equal. */
static int name_twins(struct csv_header *header, char (*names)[SCHEMA_NAME_MAX],
                      struct da3d_error *error)
{
    size_t ending = 0;

    memcpy(names, header->names, header->n * sizeof *names);
    for (size_t i = 1; i < header->n; i++) {
        const size_t column = (size_t)header->by_name[i];
        const char *name = header->names[column];

        if (strcmp(header->names[header->by_name[i - 1]], name) != 0) {
            ending = 0;
            continue;
        }
        do {
            if (snprintf(names[column], sizeof *names, "%s.%zu", name, ++ending) >= SCHEMA_NAME_MAX)
                return da3d_fail(error, "line 1: two columns are named '%s'", name);
        } while (csv_header_find(header, names[column]) >= 0);
        if (header->n_twins++ == 0)
            header->twin = column;
    }
    return 0;
}

static int order_names(struct csv_header *header, struct da3d_error *error)
{
    char(*names)[SCHEMA_NAME_MAX] = calloc(header->n, sizeof *names);

    header->by_name = calloc(header->n, sizeof *header->by_name);
    if (!names || !header->by_name) {
        free(names);
        return da3d_fail(error, "%s", strerror(errno));
    }
    for (size_t i = 0; i < header->n; i++)
        header->by_name[i] = (int)i;
    sort_names(header);
    if (name_twins(header, names, error) < 0) {
        free(names);
        return -1;
    }
    free(header->names);
    header->names = names;
    sort_names(header);
    return 0;
}

int csv_header_fail(int separator, struct da3d_error *error)
{
    return da3d_fail(error, "line 1: looks %s-separated: da3dd reads commas (RFC 4180)",
                     separator == '\t' ? "tab" : "semicolon");
}

/* Is it separated by commas? A header of one field that other separators stand in is not. */
static int check_separator(char *const *fields, size_t n, struct da3d_error *error)
{
    const char *separator = n == 1 ? strpbrk(fields[0], "\t;") : NULL;

    if (strncmp(fields[0], "#separator", strlen("#separator")) == 0)
        return da3d_fail(error,
                         "line 1: looks like a tab-separated log of Zeek (#separator): da3dd "
                         "reads commas (RFC 4180)");
    return separator ? csv_header_fail(*separator, error) : 0;
}

int csv_header_init(struct csv_header *header, char *const *fields, size_t n,
                    struct da3d_error *error)
{
    size_t numbers = 0;
    double number;

    if (check_separator(fields, n, error) < 0)
        return -1;
    header->names = calloc(n, sizeof *header->names);
    if (!header->names)
        return da3d_fail(error, "%s", strerror(errno));
    for (size_t i = 0; i < n; i++) {
        if (csv_escape(fields[i], header->names[i], sizeof *header->names) < 0)
            return da3d_fail(error, "line 1: column %zu: '%s...' is too long a name", i + 1,
                             header->names[i]);
        if (!*header->names[i])
            return da3d_fail(error, "line 1: column %zu has no name", i + 1);
        numbers += cell_parse(header->names[i], &number) == CELL_NUMBER;
    }
    if (numbers == n)
        return da3d_fail(error, "line 1: column names are expected, and all are numbers");
    header->n = n;
    return order_names(header, error);
}

void csv_header_clear(struct csv_header *header)
{
    free(header->names);
    free(header->by_name);
}
