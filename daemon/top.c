#include "top.h"

#include <stdlib.h>
#include <string.h>

struct slot {
    int64_t number; /* its time / TOP_SLOT_S; another one's: to be begun anew */
    struct top_flow flow[TOP_FLOWS];
    size_t n_flows;
    size_t least_flow; /* of a full slot: the least anomalous one's place */
    struct top_host host[TOP_HOSTS];
    uint32_t hash[TOP_HOSTS]; /* of the hosts' addresses: most are told apart by it */
    size_t n_hosts;
    size_t least_host; /* likewise; TOP_HOSTS: not known */
};

struct top {
    struct slot slot[TOP_SLOTS];
};

struct top *top_new(void)
{
    struct top *top = calloc(1, sizeof *top);

    for (size_t i = 0; top && i < TOP_SLOTS; i++)
        top->slot[i].number = -1; /* none yet */
    return top;
}

void top_free(struct top *top)
{
    free(top);
}

/* The more anomalous first. */
static int by_logit(float a, float b)
{
    return a > b ? -1 : a < b;
}

static int compare_flows(const void *a, const void *b)
{
    const struct top_flow *x = a, *y = b;

    return by_logit(x->score.logit, y->score.logit);
}

static int compare_hosts(const void *a, const void *b)
{
    const struct top_host *x = a, *y = b;

    if (x->reached != y->reached)
        return x->reached > y->reached ? -1 : 1;
    return by_logit(x->logit, y->logit);
}

static int compare_addresses(const void *a, const void *b)
{
    const struct top_host *x = a, *y = b;

    if (x->ip_version != y->ip_version)
        return x->ip_version - y->ip_version;
    return memcmp(&x->addr, &y->addr, sizeof x->addr);
}

/* Those that collide cost a comparison, no more. */
static uint32_t hash_of(const struct ip_addr *addr)
{
    uint64_t part[2];

    _Static_assert(sizeof part == sizeof addr->bytes, "an address is two words");
    memcpy(part, addr->bytes, sizeof part);
    return (uint32_t)((part[0] ^ part[1] * UINT64_C(0x9e3779b97f4a7c15)) *
                          UINT64_C(0xff51afd7ed558ccd) >>
                      32);
}

static struct slot *slot_now(struct top *top, int64_t now_s)
{
    const int64_t number = now_s / TOP_SLOT_S;
    struct slot *slot = &top->slot[number % TOP_SLOTS];

    if (slot->number != number)
        *slot = (struct slot){.number = number, .least_host = TOP_HOSTS};
    return slot;
}

static bool is_recent(const struct slot *slot, int64_t now_s)
{
    return slot->number >= 0 && slot->number > now_s / TOP_SLOT_S - TOP_SLOTS;
}

static size_t find_least_flow(const struct slot *slot)
{
    size_t least = 0;

    for (size_t i = 1; i < slot->n_flows; i++)
        if (compare_flows(&slot->flow[i], &slot->flow[least]) > 0)
            least = i;
    return least;
}

static void add_flow(struct slot *slot, const struct verdict *verdict)
{
    const struct flow *flow = &verdict->flow;
    const struct top_flow fresh = {
        .id = flow->id,
        .flow_id = flow->flow_id,
        .end_ns = flow->end_ns,
        .pkts = flow->pkts[FLOW_TO_SERVER] + flow->pkts[FLOW_TO_CLIENT],
        .bytes = flow->bytes[FLOW_TO_SERVER] + flow->bytes[FLOW_TO_CLIENT],
        .sensor = verdict->sensor,
        .score = verdict->score,
    };

    if (slot->n_flows < TOP_FLOWS)
        slot->flow[slot->n_flows++] = fresh;
    else if (compare_flows(&fresh, &slot->flow[slot->least_flow]) < 0)
        slot->flow[slot->least_flow] = fresh;
    else
        return;
    if (slot->n_flows == TOP_FLOWS)
        slot->least_flow = find_least_flow(slot);
}

static struct top_host *least_host(struct slot *slot)
{
    if (slot->least_host == TOP_HOSTS) {
        slot->least_host = 0;
        for (size_t i = 1; i < slot->n_hosts; i++)
            if (compare_hosts(&slot->host[i], &slot->host[slot->least_host]) > 0)
                slot->least_host = i;
    }
    return &slot->host[slot->least_host];
}

