#include "flow_index.h"

#include <stdlib.h>

#include "huge.h"

enum { EMPTY = 0 };

int flow_index_init(struct flow_index *index)
{
    *index = (struct flow_index){.slots = calloc(1, FLOW_INDEX_BYTES_MIN)};
    index->mask = FLOW_INDEX_BYTES_MIN / sizeof *index->slots - 1;
    return index->slots != NULL ? 0 : -1;
}

void flow_index_clear(struct flow_index *index)
{
    free(index->slots);
}

/* Returns false, the index as it was, if there is no memory. */
static bool double_size(struct flow_index *index)
{
    size_t n = (size_t)index->mask + 1;
    struct flow_index larger = {.mask = (uint32_t)(2 * n - 1)};

    larger.slots = huge_zeros(2 * n, sizeof *larger.slots);
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        if (index->slots[i].record != EMPTY)
            flow_index_insert(&larger, index->slots[i].hash, index->slots[i].record);
    free(index->slots);
    *index = larger;
    return true;
}

bool flow_index_reserve(struct flow_index *index, uint32_t n)
{
    return index->used + n <= index->mask / 4 * 3 || double_size(index);
}

void flow_index_seek(const struct flow_index *index, uint32_t hash)
{
    __builtin_prefetch(&index->slots[hash & index->mask]);
}

uint32_t flow_index_next(const struct flow_index *index, uint32_t hash, uint32_t *position)
{
    const struct flow_slot *slot;

    do
        slot = &index->slots[(*position)++ & index->mask];
    while (slot->record != EMPTY && slot->hash != hash);
    return slot->record;
}

void flow_index_insert(struct flow_index *index, uint32_t hash, uint32_t record)
{
    uint32_t at = hash;

    while (index->slots[at & index->mask].record != EMPTY)
        at++;
    index->slots[at & index->mask] = (struct flow_slot){hash, record};
    index->used++;
}

/* Fills the hole with the next entry that may stand there, and so on with its hole: no entry is
 * ever behind an empty slot from its own place on. */
static void close_gap(struct flow_index *index, uint32_t hole)
{
    uint32_t mask = index->mask;

    for (uint32_t at = hole + 1; index->slots[at & mask].record != EMPTY; at++) {
        uint32_t strayed = (at - index->slots[at & mask].hash) & mask;

        if (strayed >= at - hole) {
            index->slots[hole & mask] = index->slots[at & mask];
            hole = at;
        }
    }
    index->slots[hole & mask].record = EMPTY;
}

void flow_index_remove(struct flow_index *index, uint32_t hash, uint32_t record)
{
    uint32_t at = hash;

    while (index->slots[at & index->mask].record != record)
        at++;
    close_gap(index, at);
    index->used--;
}
