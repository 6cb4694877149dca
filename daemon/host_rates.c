#include "host_rates.h"

#include <math.h>
#include <stdlib.h>

enum { WAYS = 8, SETS = HOST_RATES_MAX / WAYS }; /* a host is in one of the ways of its set */

struct rate {
    uint64_t key;
    double ordinary, alerts; /* flows below the threshold; the others */
    double heard;            /* of the alerts: raised when it had ordinary flows */
    int64_t at_ns;           /* time up to which they have halved */
};

struct host_rates {
    struct rate all; /* of all hosts together what is ordinary and what was heard */
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

        rate->ordinary *= left;
        rate->alerts *= left;
        rate->heard *= left;
    }
    rate->at_ns = now_ns;
}

static double flows_of(const struct rate *rate)
{
    return rate->ordinary + rate->alerts;
}

/* Those that have been silent for long have not halved since: their turn comes later. */
static struct rate *find(struct host_rates *rates, uint64_t key)
{
    struct rate *set = rates->host[key % SETS], *least = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (flows_of(&set[i]) < flows_of(least))
            least = &set[i];
    }
    *least = (struct rate){.key = key};
    return least;
}

/* The host's rate, and that of all, as they are now. */
static struct rate *find_now(struct host_rates *rates, uint64_t key, int64_t now_ns,
                             int64_t half_ns)
{
    struct rate *rate = find(rates, key);

    halve(rate, now_ns, half_ns);
    halve(&rates->all, now_ns, half_ns);
    return rate;
}

void host_rates_flow(struct host_rates *rates, uint64_t key, int64_t now_ns, int64_t half_ns)
{
    find_now(rates, key, now_ns, half_ns)->ordinary++;
    rates->all.ordinary++;
}

bool host_rates_alert(struct host_rates *rates, uint64_t key, double share, int64_t now_ns,
                      int64_t half_ns)
{
    struct rate *rate = find_now(rates, key, now_ns, half_ns);
    double heard, others, expected; /* others' alerts, and flows; this one's alerts */

    rate->alerts++;
    if (rate->ordinary >= 0.5) {
        rate->heard++;
        rates->all.heard++;
    }
    heard = rates->all.heard - rate->heard;
    others = rates->all.ordinary - rate->ordinary + heard;
    if (others >= 1)
        share = fmax(share, heard / others);
    expected = share * flows_of(rate);
    return rate->alerts > expected + 3 * sqrt(expected);
}

static void forgive(struct rate *rate)
{
    rate->ordinary += rate->heard;
    rate->alerts = rate->heard = 0;
}

void host_rates_forgive(struct host_rates *rates)
{
    forgive(&rates->all);
    for (size_t set = 0; set < SETS; set++)
        for (size_t way = 0; way < WAYS; way++)
            forgive(&rates->host[set][way]);
}
