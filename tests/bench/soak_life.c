/* What happens in a soak: life with its rhythm and its hosts, an attacker, a new service, a flood.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "features/flow_key.h"
#include "random.h"
#include "soak.h"

enum { MINUTES = 1440, FLOWS = 3000 }; /* of a day */

static const int64_t minute_ns = 60 * NANOS_PER_SECOND;
static const double share_begin = 0.001, share_end = 0.2; /* of the attacker */
static const double service_share = 0.1;                  /* of all flows, once it is there */
static const uint32_t hosts_percent = 70;                 /* that are there on a day */
static const uint8_t flood_net = 198;                     /* any address that begins so */

bool soak_is_from(const struct flow_id *ends, enum soak_stranger who)
{
    if (who == SOAK_FLOOD)
        return ends->ip_version == 4 && ends->src.bytes[0] == flood_net;
    return memcmp(&ends->src, &lab_attacker.src, sizeof lab_attacker.src) == 0;
}

/* Nothing happens twice in the same way: numbers waver by a tenth, whole ones stay whole. An
 * identity is that of the ends. */
static void waver(struct soak *soak, const struct flow_id *ends, double *x)
{
    const struct feature_set *set = soak->lab->meter.set;

    for (size_t c = 0; c < set->n_columns; c++) {
        const double value = x[c] * (0.9 + 0.2 * random_below(&soak->random, 1000) / 1000);

        if (set->columns[c].identity)
            x[c] = (double)flow_ends_number(ends);
        else if (!set->columns[c].values)
            x[c] = x[c] == floor(x[c]) ? round(value) : value;
    }
}

/* The like of a flow happens now, from that originator; the service looks at it. Without the guards
 * the spool does not learn that it alerts. */
static void happen(struct soak *soak, enum lab_part part, size_t i, const struct flow_id *source)
{
    double x[FEATURE_COLUMNS_MAX];
    struct verdict verdict = {.flow = soak->lab->part[part].flows[i], .x = x};

    verdict.flow.id.src = source->src;
    verdict.flow.id.ip_version = source->ip_version;
    memcpy(x, soak_row(soak, part, i), soak->lab->meter.set->n_columns * sizeof *x);
    waver(soak, &verdict.flow.id, x);
    da3d_score(soak->scorer, x, 1, &verdict.score);
    soak->lived[part].flows++;
    soak->lived[part].alerts += verdict.score.alert;
    verdict.score.alert = verdict.score.alert && soak->guarded;
    verdict.threshold = threshold_at_logit((double)da3d_threshold_logit(soak->live));
    verdict.flow.flow_id = ++soak->flows;
    verdict.flow.end_ns = soak->now_ns;
    spool_offer(soak->spool, &verdict, soak->now_ns);
}

/* Is the flow's originator there today? */
static bool is_there(const struct soak *soak, const struct flow *flow)
{
    uint64_t state = (uint64_t)soak->day;

    for (size_t i = 0; i < sizeof flow->id.src.bytes; i++)
        state = 31 * state + flow->id.src.bytes[i];
    return random_below(&state, 100) < hosts_percent;
}

static size_t any_of(struct soak *soak, enum lab_part which)
{
    return random_below(&soak->random, (uint32_t)soak->lab->part[which].n);
}

static void life_happens(struct soak *soak)
{
    const bool service =
        soak->day >= SOAK_SERVICE_DAY && random_below(&soak->random, 1000) < 1000 * service_share;
    const struct flow *flows = soak->lab->part[LAB_LIFE].flows;
    size_t i;

    do
        i = any_of(soak, LAB_LIFE);
    while (!is_there(soak, &flows[i]));
    if (service) /* any host that is there uses it */
        happen(soak, LAB_SERVICE, any_of(soak, LAB_SERVICE), &flows[i].id);
    else
        happen(soak, LAB_LIFE, i, &flows[i].id);
}

/* From an address that has never been seen and is not again. */
static void flood(struct soak *soak)
{
    struct flow_id source = {.src = {{flood_net}}, .ip_version = 4};

    for (size_t i = 1; i < 4; i++)
        source.src.bytes[i] = (uint8_t)random_below(&soak->random, 256);
    happen(soak, LAB_FLOOD, any_of(soak, LAB_FLOOD), &source);
}

struct choice {
    float logit;
    size_t i;
};

static int by_logit(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;

    return x->logit < y->logit ? -1 : x->logit > y->logit;
}

/* The attacker's flows of today: those that are highest below the threshold, or the lowest. */
static void choose(struct soak *soak)
{
    const size_t n = soak->lab->part[LAB_POISON].n;
    struct choice *all = calloc(n, sizeof *all);
    size_t below = 0;

    if (!all || n < SOAK_NARROW)
        soak_die("attacker", "out of memory, or too few flows");
    for (size_t i = 0; i < n; i++) {
        const struct da3d_score s = soak_score(soak, LAB_POISON, i);

        all[i] = (struct choice){s.logit, i};
        below += !s.alert;
    }
    qsort(all, n, sizeof *all, by_logit);
    for (size_t i = 0; i < SOAK_NARROW; i++)
        soak->narrow[i] = all[(below > SOAK_NARROW ? below - SOAK_NARROW : 0) + i].i;
    free(all);
}

static void something_happens(struct soak *soak)
{
    const double share =
        share_begin * pow(share_end / share_begin, (soak->day - 1) / (SOAK_DAYS - 1.0));

    if (random_below(&soak->random, 1000000) < 1e6 * share)
        happen(soak, LAB_POISON, soak->narrow[random_below(&soak->random, SOAK_NARROW)],
               &lab_attacker);
    else
        life_happens(soak);
    if (soak->day >= SOAK_FLOOD_DAY && soak->day < SOAK_FLOOD_DAY + SOAK_FLOOD_DAYS)
        flood(soak);
}

static void live_minute(struct soak *soak, int minute)
{
    const double pi = 3.14159265358979, phase = (minute - 240) / (double)MINUTES;

    spool_tick(soak->spool, soak->now_ns);
    soak->due += FLOWS * (1 - 0.9 * cos(2 * pi * phase)) / MINUTES; /* night: at 4 */
    while (soak->due >= 1) {
        soak->due--;
        something_happens(soak);
    }
}

void soak_live_day(struct soak *soak)
{
    choose(soak);
    memset(soak->lived, 0, sizeof soak->lived);
    for (int minute = 0; minute < MINUTES; minute++, soak->now_ns += minute_ns)
        live_minute(soak, minute);
}
