/* Which hosts stand out by their alerts, in simulated time. */
#include "daemon/host_rates.h"

#include <criterion/criterion.h>

#include "core/rng.h"
#include "features/nanos.h"

static const int64_t half = 86400 * NANOS_PER_SECOND;
static const double share = 0.01; /* of normal flows, that alert */

static struct host_rates *rates;
static struct rng rng;

static void setup(void)
{
    rates = host_rates_new();
    cr_assert_not_null(rates);
    rng_init(&rng, 1, 0);
}

static void teardown(void)
{
    host_rates_free(rates);
}

TestSuite(host_rates, .init = setup, .fini = teardown);

/* n flows of the hosts from key to last in turn, evenly over the time, of which per_mille alert by
 * chance. Returns after how many of these a host stood out. */
static unsigned add_all(uint64_t key, uint64_t last, unsigned n, unsigned per_mille,
                        int64_t from_ns, int64_t over_ns)
{
    unsigned stood_out = 0;

    for (unsigned i = 0; i < n; i++) {
        const int64_t now_ns = from_ns + over_ns / n * i;
        const uint64_t host = key + i % (last - key + 1);

        if (rng_below(&rng, 1000) < per_mille)
            stood_out += host_rates_alert(rates, host, share, now_ns, half);
        else
            host_rates_flow(rates, host, now_ns, half);
    }
    return stood_out;
}

static unsigned add(uint64_t key, unsigned n, unsigned per_mille, int64_t from_ns, int64_t over_ns)
{
    return add_all(key, key, n, per_mille, from_ns, over_ns);
}

Test(host_rates, the_first_flow_of_a_host_is_held_against_it)
{
    cr_expect(host_rates_alert(rates, 1, share, 0, half));
}

Test(host_rates, what_the_threshold_lets_through_is_not)
{
    const unsigned stood_out = add_all(1, 50, 250000, 10, 0, half);

    cr_expect_lt(stood_out, 50 * 50 / 20, "%u of some 2500 alerts", stood_out);
}

Test(host_rates, several_times_as_many_are)
{
    add_all(1, 20, 20000, 10, 0, half);
    cr_expect_gt(add(21, 1000, 60, half, half / 24), 40);
    cr_expect_gt(add(20, 1000, 60, half, half / 24), 30, "also one that has been normal");
}

/* A model that has grown old. */
Test(host_rates, where_all_alert_nobody_stands_out_but_who_alerts_more)
{
    unsigned stood_out = 0;

    for (int day = 0; day < 4; day++)
        stood_out += add_all(1, 50, 25000, 100, day * half, half / 24);
    cr_expect_lt(stood_out, 50 * 200 / 10, "%u of some 10000 alerts", stood_out);
    cr_expect_gt(add(7, 500, 500, 4 * half, half / 24), 200);
}

Test(host_rates, counts_halve)
{
    add(1, 1000, 1000, 0, half / 24);
    cr_expect_lt(add(1, 5000, 10, 20 * half, half), 20);
}

/* A forger of addresses replaces his own. */
Test(host_rates, a_busy_host_is_not_pushed_out_by_many_others)
{
    add(1, 1000, 0, 0, half / 24);
    for (uint64_t key = 2; key < 1000000; key++)
        host_rates_flow(rates, key, half / 24, half);
    cr_expect_not(host_rates_alert(rates, 1, share, half / 24, half),
                  "one of a thousand is no more than chance");
}

Test(host_rates, behind_a_flood_of_invented_hosts_nobody_hides)
{
    add_all(1, 20, 20000, 10, 0, half);
    for (uint64_t key = 1000; key < 41000; key++)
        host_rates_alert(rates, key, share, half, half);
    cr_expect_gt(add(21, 1000, 60, half, half / 24), 40);
}

Test(host_rates, what_is_forgiven_is_not_held_against_a_host)
{
    add_all(1, 20, 20000, 10, 0, half);
    cr_expect_gt(add(21, 1000, 500, half, half / 24), 400);
    host_rates_forgive(rates);
    cr_expect_eq(add(21, 1000, 10, half, half / 24), 0);
    cr_expect_gt(add(21, 1000, 500, half, half / 24), 400, "but what comes then is");
}
