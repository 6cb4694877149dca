#include "novelty.h"

#include <math.h>
#include <stdlib.h>

#include "ascending.h"

int novelty_init(struct novelty *novelty, const struct schema *schema)
{
    *novelty = (struct novelty){.of = calloc(schema->n_columns, sizeof *novelty->of)};
    if (novelty->of == NULL) {
        return -1;
    }
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        if (schema->columns[c].kind == SCHEMA_IDENTITY) {
            novelty->of[novelty->n++].column = c;
        }
    }
    return 0;
}

void novelty_clear(struct novelty *novelty)
{
    for (uint32_t i = 0; i < novelty->n; i++) {
        free(novelty->of[i].id);
    }
    free(novelty->of);
    *novelty = (struct novelty){0};
}

struct counted {
    double id;
    size_t n;
};

static int by_count(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    if (x->n != y->n) {
        return x->n > y->n ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
}

static int by_id(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* values: n ascending. counted: room for n. Returns how many different ones there are. */
static size_t count(const double *values, size_t n, struct counted *counted)
{
    size_t different = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || values[i] != values[i - 1]) {
            counted[different++] = (struct counted){.id = values[i]};
        }
        counted[different - 1].n++;
    }
    return different;
}

/* counted: n. Leaves the most frequent ones, by identity; returns how many. */
static size_t keep_frequent(struct counted *counted, size_t n)
{
    if (n <= NOVELTY_KNOWN_MAX) {
        return n;
    }
    qsort(counted, n, sizeof *counted, by_count);
    qsort(counted, NOVELTY_KNOWN_MAX, sizeof *counted, by_id);
    return NOVELTY_KNOWN_MAX;
}

static int take(struct known *known, const struct counted *counted, size_t n)
{
    free(known->id);
    known->n = 0;
    known->id = malloc((n + 1) * sizeof *known->id);
    if (known->id == NULL) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        known->id[known->n++] = counted[i].id;
    }
    return 0;
}

int novelty_learn(struct novelty *novelty, const struct novelty_rows *rows)
{
    double *values = malloc(rows->n * sizeof *values);
    struct counted *counted = malloc(rows->n * sizeof *counted);
    int result = values != NULL && counted != NULL ? 0 : -1;
    for (uint32_t i = 0; result == 0 && i < novelty->n; i++) {
        struct known *known = &novelty->of[i];
        const size_t n =
            ascending_column(rows->at + known->column, rows->columns, rows->index, rows->n, values);
        result = take(known, counted, keep_frequent(counted, count(values, n, counted)));
    }
    free(values);
    free(counted);
    return result;
}

struct seen {
    double id;
    size_t row;
};

static int by_seen(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* seen: n of one identity. */
static void refuse_odd(const struct seen *seen, size_t n, const bool *odd, bool *refused)
{
    bool all = n > 1;
    for (size_t i = 0; i < n; i++) {
        all = all && odd[seen[i].row];
    }
    for (size_t i = 0; i < n; i++) {
        refused[seen[i].row] = refused[seen[i].row] || all;
    }
}

/* seen: room for all rows. */
static void refuse_of_column(const double *column, const struct novelty_rows *rows, const bool *odd,
                             struct seen *seen, bool *refused)
{
    size_t n = 0;
    for (size_t row = 0; row < rows->n; row++) {
        const double id = column[row * rows->columns];
        if (!isnan(id)) {
            seen[n++] = (struct seen){id, row};
        }
    }
    qsort(seen, n, sizeof *seen, by_seen);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && seen[end].id == seen[first].id;) {
            end++;
        }
        refuse_odd(seen + first, end - first, odd, refused);
    }
}

int novelty_refuse(const struct novelty *novelty, const struct novelty_rows *rows, const bool *odd,
                   bool *refused)
{
    struct seen *seen = malloc(rows->n * sizeof *seen);
    if (seen == NULL) {
        return -1;
    }
    for (uint32_t i = 0; i < novelty->n; i++) {
        refuse_of_column(rows->at + novelty->of[i].column, rows, odd, seen, refused);
    }
    free(seen);
    return 0;
}

static bool knows(const struct known *known, double id)
{
    size_t low = 0, high = known->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (known->id[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < known->n && known->id[low] == id;
}

bool novelty_knows(const struct novelty *novelty, uint32_t column, double value)
{
    for (uint32_t i = 0; i < novelty->n; i++) {
        if (novelty->of[i].column == column) {
            return knows(&novelty->of[i], value);
        }
    }
    return true;
}

float novelty_of(const struct novelty *novelty, const double *row)
{
    uint32_t unknown = 0;
    for (uint32_t i = 0; i < novelty->n; i++) {
        unknown += !knows(&novelty->of[i], row[novelty->of[i].column]);
    }
    return (float)unknown;
}

void novelty_put(struct bytes_out *out, const struct novelty *novelty)
{
    for (uint32_t i = 0; i < novelty->n; i++) {
        bytes_put_u32(out, novelty->of[i].n);
        for (uint32_t k = 0; k < novelty->of[i].n; k++) {
            bytes_put_double(out, novelty->of[i].id[k]);
        }
    }
}

void novelty_get(struct bytes_in *in, struct novelty *novelty)
{
    for (uint32_t i = 0; i < novelty->n && !in->bad; i++) {
        struct known *known = &novelty->of[i];
        const uint32_t n = bytes_get_u32(in);
        in->bad = in->bad || n > NOVELTY_KNOWN_MAX || n > in->left / sizeof(double);
        known->id = in->bad ? NULL : malloc((n + 1U) * sizeof *known->id);
        in->bad = known->id == NULL;
        while (!in->bad && known->n < n) {
            const double id = bytes_get_double(in);
            in->bad = in->bad || !schema_is_identity(id) ||
                      (known->n > 0 && id <= known->id[known->n - 1]);
            known->id[known->n++] = id;
        }
    }
}
