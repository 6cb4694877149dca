#include "host_rates.h"

#include <math.h>
#include <stdlib.h>

enum { WAYS = 8, SETS = HOST_RATES_MAX / WAYS }; /* a host is in one of the ways of its set */

struct rate {
    uint64_t key;
    double flows, alerts; /* of the flows */
    int64_t at_ns;        /* time up to which they have halved */
};

struct host_rates {
    struct rate all;
    struct rate host[SETS][WAYS];
};

struct host_rates *host_rates_new(void)
{
    return calloc(1, sizeof(struct host_rates));
}

void host_rates_free(struct host_rates *rates)
{
    free(rates);
}

static void halve(struct rate *rate, int64_t now_ns, int64_t half_ns)
{
    if (now_ns > rate->at_ns) {
        const double left = exp2(-(double)(now_ns - rate->at_ns) / (double)half_ns);

        rate->flows *= left;
        rate->alerts *= left;
    }
    rate->at_ns = now_ns;
}

/* Those that have been silent for long have not halved since: their turn comes later. */
static struct rate *find(struct host_rates *rates, uint64_t key)
{
    struct rate *set = rates->host[key % SETS], *least = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].flows < least->flows)
            least = &set[i];
    }
    *least = (struct rate){.key = key};
    return least;
}

static struct rate *add(struct host_rates *rates, uint64_t key, int64_t now_ns, int64_t half_ns)
{
    struct rate *rate = find(rates, key);

    halve(rate, now_ns, half_ns);
    halve(&rates->all, now_ns, half_ns);
    rate->flows++;
    rates->all.flows++;
    return rate;
}

void host_rates_flow(struct host_rates *rates, uint64_t key, int64_t now_ns, int64_t half_ns)
{
    add(rates, key, now_ns, half_ns);
}

bool host_rates_alert(struct host_rates *rates, uint64_t key, double share, int64_t now_ns,
                      int64_t half_ns)
{
    struct rate *rate = add(rates, key, now_ns, half_ns);
    double others, expected;

    rate->alerts++;
    rates->all.alerts++;
    others = rates->all.flows - rate->flows;
    if (others >= 1)
        share = fmax(share, (rates->all.alerts - rate->alerts) / others);
    expected = share * rate->flows;
    return rate->alerts > expected + 3 * sqrt(expected);
}

void host_rates_forgive(struct host_rates *rates)
{
    rates->all.alerts = 0;
    for (size_t set = 0; set < SETS; set++)
        for (size_t way = 0; way < WAYS; way++)
            rates->host[set][way].alerts = 0;
}
