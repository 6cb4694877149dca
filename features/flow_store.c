#include "flow_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = 0, FIRST = FLOW_LIST_COUNT, FLOWS_MAX = 1 << 30 };

/* What the allocator adds to an array. */
enum { ARRAY_OVERHEAD = 16 };

/* One part in so many of memcap is for contents. */
enum { CONTENT_SHARE = 8 };

static size_t array_bytes(uint32_t capacity)
{
    return capacity * sizeof(struct flow_sample) + ARRAY_OVERHEAD;
}

/* How many flows may be held: max_flows, if half of memcap suffices for their records and index. */
static size_t flow_limit(const struct flow_config *config)
{
    size_t ends = FLOW_LIST_COUNT * sizeof(struct flow_record);
    size_t each = sizeof(struct flow_record) + FLOW_INDEX_BYTES_MAX;
    size_t half = config->memcap / 2;
    size_t limit = half > ends ? (half - ends) / each : 0;

    if (limit > config->max_flows)
        limit = config->max_flows;
    return limit < FLOWS_MAX ? limit : FLOWS_MAX;
}

static void init_lists(struct flow_store *store)
{
    for (uint32_t list = 0; list < FLOW_LIST_COUNT; list++)
        store->records[list].before = store->records[list].after = list;
}

int flow_store_init(struct flow_store *store, const struct flow_config *config,
                    const uint8_t secret[16])
{
    size_t limit = flow_limit(config);

    if (limit == 0) {
        errno = EINVAL;
        return -1;
    }
    *store = (struct flow_store){
        .records = calloc(FIRST + limit, sizeof *store->records),
        .end = (uint32_t)(FIRST + limit),
        .fresh = FIRST,
        .max_samples = config->max_packets,
        .memcap = config->memcap - config->memcap / CONTENT_SHARE,
        .content_memcap = config->memcap / CONTENT_SHARE,
    };
    if (store->records == NULL || flow_index_init(&store->index, limit) < 0) {
        free(store->records);
        return -1;
    }
    memcpy(store->secret, secret, sizeof store->secret);
    store->memory = flow_index_bytes(&store->index) + FIRST * sizeof *store->records;
    init_lists(store);
    return 0;
}

void flow_store_clear(struct flow_store *store)
{
    for (uint32_t i = FIRST; i < store->fresh; i++) {
        free(store->records[i].many);
        content_free(store->records[i].content);
    }
    free(store->records);
    flow_index_clear(&store->index);
}

struct flow_record *flow_store_find(struct flow_store *store, const struct flow_key *key,
                                    uint32_t hash, enum flow_dir *dir)
{
    uint32_t position = hash, i;

    while ((i = flow_index_next(&store->index, hash, &position)) != NONE)
        if (flow_key_match(key, &store->records[i].flow.id, dir))
            return &store->records[i];
    return NULL;
}

static uint32_t index_of(const struct flow_store *store, const struct flow_record *record)
{
    return (uint32_t)(record - store->records);
}

static void list_remove(struct flow_store *store, const struct flow_record *record)
{
    store->records[record->before].after = record->after;
    store->records[record->after].before = record->before;
}

static void list_append(struct flow_store *store, struct flow_record *record, enum flow_list list)
{
    struct flow_record *end = &store->records[list];

    record->before = end->before;
    record->after = list;
    store->records[end->before].after = index_of(store, record);
    end->before = index_of(store, record);
}

/* A record from the free list, else one that was never used; NULL if there is none. */
static struct flow_record *take_record(struct flow_store *store)
{
    struct flow_record *record = &store->records[store->free];

    if (store->free != NONE) {
        store->free = record->after;
        return record;
    }
    if (store->fresh == store->end || store->memory + sizeof *record > store->memcap)
        return NULL;
    store->memory += sizeof *record;
    return &store->records[store->fresh++];
}

struct flow_record *flow_store_open(struct flow_store *store, const struct flow_id *id,
                                    uint32_t hash)
{
    struct flow_record *record = take_record(store);

    if (record == NULL)
        return NULL;
    *record = (struct flow_record){.hash = hash, .capacity = FLOW_FEW_SAMPLES};
    if (record->capacity > store->max_samples)
        record->capacity = store->max_samples;
    record->flow.id = *id;
    record->flow.samples = record->few;
    flow_index_insert(&store->index, hash, index_of(store, record));
    list_append(store, record, FLOW_LIST_FEW);
    store->active++;
    return record;
}

void flow_store_remove(struct flow_store *store, struct flow_record *record)
{
    flow_index_remove(&store->index, record->hash, index_of(store, record));
    list_remove(store, record);
    if (record->many != NULL)
        store->memory -= array_bytes(record->capacity);
    free(record->many);
    record->many = NULL;
    flow_store_close_content(store, record);
    record->after = store->free;
    store->free = index_of(store, record);
    store->active--;
}

bool flow_store_grow(struct flow_store *store, struct flow_record *record)
{
    size_t held = record->many != NULL ? array_bytes(record->capacity) : 0;
    uint32_t capacity = record->capacity;
    struct flow_sample *many;

    if (record->flow.n_samples < capacity)
        return true;
    capacity = capacity > store->max_samples / 2 ? store->max_samples : 2 * capacity;
    if (store->memory - held + array_bytes(capacity) > store->memcap)
        return false;
    many = realloc(record->many, capacity * sizeof *many);
    if (many == NULL)
        return false;
    if (record->many == NULL)
        memcpy(many, record->few, record->flow.n_samples * sizeof *many);
    record->flow.samples = record->many = many;
    record->capacity = capacity;
    store->memory += array_bytes(capacity) - held;
    return true;
}

void flow_store_append(struct flow_record *record, int64_t ts_ns, uint32_t len, enum flow_dir dir)
{
    struct flow_sample *samples = record->many != NULL ? record->many : record->few;

    samples[record->flow.n_samples++] =
        (struct flow_sample){.ts_ns = ts_ns, .len = len & INT32_MAX, .dir = dir == FLOW_TO_CLIENT};
}

bool flow_store_open_content(struct flow_store *store, struct flow_record *record,
                             enum content_service service)
{
    size_t bytes = content_size() + ARRAY_OVERHEAD;

    if (store->content_memory + bytes > store->content_memcap)
        return false;
    record->content = content_new(service, &record->flow.id.src);
    if (record->content == NULL)
        return false;
    store->content_memory += bytes;
    return true;
}

void flow_store_close_content(struct flow_store *store, struct flow_record *record)
{
    if (record->content == NULL)
        return;
    content_free(record->content);
    record->content = NULL;
    store->content_memory -= content_size() + ARRAY_OVERHEAD;
}

void flow_store_touch(struct flow_store *store, struct flow_record *record)
{
    enum flow_list list = record->many != NULL ? FLOW_LIST_MANY : FLOW_LIST_FEW;

    if (record->flow.state == FLOW_CLOSED)
        list = FLOW_LIST_CLOSED;
    list_remove(store, record);
    list_append(store, record, list);
}

struct flow_record *flow_store_first(struct flow_store *store, enum flow_list list,
                                     const struct flow_record *except)
{
    uint32_t i = store->records[list].after;

    if (&store->records[i] == except)
        i = store->records[i].after;
    return i < FLOW_LIST_COUNT ? NULL : &store->records[i];
}
