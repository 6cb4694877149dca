#include "flow_index.h"

#include <stdlib.h>

enum { EMPTY = 0 };

/* The smallest power of two of which limit is at most three quarters. */
static size_t slot_count(size_t limit)
{
    size_t slots = 2;

    while (slots / 4 * 3 < limit)
        slots *= 2;
    return slots;
}

int flow_index_init(struct flow_index *index, size_t limit)
{
    size_t slots = slot_count(limit);

    index->mask = (uint32_t)(slots - 1);
    index->slots = calloc(slots, sizeof *index->slots);
    return index->slots != NULL ? 0 : -1;
}

void flow_index_clear(struct flow_index *index)
{
    free(index->slots);
}

size_t flow_index_bytes(const struct flow_index *index)
{
    return ((size_t)index->mask + 1) * sizeof *index->slots;
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
}
