/* flow_index.h - finds records by hash. Open addressing: a flood of flows that are not there costs
 * one cache line each, not a walk through cold records. It doubles as it fills, since a small table
 * stays in the cache. */
#ifndef FEATURES_FLOW_INDEX_H
#define FEATURES_FLOW_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow_slot {
    uint32_t hash;
    uint32_t record; /* 0: empty */
};

struct flow_index {
    struct flow_slot *slots; /* a power of two, at least a quarter of them empty */
    uint32_t mask;
    uint32_t used; /* slots that are not empty */
};

/* The most bytes that an index takes per entry, while it doubles and holds both sizes. */
enum { FLOW_INDEX_BYTES_MAX = 4 * sizeof(struct flow_slot) };

/* Bytes that it takes at first. */
enum { FLOW_INDEX_BYTES_MIN = 256 * sizeof(struct flow_slot) };

/* Returns 0, or -1 with errno ENOMEM. */
int flow_index_init(struct flow_index *index);
void flow_index_clear(struct flow_index *index);

/* Makes room for n entries more, a hundred at most, up to 2^30 in all. Returns false if there is no
 * memory for them. */
bool flow_index_reserve(struct flow_index *index, uint32_t n);

/* Asks for the memory where the search for this hash begins. */
void flow_index_seek(const struct flow_index *index, uint32_t hash);

/* Returns the next record with this hash, 0 if there is no more. *position: the hash at first. */
uint32_t flow_index_next(const struct flow_index *index, uint32_t hash, uint32_t *position);

/* There must be room (flow_index_reserve()). record: not 0, not in it yet. */
void flow_index_insert(struct flow_index *index, uint32_t hash, uint32_t record);
/* The record must be there. */
void flow_index_remove(struct flow_index *index, uint32_t hash, uint32_t record);

#endif
