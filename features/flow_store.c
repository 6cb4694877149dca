#include "flow_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flow_sketch.h"
#include "huge.h"

enum { NONE = 0, FIRST = FLOW_LIST_COUNT, FLOWS_MAX = 1 << 30 };

enum { CACHE_LINE = 64 };

/* What the allocator adds to an array or a sketch. */
enum { ALLOCATOR_OVERHEAD = 16 };

enum { SKETCH_BYTES = sizeof(struct flow_sketch) + ALLOCATOR_OVERHEAD };

/* One part in so many of memcap is for contents. */
enum { CONTENT_SHARE = 8 };

static size_t array_bytes(uint32_t capacity)
{
    return capacity * sizeof(struct flow_sample) + ALLOCATOR_OVERHEAD;
}

enum { RECORD_BYTES = sizeof(struct flow_record) + sizeof(struct flow_link) };

/* How many flows may be held: max_flows, if half of memcap suffices for their records and index. */
static size_t flow_limit(const struct flow_config *config)
{
    size_t fixed = FIRST * RECORD_BYTES + FLOW_INDEX_BYTES_MIN;
    size_t half = config->memcap / 2;
    size_t limit = half > fixed ? (half - fixed) / (RECORD_BYTES + FLOW_INDEX_BYTES_MAX) : 0;

    if (limit > config->max_flows)
        limit = config->max_flows;
    return limit < FLOWS_MAX ? limit : FLOWS_MAX;
}

static void init_lists(struct flow_store *store)
{
    for (uint32_t list = 0; list < FLOW_LIST_COUNT; list++)
        store->links[list] = (struct flow_link){.before = list, .after = list};
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
        .records = huge_array(FIRST + limit, sizeof *store->records),
        .links = huge_array(FIRST + limit, sizeof *store->links),
        .end = (uint32_t)(FIRST + limit),
        .fresh = FIRST,
        .memcap = config->memcap - config->memcap / CONTENT_SHARE,
        .content_memcap = config->memcap / CONTENT_SHARE,
        .max_samples = config->max_samples,
    };
    if (store->records == NULL || store->links == NULL || flow_index_init(&store->index) < 0) {
        free(store->records);
        free(store->links);
        return -1;
    }
    memcpy(store->secret, secret, sizeof store->secret);
    store->memory = FIRST * RECORD_BYTES + FLOW_INDEX_BYTES_MIN + limit * FLOW_INDEX_BYTES_MAX;
    init_lists(store);
    return 0;
}

static void free_packets(struct flow_record *record)
{
    if (record->flow.sketch != NULL)
        free(record->sketch);
    else
        free(record->many);
}

void flow_store_clear(struct flow_store *store)
{
    for (uint32_t i = FIRST; i < store->fresh; i++) {
        free_packets(&store->records[i]);
        content_free(store->records[i].content);
    }
    free(store->records);
    free(store->links);
    flow_index_clear(&store->index);
}

/* Asks for all of a record at once, since a packet needs most of it. */
static void fetch(const struct flow_store *store, uint32_t i)
{
    const char *record = (const char *)&store->records[i];

    for (size_t at = 0; at < sizeof *store->records; at += CACHE_LINE)
        __builtin_prefetch(record + at, 1);
    __builtin_prefetch(&store->links[i], 1);
}

struct flow_record *flow_store_find(struct flow_store *store, const struct flow_key *key,
                                    enum flow_dir *dir)
{
    uint32_t position = key->hash, i;

    while ((i = flow_index_next(&store->index, key->hash, &position)) != NONE) {
        fetch(store, i);
        if (flow_key_match(key, &store->records[i].flow.id, dir))
            return &store->records[i];
    }
    return NULL;
}

void flow_store_seek(const struct flow_store *store, const struct flow_key *key)
{
    flow_index_seek(&store->index, key->hash);
}

void flow_store_fetch(const struct flow_store *store, const struct flow_key *key)
{
    uint32_t position = key->hash;

    fetch(store, flow_index_next(&store->index, key->hash, &position));
}

static uint32_t index_of(const struct flow_store *store, const struct flow_record *record)
{
    return (uint32_t)(record - store->records);
}

static void list_remove(struct flow_store *store, const struct flow_record *record)
{
    const struct flow_link *link = &store->links[index_of(store, record)];

    store->listed[record->list]--;
    store->links[link->before].after = link->after;
    store->links[link->after].before = link->before;
}

static void list_append(struct flow_store *store, struct flow_record *record, enum flow_list list)
{
    uint32_t i = index_of(store, record), last = store->links[list].before;

    store->listed[list]++;
    record->list = (uint8_t)list;
    store->links[i] = (struct flow_link){.before = last, .after = list};
    store->links[last].after = store->links[list].before = i;
}

static uint32_t few_samples(const struct flow_store *store)
{
    return store->max_samples < FLOW_FEW_SAMPLES ? store->max_samples : FLOW_FEW_SAMPLES;
}

