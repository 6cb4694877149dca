#include "window.h"

#include <stdlib.h>
#include <string.h>

#include "nanos.h"

#define NONE UINT32_MAX

/* What the rows in the window with one key amount to. */
struct tally {
    uint64_t key;
    struct window_count count;
    uint32_t next; /* in the bucket's chain, or in the free list */
};

struct window {
    int64_t length_ns;
    uint32_t max_rows;
    size_t n_keys;
    uint32_t oldest, n;      /* ring */
    struct window_row *rows; /* max_rows */
    struct tally *tallies;   /* max_rows * n_keys: one for each key of each row suffices */
    uint32_t *buckets;
    uint32_t n_buckets; /* a power of two */
    uint32_t free;      /* tallies that were used and are free again */
    uint32_t fresh;     /* first tally that has never been used */
};

static uint32_t bucket_count(uint32_t max_rows, size_t n_keys)
{
    uint32_t n = 1;

    while (n < max_rows * n_keys / 2)
        n *= 2;
    return n;
}

struct window *window_new(int64_t length_ns, uint32_t max_rows, size_t n_keys)
{
    struct window *window = calloc(1, sizeof *window);

    if (window == NULL)
        return NULL;
    window->length_ns = length_ns;
    window->max_rows = max_rows;
    window->n_keys = n_keys;
    window->n_buckets = bucket_count(max_rows, n_keys);
    window->rows = calloc(max_rows, sizeof *window->rows);
    window->tallies = calloc(max_rows * n_keys, sizeof *window->tallies);
    window->buckets = calloc(window->n_buckets, sizeof *window->buckets);
    if (window->rows == NULL || window->tallies == NULL || window->buckets == NULL) {
        window_free(window);
        return NULL;
    }
    window->free = NONE;
    memset(window->buckets, 0xff, window->n_buckets * sizeof *window->buckets);
    return window;
}

void window_free(struct window *window)
{
    if (window == NULL)
        return;
    free(window->rows);
    free(window->tallies);
    free(window->buckets);
    free(window);
}

/* Where the index of the key's tally is kept, or would be. */
static uint32_t *find(struct window *window, uint64_t key)
{
    uint32_t *link = &window->buckets[key & (window->n_buckets - 1)];

    while (*link != NONE && window->tallies[*link].key != key)
        link = &window->tallies[*link].next;
    return link;
}

static struct tally *find_or_add(struct window *window, uint64_t key)
{
    uint32_t *link = find(window, key);
    uint32_t i = *link;

    if (i != NONE)
        return &window->tallies[i];
    i = window->free;
    if (i != NONE)
        window->free = window->tallies[i].next;
    else
        i = window->fresh++;
    window->tallies[i] = (struct tally){.key = key, .next = NONE};
    *link = i;
    return &window->tallies[i];
}

static void count(struct window_count *count, enum window_outcome outcome, uint32_t by)
{
    count->rows += by;
    count->failed += outcome == WINDOW_FAILED ? by : 0;
    count->refused += outcome == WINDOW_REFUSED ? by : 0;
}

static void forget_oldest(struct window *window)
{
    const struct window_row *row = &window->rows[window->oldest];

    for (size_t k = 0; k < window->n_keys; k++) {
        uint32_t *link = find(window, row->keys[k]);
        uint32_t i = *link;
        struct tally *tally = &window->tallies[i];

        count(&tally->count, row->outcome, (uint32_t)-1);
        if (tally->count.rows == 0) {
            *link = tally->next;
            tally->next = window->free;
            window->free = i;
        }
    }
    window->oldest = (window->oldest + 1) % window->max_rows;
    window->n--;
}

/* Makes room for a row that ended at end_ns: forgets what is too old for it. */
static void advance(struct window *window, int64_t end_ns)
{
    uint32_t newest = (window->oldest + window->n - 1) % window->max_rows;

    if (window->n > 0 && window->rows[newest].end_ns > end_ns)
        while (window->n > 0) /* a new timeline */
            forget_oldest(window);
    while (window->n > 0 &&
           (window->n == window->max_rows ||
            nanos_between(window->rows[window->oldest].end_ns, end_ns) > window->length_ns))
        forget_oldest(window);
}

void window_add(struct window *window, const struct window_row *row, struct window_count *counts)
{
    advance(window, row->end_ns);
    window->rows[(window->oldest + window->n) % window->max_rows] = *row;
    window->n++;
    for (size_t k = 0; k < window->n_keys; k++) {
        struct tally *tally = find_or_add(window, row->keys[k]);

        count(&tally->count, row->outcome, 1);
        counts[k] = tally->count;
    }
}
