#include "spool_index.h"

#include <errno.h>
#include <stdlib.h>

int spool_index_init(struct spool_index *index, uint32_t n)
{
    *index = (struct spool_index){.n_slots = n, .free_slot = SPOOL_NONE};
    index->slots = calloc(n, sizeof *index->slots);
    index->hosts = calloc(n, sizeof *index->hosts);
    if (!index->slots || !index->hosts || flow_index_init(&index->by_key) < 0) {
        spool_index_clear(index);
        return -1;
    }
    for (uint32_t i = 0; i < n; i++) {
        index->slots[i].host = SPOOL_NONE;
        index->hosts[i].newest = i + 1 < n ? i + 1 : SPOOL_NONE;
    }
    return 0;
}

void spool_index_clear(struct spool_index *index)
{
    flow_index_clear(&index->by_key);
    free(index->slots);
    free(index->hosts);
    *index = (struct spool_index){0};
}

static uint32_t find(const struct spool_index *index, uint64_t key)
{
    uint32_t position = (uint32_t)key, record;

    while ((record = flow_index_next(&index->by_key, (uint32_t)key, &position)) != 0)
        if (index->hosts[record - 1].key == key)
            return record - 1;
    return SPOOL_NONE;
}

const struct spool_host *spool_index_find(const struct spool_index *index, uint64_t key)
{
    const uint32_t host = find(index, key);

    return host == SPOOL_NONE ? NULL : &index->hosts[host];
}

/* There is a free place, since a host has one slot at least. */
static uint32_t find_or_add(struct spool_index *index, uint64_t key)
{
    uint32_t host = find(index, key);

    if (host != SPOOL_NONE)
        return host;
    if (!flow_index_reserve(&index->by_key, 1)) {
        errno = ENOMEM;
        return SPOOL_NONE;
    }
    host = index->free_host;
    index->free_host = index->hosts[host].newest;
    index->hosts[host] = (struct spool_host){.key = key, .newest = SPOOL_NONE};
    flow_index_insert(&index->by_key, (uint32_t)key, host + 1);
    return host;
}

int spool_index_load(struct spool_index *index, uint32_t slot, uint64_t key, int64_t time_ns)
{
    const uint32_t place = find_or_add(index, key);
    struct spool_host *host;

    if (place == SPOOL_NONE)
        return -1;
    host = &index->hosts[place];
    index->slots[slot] = (struct spool_index_slot){
        .time_ns = time_ns, .host = place, .next = host->newest, .previous = SPOOL_NONE};
    if (host->newest != SPOOL_NONE)
        index->slots[host->newest].previous = slot;
    host->newest = slot;
    host->n++;
    index->n_used++;
    return 0;
}

static void remove_host(struct spool_index *index, uint32_t place)
{
    struct spool_host *host = &index->hosts[place];

    flow_index_remove(&index->by_key, (uint32_t)host->key, place + 1);
    host->newest = index->free_host;
    index->free_host = place;
}

static void unlink_slot(struct spool_index *index, const struct spool_index_slot *slot)
{
    struct spool_host *host = &index->hosts[slot->host];

    if (slot->previous != SPOOL_NONE)
        index->slots[slot->previous].next = slot->next;
    else
        host->newest = slot->next;
    if (slot->next != SPOOL_NONE)
        index->slots[slot->next].previous = slot->previous;
    host->n--;
    index->n_used--;
    if (host->n == 0)
        remove_host(index, slot->host);
}

void spool_index_release(struct spool_index *index, uint32_t slot)
{
    if (spool_index_used(index, slot))
        unlink_slot(index, &index->slots[slot]);
    index->slots[slot] = (struct spool_index_slot){.host = SPOOL_NONE, .next = index->free_slot};
    index->free_slot = slot;
}

uint32_t spool_index_claim(struct spool_index *index, uint64_t key, int64_t time_ns)
{
    const uint32_t slot = index->free_slot;
    uint32_t next;

    if (slot == SPOOL_NONE) {
        errno = ENOSPC;
        return SPOOL_NONE;
    }
    next = index->slots[slot].next;
    if (spool_index_load(index, slot, key, time_ns) < 0)
        return SPOOL_NONE;
    index->free_slot = next;
    return slot;
}
