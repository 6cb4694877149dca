#include "window.h"

#include <stdlib.h>
#include <string.h>

#include "flow_index.h"
#include "huge.h"
#include "nanos.h"

/* What the rows with one key amount to, in each window. Lives while the longest window holds one of
 * them. */
struct tally {
    uint64_t key;
    struct window_count counts[WINDOW_LENGTHS_MAX];
};

/* What is kept of a row: its tallies, so that forgetting it searches for nothing. */
struct entry {
    int64_t end_ns;
    uint32_t tallies[WINDOW_KEYS];
    uint64_t bytes[2];
    enum window_outcome outcome;
};

/* Rows are numbered as they come. Each window holds those from its oldest to the newest, so that a
 * shorter window's are a part of a longer one's. */
struct window {
    struct window_config config;
    struct entry *ring; /* max_rows; a row's place is its number modulo that */
    uint64_t added;     /* rows ever */
    uint64_t oldest[WINDOW_LENGTHS_MAX];
    struct tally *tallies;   /* 1 + max_rows * n_keys: one for each key of each row suffices */
    struct flow_index index; /* of the tallies, from 1, by the lower half of their keys */
    uint32_t free;           /* first tally that is free again, 0: none; key: the next */
    uint32_t fresh;          /* first tally that has never been used */
};

struct window *window_new(const struct window_config *config)
{
    struct window *window = calloc(1, sizeof *window);

    if (window == NULL)
        return NULL;
    window->config = *config;
    window->ring = huge_array(config->max_rows, sizeof *window->ring);
    window->tallies = huge_array(1 + config->max_rows * config->n_keys, sizeof *window->tallies);
    if (flow_index_init(&window->index) < 0 || window->ring == NULL || window->tallies == NULL) {
        window_free(window);
        return NULL;
    }
    window->fresh = 1;
    return window;
}

void window_free(struct window *window)
{
    if (window == NULL)
        return;
    flow_index_clear(&window->index);
    free(window->ring);
    free(window->tallies);
    free(window);
}

static struct entry *entry_of(const struct window *window, uint64_t number)
{
    return &window->ring[number % window->config.max_rows];
}

/* The tally of the key, which there is room for. */
static uint32_t find_or_add(struct window *window, uint64_t key)
{
    uint32_t hash = (uint32_t)key, position = hash, i;

    while ((i = flow_index_next(&window->index, hash, &position)) != 0)
        if (window->tallies[i].key == key)
            return i;
    i = window->free;
    if (i != 0)
        window->free = (uint32_t)window->tallies[i].key;
    else
        i = window->fresh++;
    window->tallies[i] = (struct tally){.key = key};
    flow_index_insert(&window->index, hash, i);
    return i;
}

static void drop(struct window *window, uint32_t i)
{
    flow_index_remove(&window->index, (uint32_t)window->tallies[i].key, i);
    window->tallies[i].key = window->free;
    window->free = i;
}

static void count(struct window_count *count, const struct entry *entry)
{
    count->rows++;
    count->failed += entry->outcome == WINDOW_FAILED;
    count->refused += entry->outcome == WINDOW_REFUSED;
    count->bytes[0] += entry->bytes[0];
    count->bytes[1] += entry->bytes[1];
}

static void discount(struct window_count *count, const struct entry *entry)
{
    count->rows--;
    count->failed -= entry->outcome == WINDOW_FAILED;
    count->refused -= entry->outcome == WINDOW_REFUSED;
    count->bytes[0] -= entry->bytes[0];
    count->bytes[1] -= entry->bytes[1];
}

static void forget_oldest(struct window *window, size_t length)
{
    const struct entry *entry = entry_of(window, window->oldest[length]++);
    bool longest = length == window->config.n_lengths - 1;

    for (size_t k = 0; k < window->config.n_keys; k++) {
        struct window_count *counts = &window->tallies[entry->tallies[k]].counts[length];

        discount(counts, entry);
        if (longest && counts->rows == 0)
            drop(window, entry->tallies[k]);
    }
}

/* Forgets the rows before this number, the shorter windows first. */
static void forget_before(struct window *window, uint64_t number)
{
    for (size_t length = 0; length < window->config.n_lengths; length++)
        while (window->oldest[length] < number)
            forget_oldest(window, length);
}

static bool has_room(struct window *window)
{
    uint64_t rows = window->added - window->oldest[window->config.n_lengths - 1];

    return rows < window->config.max_rows &&
           flow_index_reserve(&window->index, (uint32_t)window->config.n_keys);
}

/* Makes room for a row that ended at end_ns: forgets what is too old for it. */
static void advance(struct window *window, int64_t end_ns)
{
    uint64_t *longest = &window->oldest[window->config.n_lengths - 1];

    if (window->added > *longest && entry_of(window, window->added - 1)->end_ns > end_ns)
        forget_before(window, window->added); /* a new timeline */
    for (size_t length = 0; length < window->config.n_lengths; length++)
        while (window->oldest[length] < window->added &&
               nanos_between(entry_of(window, window->oldest[length])->end_ns, end_ns) >
                   window->config.lengths_ns[length])
            forget_oldest(window, length);
    while (!has_room(window))
        forget_before(window, *longest + 1);
}

/* Asks for the memory where the search for the row's tallies begins. */
static void seek(const struct window *window, const struct window_row *row)
{
    for (size_t k = 0; k < window->config.n_keys; k++)
        flow_index_seek(&window->index, (uint32_t)row->keys[k]);
}

/* Asks for what will be read to forget the next rows. */
static void fetch_oldest(const struct window *window)
{
    for (size_t length = 0; length < window->config.n_lengths; length++) {
        const struct entry *entry = entry_of(window, window->oldest[length]);

        for (size_t k = 0; k < window->config.n_keys; k++)
            __builtin_prefetch(&window->tallies[entry->tallies[k]], 1);
    }
}

void window_add(struct window *window, const struct window_row *row, struct window_count *counts)
{
    struct entry *entry;

    seek(window, row);
    advance(window, row->end_ns);
    entry = entry_of(window, window->added++);
    entry->end_ns = row->end_ns;
    entry->outcome = row->outcome;
    entry->bytes[0] = row->bytes[0];
    entry->bytes[1] = row->bytes[1];
    for (size_t k = 0; k < window->config.n_keys; k++) {
        uint32_t i = find_or_add(window, row->keys[k]);

        entry->tallies[k] = i;
        for (size_t length = 0; length < window->config.n_lengths; length++) {
            count(&window->tallies[i].counts[length], entry);
            counts[length * window->config.n_keys + k] = window->tallies[i].counts[length];
        }
    }
    fetch_oldest(window);
}
