#include "spool.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/rng.h"
#include "host_rates.h"
#include "log.h"
#include "spool_file.h"
#include "spool_index.h"
#include "syncer.h"

static const int64_t span_min_ns = 3600 * NANOS_PER_SECOND;
static const int64_t step_max_ns = 60 * NANOS_PER_SECOND;
static const int64_t half_min_ns = 3600 * NANOS_PER_SECOND;
static const double burst_share = 0.01; /* of the slots, that may be taken at once after a lull */

enum { DROPS = 5 }; /* records that each alert costs, which is taken of a host that stands out */

/* A host's alerting flows have places of their own in the index, as if they were another host's. */
static const uint64_t alerting = UINT64_C(1) << 63;

struct spool {
    struct spool_header header;
    struct spool_config config;
    int fd;
    struct syncer *syncer;
    struct spool_index index;
    struct host_rates *rates;
    double alert_share; /* of normal flows, that reach the threshold: as far as is known */
    float alert_logit;  /* the threshold that this is of */
    uint8_t secret[crypto_shorthash_KEYBYTES]; /* of the hosts' keys */
    struct rng rng;
    int64_t now_ns; /* up to which time has been counted */
    double credit;  /* records that may be taken */
    double due;     /* records that are to be forgotten */
    struct spool_stats stats;
    bool failing; /* it has been said that it cannot be written */
};

/* Of a host's flows that do not alert. */
static uint64_t key_of(const struct spool *spool, const struct flow_id *ends)
{
    uint8_t originator[SPOOL_ORIGINATOR];
    uint64_t key;

    spool_originator(ends, originator);
    crypto_shorthash((uint8_t *)&key, originator, sizeof originator, spool->secret);
    return key & ~alerting;
}

/* Counts of hosts' alerts halve in the time of the quarantine. */
static int64_t half_of(const struct spool *spool)
{
    return spool->config.quarantine_ns > half_min_ns ? spool->config.quarantine_ns : half_min_ns;
}

/* A record that is found at the start. */
struct found {
    int64_t time_ns;
    uint64_t key;
    uint32_t slot;
};

