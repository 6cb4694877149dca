#include "recent.h"

#include <stdlib.h>
#include <string.h>

enum {
    END = 0, /* hosts[END] is both ends of the list, and of every chain */
    BUCKETS = RECENT_HOSTS_MAX
};

/* What is kept of a row, in its host's ring. */
struct host_row {
    uint16_t sport;
    uint8_t service, outcome;
};

struct host {
    uint64_t key;
    uint32_t next;          /* in the bucket's chain */
    uint32_t before, after; /* in the list of hosts, the one that was silent longest first */
    uint64_t added;         /* rows ever */
    struct host_row rows[RECENT_ROWS];
};

struct service_rows {
    uint64_t added;
    uint64_t hosts[RECENT_ROWS];
};

struct recent {
    uint32_t used; /* hosts that hold something */
    uint32_t buckets[BUCKETS];
    struct service_rows services[SERVICE_COUNT];
    struct host hosts[1 + RECENT_HOSTS_MAX]; /* touched as needed */
};

struct recent *recent_new(void)
{
    return calloc(1, sizeof(struct recent));
}

void recent_free(struct recent *recent)
{
    free(recent);
}

static void unlist(struct recent *recent, uint32_t i)
{
    const struct host *host = &recent->hosts[i];

    recent->hosts[host->before].after = host->after;
    recent->hosts[host->after].before = host->before;
}

/* Puts the host at the end of the list. */
static void list_last(struct recent *recent, uint32_t i)
{
    struct host *host = &recent->hosts[i], *end = &recent->hosts[END];

    host->before = end->before;
    host->after = END;
    recent->hosts[end->before].after = i;
    end->before = i;
}

/* Where the index of the key's host is kept, or would be. */
static uint32_t *find(struct recent *recent, uint64_t key)
{
    uint32_t *link = &recent->buckets[key % BUCKETS];

    while (*link != END && recent->hosts[*link].key != key)
        link = &recent->hosts[*link].next;
    return link;
}

/* A host that holds nothing, in no list. */
static uint32_t take(struct recent *recent)
{
    uint32_t i = recent->hosts[END].after;

    if (recent->used < RECENT_HOSTS_MAX)
        return ++recent->used;
    unlist(recent, i);
    *find(recent, recent->hosts[i].key) = recent->hosts[i].next;
    return i;
}

/* The key's host, now last in the list. */
static struct host *host_of(struct recent *recent, uint64_t key)
{
    uint32_t i = *find(recent, key);
    struct host *host;

    if (i != END) {
        unlist(recent, i);
        host = &recent->hosts[i];
    } else {
        i = take(recent);
        host = &recent->hosts[i];
        host->key = key;
        host->added = 0;
        host->next = recent->buckets[key % BUCKETS];
        recent->buckets[key % BUCKETS] = i;
    }
    list_last(recent, i);
    return host;
}

static void count_row(struct window_count *count, uint8_t outcome)
{
    count->rows++;
    count->failed += outcome == WINDOW_FAILED;
    count->refused += outcome == WINDOW_REFUSED;
}

static void add_to_host(struct host *host, const struct recent_row *row, struct recent_count *count)
{
    struct host_row added = {row->sport, (uint8_t)row->service, (uint8_t)row->outcome};
    uint64_t n;

    host->rows[host->added % RECENT_ROWS] = added;
    host->added++;
    n = host->added < RECENT_ROWS ? host->added : RECENT_ROWS;
    for (uint64_t i = 0; i < n; i++) {
        const struct host_row *other = &host->rows[i];

        count_row(&count->host, other->outcome);
        if (other->service == added.service)
            count_row(&count->host_service, other->outcome);
        count->host_sport += other->sport == added.sport;
    }
}

static void add_to_service(struct service_rows *service, uint64_t host, struct recent_count *count)
{
    service->hosts[service->added % RECENT_ROWS] = host;
    service->added++;
    count->service = service->added < RECENT_ROWS ? (uint32_t)service->added : RECENT_ROWS;
    for (uint32_t i = 0; i < count->service; i++)
        count->service_elsewhere += service->hosts[i] != host;
}

void recent_add(struct recent *recent, const struct recent_row *row, struct recent_count *count)
{
    *count = (struct recent_count){0};
    add_to_host(host_of(recent, row->host), row, count);
    add_to_service(&recent->services[row->service], row->host, count);
}