/* A record from the free list, else one that was never used; NULL if there is none. */
static struct flow_record *take_record(struct flow_store *store)
{
    uint32_t i = store->free;

    if (i != NONE) {
        store->free = store->links[i].after;
        return &store->records[i];
    }
    if (store->fresh == store->end || store->memory + RECORD_BYTES > store->memcap)
        return NULL;
    store->memory += RECORD_BYTES;
    return &store->records[store->fresh++];
}

struct flow_record *flow_store_open(struct flow_store *store, const struct flow_id *id,
                                    uint32_t hash)
{
    struct flow_record *record;

    if (!flow_index_reserve(&store->index, 1))
        return NULL;
    record = take_record(store);
    if (record == NULL)
        return NULL;
    *record = (struct flow_record){.hash = hash, .capacity = few_samples(store)};
    record->flow.id = *id;
    record->flow.samples = record->few;
    flow_index_insert(&store->index, hash, index_of(store, record));
    list_append(store, record, FLOW_LIST_HALF_OPEN_FEW);
    store->active++;
    return record;
}

/* Frees what the packets of the row take outside the record; few samples fit afterwards. */
static void drop_packets(struct flow_store *store, struct flow_record *record)
{
    if (record->flow.sketch != NULL)
        store->memory -= SKETCH_BYTES;
    else if (record->many != NULL)
        store->memory -= array_bytes(record->capacity);
    free_packets(record);
    record->flow.sketch = NULL;
    record->flow.samples = record->few;
    record->many = NULL;
    record->capacity = few_samples(store);
}

void flow_store_remove(struct flow_store *store, struct flow_record *record)
{
    flow_index_remove(&store->index, record->hash, index_of(store, record));
    list_remove(store, record);
    drop_packets(store, record);
    flow_store_close_content(store, record);
    store->links[index_of(store, record)].after = store->free;
    store->free = index_of(store, record);
    store->active--;
}

/* An array that is there is kept: the next row is likely to be as long. */
void flow_store_restart(struct flow_store *store, struct flow_record *record)
{
    record->flow.n_samples = 0;
    if (record->flow.sketch != NULL)
        drop_packets(store, record);
}

/* Twice the samples. Returns false if memory is short. */
static bool enlarge(struct flow_store *store, struct flow_record *record)
{
    size_t held = record->many != NULL ? array_bytes(record->capacity) : 0;
    uint32_t capacity = record->capacity;
    struct flow_sample *many;

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

/* A sketch in place of the samples. Returns false if memory is short. */
static bool summarize(struct flow_store *store, struct flow_record *record)
{
    struct flow_sketch *sketch;

    if (store->memory + SKETCH_BYTES > store->memcap)
        return false;
    sketch = flow_sketch_new(record->flow.samples, record->flow.n_samples);
    if (sketch == NULL)
        return false;
    drop_packets(store, record);
    record->sketch = sketch;
    record->flow.sketch = sketch;
    record->flow.samples = NULL;
    record->flow.n_samples = 0;
    store->memory += SKETCH_BYTES;
    return true;
}

bool flow_store_grow(struct flow_store *store, struct flow_record *record)
{
    if (record->flow.sketch != NULL || record->flow.n_samples < record->capacity)
        return true;
    return record->capacity < store->max_samples ? enlarge(store, record)
                                                 : summarize(store, record);
}

void flow_store_append(struct flow_record *record, const struct flow_sample *sample)
{
    struct flow_sample *samples;

    if (record->flow.sketch != NULL) {
        flow_sketch_add(record->sketch, sample);
        return;
    }
    samples = record->many != NULL ? record->many : record->few;
    samples[record->flow.n_samples++] = *sample;
}

static enum flow_list list_for(const struct flow_record *record)
{
    bool many = record->flow.samples != record->few;

    switch ((enum flow_kind)record->kind) {
    case FLOW_KIND_CLOSED: return FLOW_LIST_CLOSED;
    case FLOW_KIND_ESTABLISHED:
        return many ? FLOW_LIST_ESTABLISHED_MANY : FLOW_LIST_ESTABLISHED_FEW;
    case FLOW_KIND_HALF_OPEN:
    case FLOW_KIND_COUNT: break;
    }
    return many ? FLOW_LIST_HALF_OPEN_MANY : FLOW_LIST_HALF_OPEN_FEW;
}

bool flow_store_open_content(struct flow_store *store, struct flow_record *record,
                             enum content_service service)
{
    size_t bytes = content_size() + ALLOCATOR_OVERHEAD;

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
    store->content_memory -= content_size() + ALLOCATOR_OVERHEAD;
}

void flow_store_touch(struct flow_store *store, struct flow_record *record)
{
    list_remove(store, record);
    list_append(store, record, list_for(record));
}

struct flow_record *flow_store_first(struct flow_store *store, enum flow_list list,
                                     const struct flow_record *except)
{
    uint32_t i = store->links[list].after;

    if (&store->records[i] == except)
        i = store->links[i].after;
    return i < FLOW_LIST_COUNT ? NULL : &store->records[i];
}