static int by_time(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Returns how many slots have one, or -1 with errno. */
static int64_t find_records(struct spool *spool, struct found *found)
{
    uint8_t bytes[SPOOL_RECORD_MAX];
    struct spool_record record;
    int64_t n = 0;

    for (uint32_t slot = 0; slot < spool->header.slots; slot++) {
        enum spool_slot what;

        if (spool_file_get(spool->fd, bytes, spool_record_size(spool->header.columns),
                           spool_slot_at(&spool->header, slot)) < 0)
            return -1;
        what = spool_record_decode(&spool->header, slot, bytes, &record, NULL);
        if (what == SPOOL_SLOT_RECORD)
            found[n++] = (struct found){
                record.time_ns, key_of(spool, &record.ends) | (record.alert ? alerting : 0), slot};
        spool->stats.bad += what == SPOOL_SLOT_BAD;
    }
    return n;
}

static int load_record(struct spool *spool, const struct found *found)
{
    host_rates_flow(spool->rates, found->key & ~alerting, found->time_ns, half_of(spool));
    return spool_index_load(&spool->index, found->slot, found->key, found->time_ns);
}

/* Hosts' lists have the newest first, and what is free is used from the file's begin. What is known
 * of the hosts is all that there is at first to hold an alert against. */
static int load(struct spool *spool)
{
    struct found *found = calloc(spool->header.slots, sizeof *found);
    int64_t n = found ? find_records(spool, found) : -1;
    int rc = n < 0 ? -1 : 0;

    if (n > 1)
        qsort(found, (size_t)n, sizeof *found, by_time);
    for (int64_t i = 0; rc == 0 && i < n; i++)
        rc = load_record(spool, &found[i]);
    for (uint32_t slot = spool->index.n_slots; slot-- > 0;)
        if (!spool_index_used(&spool->index, slot))
            spool_index_release(&spool->index, slot);
    free(found);
    return rc;
}

static int open_file(struct spool *spool, const char *path, struct da3d_error *error)
{
    spool->fd = spool_file_write(path, &spool->header, error);
    if (spool->fd < 0)
        return -1;
    spool->syncer = syncer_new(spool->fd);
    spool->rates = host_rates_new();
    if (!spool->syncer || !spool->rates ||
        spool_index_init(&spool->index, (uint32_t)spool->header.slots) < 0 || load(spool) < 0)
        return da3d_fail(error, "%s", strerror(errno));
    return 0;
}

void spool_configure(struct spool *spool, const struct spool_config *config)
{
    spool->config = *config;
    spool->config.path = NULL; /* the caller's */
}

struct spool *spool_open(const struct spool_config *config, const struct meter_config *meter,
                         uint64_t seed, int64_t now_ns, struct da3d_error *error)
{
    struct spool *spool = calloc(1, sizeof *spool);

    if (!spool) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    spool_configure(spool, config);
    spool->fd = -1;
    spool->now_ns = now_ns;
    rng_init(&spool->rng, seed, 0);
    randombytes_buf(spool->secret, sizeof spool->secret);
    spool_header_init(&spool->header, SPOOL_FLOWS, meter, now_ns);
    spool->header.slots = (config->bytes - SPOOL_HEADER) / spool_record_size(meter->set->n_columns);
    if (open_file(spool, config->path, error) < 0) {
        spool_close(spool);
        return NULL;
    }
    return spool;
}

int spool_start(struct spool *spool)
{
    return syncer_start(spool->syncer);
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    syncer_free(spool->syncer);
    spool_index_clear(&spool->index);
    host_rates_free(spool->rates);
    if (spool->fd >= 0)
        close(spool->fd);
    free(spool);
}

/* The time of which the spool tells. */
static int64_t span_of(const struct spool *spool, int64_t now_ns)
{
    const int64_t age_ns = now_ns - spool->header.created_ns;
    const int64_t most_ns = spool->config.horizon_ns;
    const int64_t span_ns = age_ns < most_ns ? age_ns : most_ns;

    return span_ns > span_min_ns ? span_ns : span_min_ns;
}

/* A clock that is set, or stands still while the machine sleeps, moves no more than a minute. */
static void pass_time(struct spool *spool, int64_t now_ns)
{
    const int64_t step_ns = now_ns - spool->now_ns;
    const double elapsed = (double)(step_ns < 0             ? 0
                                    : step_ns > step_max_ns ? step_max_ns
                                                            : step_ns);
    const double n = spool->index.n_slots, most = burst_share * n > 1 ? burst_share * n : 1;

    spool->now_ns = now_ns;
    spool->credit += elapsed * n / (double)span_of(spool, now_ns);
    if (spool->credit > most)
        spool->credit = most;
    spool->due += elapsed * spool->index.n_used / (double)spool->config.horizon_ns;
}

/* bytes: of one slot. Returns whether they were written. */
static bool put(struct spool *spool, uint32_t slot, const uint8_t *bytes)
{
    const int rc = spool_file_put(spool->fd, bytes, spool_record_size(spool->header.columns),
                                  spool_slot_at(&spool->header, slot));

    if (rc < 0 && !spool->failing)
        log_warning("spool: cannot be written: %s", strerror(errno));
    spool->failing = rc < 0;
    spool->stats.failed += rc < 0;
    syncer_written(spool->syncer);
    return rc == 0;
}

static void empty(struct spool *spool, uint32_t slot)
{
    static const uint8_t zeros[SPOOL_RECORD_MAX];

    put(spool, slot, zeros);
    spool_index_release(&spool->index, slot);
}

/* There must be one. */
static uint32_t any_record(struct spool *spool)
{
    uint32_t slot;

    do
        slot = (uint32_t)rng_below(&spool->rng, spool->index.n_slots);
    while (!spool_index_used(&spool->index, slot));
    return slot;
}

static uint32_t any_record_of(struct spool *spool, const struct spool_host *host)
{
    uint32_t slot = host->newest;

    for (uint64_t i = rng_below(&spool->rng, host->n); i > 0; i--)
        slot = spool->index.slots[slot].next;
    return slot;
}

/* It is written over, not emptied: one record less that has to be forgotten. */
static void give_way(struct spool *spool, uint32_t slot)
{
    spool_index_release(&spool->index, slot);
    spool->stats.replaced++;
    spool->due = spool->due > 1 ? spool->due - 1 : 0;
}

/* Slots that one host may have. */
static double most_of(const struct spool *spool)
{
    const double share = spool->config.host_share > 0 ? spool->config.host_share : 1;
    const double most = share * spool->index.n_slots;

    return most > 1 ? most : 1;
}

/* Makes room, if the flow may be taken. */
static bool admit(struct spool *spool, const struct spool_host *host, int64_t now_ns)
{
    const double most = most_of(spool);

    if (host && host->n >= most) {
        const int64_t newest_ns = spool->index.slots[host->newest].time_ns;

        if ((double)(now_ns - newest_ns) < (double)span_of(spool, now_ns) / most) {
            spool->stats.over_share++;
            return false;
        }
        give_way(spool, any_record_of(spool, host));
        return true;
    }
    if (spool->credit < 1)
        return false;
    spool->credit--;
    if (spool->index.free_slot == SPOOL_NONE)
        give_way(spool, any_record(spool));
    return true;
}

static void write_record(struct spool *spool, uint32_t slot, const struct verdict *verdict)
{
    const struct spool_record record = spool_record_of(&verdict->flow, &verdict->score);
    uint8_t bytes[SPOOL_RECORD_MAX];

    spool_record_encode(&spool->header, slot, &record, verdict->x, bytes);
    if (put(spool, slot, bytes))
        spool->stats.taken++;
    else
        spool_index_release(&spool->index, slot);
}

/* The highest p-value of those that reach a threshold is nearly that of the threshold. */
static void learn_share(struct spool *spool, const struct verdict *verdict)
{
    if (verdict->threshold.logit != spool->alert_logit)
        spool->alert_share = 0;
    spool->alert_logit = verdict->threshold.logit;
    if (verdict->score.p_value > spool->alert_share)
        spool->alert_share = verdict->score.p_value;
}

/* The newest of what did not alert: alerts are evidence. */
static void drop_quarantined(struct spool *spool, uint64_t key, int64_t now_ns)
{
    const int64_t from_ns = now_ns - spool->config.quarantine_ns;

    for (int i = 0; i < DROPS; i++) {
        const struct spool_host *host = spool_index_find(&spool->index, key);

        if (!host || spool->index.slots[host->newest].time_ns <= from_ns)
            return;
        empty(spool, host->newest);
        spool->stats.dropped++;
    }
}

/* Counts the flow for or against its originator. Returns whether this stands out by its alerts. */
static bool watch_host(struct spool *spool, uint64_t key, const struct verdict *verdict,
                       int64_t now_ns)
{
    const int64_t half_ns = half_of(spool);

    if (!verdict->score.alert) {
        host_rates_flow(spool->rates, key, now_ns, half_ns);
        return false;
    }
    learn_share(spool, verdict);
    return host_rates_alert(spool->rates, key, spool->alert_share, now_ns, half_ns);
}

void spool_offer(struct spool *spool, const struct verdict *verdict, int64_t now_ns)
{
    const uint64_t host = key_of(spool, &verdict->flow.id);
    const uint64_t key = verdict->score.alert ? host | alerting : host;
    bool stands_out;
    uint32_t slot;

    if (!spool->config.enabled)
        return;
    stands_out = watch_host(spool, host, verdict, now_ns);
    pass_time(spool, now_ns);
    spool->stats.offered++;
    if (!admit(spool, spool_index_find(&spool->index, key), now_ns))
        return;
    if (stands_out)
        drop_quarantined(spool, host, now_ns);
    slot = spool_index_claim(&spool->index, key, now_ns);
    if (slot == SPOOL_NONE)
        spool->stats.failed++;
    else
        write_record(spool, slot, verdict);
}

void spool_forgive(struct spool *spool)
{
    host_rates_forgive(spool->rates);
}

void spool_tick(struct spool *spool, int64_t now_ns)
{
    if (!spool->config.enabled)
        return;
    pass_time(spool, now_ns);
    while (spool->due >= 1 && spool->index.n_used > 0) {
        empty(spool, any_record(spool));
        spool->stats.forgotten++;
        spool->due--;
    }
}

void spool_stats(const struct spool *spool, int64_t now_ns, struct spool_stats *out)
{
    const struct spool_index *index = &spool->index;

    *out = spool->stats;
    out->slots = index->n_slots;
    out->records = index->n_used;
    for (uint32_t i = 0; i < index->n_slots; i++) {
        if (!spool_index_used(index, i))
            continue;
        out->quarantined += index->slots[i].time_ns > now_ns - spool->config.quarantine_ns;
        out->alerts += (index->hosts[index->slots[i].host].key & alerting) != 0;
    }
}
