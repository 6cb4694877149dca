#include "fragment.h"

#include <sodium/crypto_shorthash.h>
#include <stdlib.h>
#include <string.h>

#include "nanos.h"

_Static_assert(sizeof(struct fragment_key) == 44, "fragment keys hash as bytes: no padding");

static const int64_t lifetime_ns = 30 * NANOS_PER_SECOND;

enum { BUCKETS = FRAGMENTS_MAX, NONE = FRAGMENTS_MAX };

struct entry {
    struct fragment_key key;
    struct fragment_ports ports;
    int64_t ts_ns;
    uint32_t bucket;
    uint32_t next; /* in the bucket's chain */
};

/* Entries are a ring in the order of arrival: when it is full, the next one overwrites the oldest,
 * so that what is forgotten does not depend on the hash. */
struct fragment_table {
    uint8_t hash_key[crypto_shorthash_KEYBYTES];
    uint32_t next;          /* ring position to be written next */
    uint32_t used;          /* entries that hold something */
    uint32_t head[BUCKETS]; /* first entry of each chain, or NONE */
    struct entry entries[FRAGMENTS_MAX];
};

struct fragment_table *fragment_table_new(const uint8_t hash_key[16])
{
    struct fragment_table *table = calloc(1, sizeof *table);

    if (table == NULL)
        return NULL;
    memcpy(table->hash_key, hash_key, sizeof table->hash_key);
    for (size_t i = 0; i < BUCKETS; i++)
        table->head[i] = NONE;
    return table;
}

void fragment_table_free(struct fragment_table *table)
{
    free(table);
}

static uint32_t bucket_of(const struct fragment_table *table, const struct fragment_key *key)
{
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)key, sizeof *key, table->hash_key);
    return (uint32_t)(hash % BUCKETS);
}

static uint32_t find(const struct fragment_table *table, const struct fragment_key *key,
                     uint32_t bucket)
{
    uint32_t i = table->head[bucket];

    while (i != NONE && memcmp(&table->entries[i].key, key, sizeof *key) != 0)
        i = table->entries[i].next;
    return i;
}

static void unlink_entry(struct fragment_table *table, uint32_t entry)
{
    uint32_t *link = &table->head[table->entries[entry].bucket];

    while (*link != entry)
        link = &table->entries[*link].next;
    *link = table->entries[entry].next;
}

/* Returns the ring's next entry, in the chain of its new bucket. */
static struct entry *take(struct fragment_table *table, uint32_t bucket)
{
    uint32_t i = table->next;

    if (table->used == FRAGMENTS_MAX)
        unlink_entry(table, i);
    else
        table->used++;
    table->next = (i + 1) % FRAGMENTS_MAX;
    table->entries[i].bucket = bucket;
    table->entries[i].next = table->head[bucket];
    table->head[bucket] = i;
    return &table->entries[i];
}

void fragment_put(struct fragment_table *table, const struct fragment_key *key, int64_t ts_ns,
                  const struct fragment_ports *ports)
{
    uint32_t bucket = bucket_of(table, key);
    uint32_t found = find(table, key, bucket);
    struct entry *entry = found != NONE ? &table->entries[found] : take(table, bucket);

    entry->key = *key;
    entry->ports = *ports;
    entry->ts_ns = ts_ns;
}

bool fragment_get(const struct fragment_table *table, const struct fragment_key *key, int64_t ts_ns,
                  struct fragment_ports *ports)
{
    uint32_t i = find(table, key, bucket_of(table, key));
    const struct entry *entry;

    if (i == NONE)
        return false;
    entry = &table->entries[i];
    if (nanos_between(entry->ts_ns, ts_ns) > lifetime_ns ||
        nanos_between(ts_ns, entry->ts_ns) > lifetime_ns)
        return false;
    *ports = entry->ports;
    return true;
}