/* Returns a free place or, with its count inherited, the least anomalous host's; NULL where all are
 * more so than one that has not reached the threshold. */
static struct top_host *place_for_host(struct slot *slot, const struct top_host *host)
{
    struct top_host fresh = {
        .addr = host->addr, .ip_version = host->ip_version, .logit = host->logit};
    struct top_host *place = &slot->host[slot->n_hosts];

    if (slot->n_hosts < TOP_HOSTS) {
        slot->n_hosts++;
    } else {
        place = least_host(slot);
        if (host->reached == 0 && compare_hosts(host, place) >= 0)
            return NULL;
        fresh.reached = fresh.error = place->reached;
    }
    *place = fresh;
    slot->hash[place - slot->host] = hash_of(&host->addr);
    return place;
}

static struct top_host *find_host(struct slot *slot, const struct top_host *like)
{
    const uint32_t hash = hash_of(&like->addr);

    for (size_t i = 0; i < slot->n_hosts; i++)
        if (slot->hash[i] == hash && compare_addresses(&slot->host[i], like) == 0)
            return &slot->host[i];
    return NULL;
}

static void add_up(struct top_host *host, const struct top_host *more)
{
    host->reached += more->reached;
    host->error += more->error;
    host->flows += more->flows;
    if (more->logit > host->logit)
        host->logit = more->logit;
    if (more->end_ns > host->end_ns)
        host->end_ns = more->end_ns;
}

static void add_host(struct slot *slot, const struct verdict *verdict)
{
    const struct top_host flow = {
        .addr = verdict->flow.id.src,
        .ip_version = verdict->flow.id.ip_version,
        .reached = verdict->score.alert,
        .flows = 1,
        .logit = verdict->score.logit,
        .end_ns = verdict->flow.end_ns,
    };
    struct top_host *host = find_host(slot, &flow);

    if (!host)
        host = place_for_host(slot, &flow);
    if (!host)
        return;
    add_up(host, &flow);
    if (slot->least_host == (size_t)(host - slot->host))
        slot->least_host = TOP_HOSTS;
}

void top_add(struct top *top, const struct verdict *verdict, int64_t now_s)
{
    struct slot *slot = slot_now(top, now_s);

    add_flow(slot, verdict);
    add_host(slot, verdict);
}

size_t top_flows(const struct top *top, int64_t now_s, struct top_flow *out, size_t max)
{
    struct top_flow all[TOP_SLOTS * TOP_FLOWS];
    size_t n = 0;

    for (size_t i = 0; i < TOP_SLOTS; i++) {
        const struct slot *slot = &top->slot[i];

        if (!is_recent(slot, now_s))
            continue;
        memcpy(&all[n], slot->flow, slot->n_flows * sizeof *all);
        n += slot->n_flows;
    }
    qsort(all, n, sizeof *all, compare_flows);
    n = n < max ? n : max;
    memcpy(out, all, n * sizeof *all);
    return n;
}

/* Equal addresses stand beside each other. Returns how many different ones there are. */
static size_t unite(struct top_host *host, size_t n)
{
    size_t united = 0;

    for (size_t i = 0; i < n; i++)
        if (united > 0 && compare_addresses(&host[united - 1], &host[i]) == 0)
            add_up(&host[united - 1], &host[i]);
        else
            host[united++] = host[i];
    return united;
}

size_t top_hosts(const struct top *top, int64_t now_s, struct top_host *out, size_t max)
{
    struct top_host all[TOP_SLOTS * TOP_HOSTS];
    size_t n = 0;

    for (size_t i = 0; i < TOP_SLOTS; i++) {
        const struct slot *slot = &top->slot[i];

        if (!is_recent(slot, now_s))
            continue;
        memcpy(&all[n], slot->host, slot->n_hosts * sizeof *all);
        n += slot->n_hosts;
    }
    qsort(all, n, sizeof *all, compare_addresses);
    n = unite(all, n);
    qsort(all, n, sizeof *all, compare_hosts);
    n = n < max ? n : max;
    memcpy(out, all, n * sizeof *all);
    return n;
}
