/* spool_index.h - which slots of the spool are whose: each host's, the newest first, and the free
 * ones. All of it in constant time, but for the hosts' lists, which are walked. */
#ifndef DAEMON_SPOOL_INDEX_H
#define DAEMON_SPOOL_INDEX_H

#include "features/flow_index.h"

enum { SPOOL_NONE = INT32_MAX }; /* no slot, no host */

struct spool_index_slot {
    int64_t time_ns;         /* when it was taken */
    uint32_t host;           /* SPOOL_NONE: free */
    uint32_t next, previous; /* of the host's, the newest first; of the free ones next alone */
};

struct spool_host {
    uint64_t key;
    uint32_t n;      /* its slots */
    uint32_t newest; /* of them; of a host that is free, the next that is */
};

struct spool_index {
    struct spool_index_slot *slots;
    struct spool_host *hosts; /* as many as slots, since each has one */
    struct flow_index by_key; /* record: 1 + place in hosts */
    uint32_t n_slots, n_used;
    uint32_t free_slot, free_host; /* first of their lists */
};

/* All slots are neither free nor used until they are loaded or released. n < SPOOL_NONE.
 * Returns 0, or -1 with errno ENOMEM. */
int spool_index_init(struct spool_index *index, uint32_t n);
void spool_index_clear(struct spool_index *index);

/* key: the host's. NULL: it has no slot. */
const struct spool_host *spool_index_find(const struct spool_index *index, uint64_t key);

/* A slot that is neither free nor used becomes the host's newest. Returns 0, or -1 with errno
 * ENOMEM. */
int spool_index_load(struct spool_index *index, uint32_t slot, uint64_t key, int64_t time_ns);
/* A slot becomes free, whatever it was. */
void spool_index_release(struct spool_index *index, uint32_t slot);
/* A free slot becomes the host's newest. Returns it: SPOOL_NONE with errno, ENOSPC where none is
 * free. */
uint32_t spool_index_claim(struct spool_index *index, uint64_t key, int64_t time_ns);

static inline bool spool_index_used(const struct spool_index *index, uint32_t slot)
{
    return index->slots[slot].host != SPOOL_NONE;
}

#endif
