/* flow_index.h - finds records by hash. Open addressing: a flood of flows that are not there costs
 * one cache line each, not a walk through cold records. */
#ifndef FEATURES_FLOW_INDEX_H
#define FEATURES_FLOW_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct flow_slot {
    uint32_t hash;
    uint32_t record; /* 0: empty */
};

struct flow_index {
    struct flow_slot *slots; /* a power of two, at least a quarter of them empty */
    uint32_t mask;
};

/* The most bytes that an index takes per entry. */
enum { FLOW_INDEX_BYTES_MAX = 4 * sizeof(struct flow_slot) };

/* Room for limit entries (1 .. 2^30). Returns 0, or -1 with errno ENOMEM. */
int flow_index_init(struct flow_index *index, size_t limit);
void flow_index_clear(struct flow_index *index);
size_t flow_index_bytes(const struct flow_index *index);

/* Returns the next record with this hash, 0 if there is no more. *position: the hash at first. */
uint32_t flow_index_next(const struct flow_index *index, uint32_t hash, uint32_t *position);

/* There must be room. record: not 0, not in it yet. */
void flow_index_insert(struct flow_index *index, uint32_t hash, uint32_t record);
/* The record must be there. */
void flow_index_remove(struct flow_index *index, uint32_t hash, uint32_t record);

#endif
