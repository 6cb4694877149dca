/* What the spool keeps: of all time alike, of no host too much, in simulated time. */
#include <math.h>

#include "core/rng.h"
#include "spool_sample.h"

enum { SLOTS = 1000 };

static struct spool_sample sample;

static void setup(void)
{
    spool_sample_begin(&sample, SLOTS);
}

static void teardown(void)
{
    spool_sample_end(&sample);
}

TestSuite(spool, .init = setup, .fini = teardown);

/* Traffic of some hosts, from time to time. */
struct traffic {
    struct spool *spool;
    int64_t now_ns;
    uint64_t flows;
    struct rng rng;
};

static void offer(struct traffic *traffic, unsigned host)
{
    struct verdict verdict = spool_sample_flow(&sample, host, ++traffic->flows, traffic->now_ns);

    spool_offer(traffic->spool, &verdict, traffic->now_ns);
}

/* hours of it, every ten seconds: of `heavy` percent of all flows host 0 is the originator, of the
 * others any of a thousand. per_mille: chance of a flow, over 1000: several. */
static void run(struct traffic *traffic, double hours, unsigned per_mille, unsigned heavy)
{
    for (int i = 0; i < (int)(hours * 360); i++) {
        traffic->now_ns += 10 * SAMPLE_SECOND;
        for (unsigned left = per_mille; left > 0; left -= left < 1000 ? left : 1000)
            if (left >= 1000 || rng_below(&traffic->rng, 1000) < left)
                offer(traffic, rng_below(&traffic->rng, 100) < heavy
                                   ? 0
                                   : (unsigned)rng_below(&traffic->rng, 1000) + 1);
        spool_tick(traffic->spool, traffic->now_ns);
    }
}

static struct traffic begin(void)
{
    struct traffic traffic = {.now_ns = SAMPLE_BEGIN};

    traffic.spool = spool_sample_open(&sample, traffic.now_ns);
    rng_init(&traffic.rng, 2, 0);
    return traffic;
}

/* Share of the rows that are older, in hours. */
static double older(const struct spool_rows *rows, int64_t now_ns, double hours)
{
    size_t n = 0;

    for (size_t i = 0; i < rows->n; i++)
        n += (double)(now_ns - rows->records[i].time_ns) > hours * (double)SAMPLE_HOUR;
    return (double)n / (double)rows->n;
}

/* Within four standard deviations of a share. */
static void expect_share(double share, double expected, size_t n, const char *what)
{
    cr_expect_float_eq(share, expected, 4 * sqrt(expected * (1 - expected) / (double)n),
                       "%s: %g, not %g", what, share, expected);
}

/* exp(-age / horizon), the horizon being 10 hours. */
static void expect_exponential(const struct spool_rows *rows, int64_t now_ns)
{
    expect_share(older(rows, now_ns, 2.5), exp(-0.25), rows->n, "older than a quarter horizon");
    expect_share(older(rows, now_ns, 10), exp(-1), rows->n, "older than the horizon");
    expect_share(older(rows, now_ns, 20), exp(-2), rows->n, "older than two");
}

Test(spool, ages_are_distributed_exponentially_whatever_the_rate)
{
    static const unsigned per_mille[] = {600, 5000}; /* 278 would replace all in a horizon */

    for (size_t i = 0; i < sizeof per_mille / sizeof *per_mille; i++) {
        struct traffic traffic = begin();
        struct spool_rows rows;

        run(&traffic, 70, per_mille[i], 0);
        spool_sample_read(&sample, traffic.now_ns, 0, &rows);
        cr_expect_geq(rows.n, SLOTS * 98 / 100);
        expect_exponential(&rows, traffic.now_ns);
        spool_rows_clear(&rows);
        spool_close(traffic.spool);
        unlink(sample.path);
    }
}

Test(spool, what_few_flows_leave_is_forgotten_too)
{
    struct traffic traffic = begin();
    struct spool_rows rows;
    struct spool_stats stats;

    run(&traffic, 70, 83, 0); /* 0.3 of what would replace all */
    spool_sample_read(&sample, traffic.now_ns, 0, &rows);
    cr_expect_float_eq((double)rows.n, 300, 4 * sqrt(300), "%zu", rows.n);
    expect_exponential(&rows, traffic.now_ns);
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_eq(stats.records, rows.n);
    cr_expect_eq(stats.taken - stats.replaced - stats.forgotten, rows.n);
    spool_rows_clear(&rows);
    spool_close(traffic.spool);
}

/* Ten hours by day with a hundred times the flows of the nights. */
Test(spool, a_quiet_hour_counts_as_much_as_a_busy_one)
{
    struct traffic traffic = begin();
    struct spool_rows rows;
    double night;

    sample.config.horizon_ns = 1000 * SAMPLE_HOUR;
    spool_configure(traffic.spool, &sample.config);
    for (int day = 0; day < 5; day++) {
        run(&traffic, 10, 20000, 0);
        run(&traffic, 10, 400, 0);
    }
    spool_sample_read(&sample, traffic.now_ns, 0, &rows);
    night = 0;
    for (size_t i = 0; i < rows.n; i++)
        night += (rows.records[i].time_ns - SAMPLE_BEGIN) / SAMPLE_HOUR % 20 >= 10;
    cr_expect_eq(rows.n, SLOTS);
    expect_share(night / (double)rows.n, 0.5, rows.n, "records of nights");
    spool_rows_clear(&rows);
    spool_close(traffic.spool);
}

/* Younger than its horizon it has as much of each hour, but for the first, in which it filled. */
Test(spool, a_young_one_tells_of_all_its_time)
{
    struct traffic traffic = begin();
    struct spool_rows rows;

    sample.config.horizon_ns = 1000 * SAMPLE_HOUR;
    spool_configure(traffic.spool, &sample.config);
    run(&traffic, 40, 10000, 0);
    spool_sample_read(&sample, traffic.now_ns, 0, &rows);
    cr_expect_eq(rows.n, SLOTS);
    for (int hours = 10; hours < 40; hours += 10)
        expect_share(older(&rows, traffic.now_ns, hours), 1 - hours / 40.0, rows.n, "older");
    spool_rows_clear(&rows);
    spool_close(traffic.spool);
}

static size_t rows_of_host_0(const struct spool_rows *rows)
{
    size_t n = 0;

    for (size_t i = 0; i < rows->n; i++)
        n += rows->records[i].ends.src.bytes[2] == 0 && rows->records[i].ends.src.bytes[3] == 0;
    return n;
}

Test(spool, no_host_has_more_than_its_share)
{
    struct traffic traffic = begin();
    struct spool_stats stats;
    struct spool_rows rows;

    sample.config.host_share = 0.1;
    spool_configure(traffic.spool, &sample.config);
    for (int i = 0; i < 70; i++) {
        run(&traffic, 1, 5000, 90);
        spool_sample_read(&sample, traffic.now_ns, 0, &rows);
        cr_assert_leq(rows_of_host_0(&rows), SLOTS / 10);
        if (i < 69)
            spool_rows_clear(&rows);
    }
    cr_expect_geq(rows_of_host_0(&rows), SLOTS * 9 / 100);
    cr_expect_geq(rows.n, SLOTS * 98 / 100, "the others fill the rest: %zu", rows.n);
    expect_exponential(&rows, traffic.now_ns);
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_gt(stats.over_share, stats.offered / 2);
    spool_rows_clear(&rows);
    spool_close(traffic.spool);
}

/* Where there is no other host, its own records give way, so that it is not judged by its first
 * hour. */
Test(spool, a_host_that_is_alone_is_known_by_all_its_time)
{
    struct traffic traffic = begin();
    struct spool_rows rows;

    sample.config.host_share = 0.2;
    spool_configure(traffic.spool, &sample.config);
    run(&traffic, 70, 5000, 100);
    spool_sample_read(&sample, traffic.now_ns, 0, &rows);
    cr_expect_geq(rows.n, SLOTS / 5 - 2);
    cr_expect_leq(rows.n, SLOTS / 5);
    expect_exponential(&rows, traffic.now_ns);
    spool_rows_clear(&rows);
    spool_close(traffic.spool);
}

Test(spool, a_lull_is_not_made_up_for_at_once)
{
    struct traffic traffic = begin();
    struct spool_stats stats;

    run(&traffic, 30, 0, 0);
    run(&traffic, 0.01, 1000000, 0);
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_gt(stats.taken, 5);
    cr_expect_leq(stats.taken, SLOTS / 100 + 1);
    spool_close(traffic.spool);
}

/* A flow a second, of any host but host 0; or, per_mille of them, one that alerts, of the same host
 * or of host 0. */
static void run_alerts(struct traffic *traffic, int seconds, bool of_host_0, unsigned per_mille)
{
    for (int i = 0; i < seconds; i++) {
        const unsigned host = (unsigned)rng_below(&traffic->rng, 1000) + 1;
        const struct verdict alert =
            spool_sample_alert(&sample, of_host_0 ? 0 : host, ++traffic->flows, traffic->now_ns);

        traffic->now_ns += SAMPLE_SECOND;
        if (rng_below(&traffic->rng, 1000) < per_mille)
            spool_offer(traffic->spool, &alert, traffic->now_ns);
        else
            offer(traffic, host);
    }
}

/* An hour in which host 0's flows alert, of per_mille of all. */
static void run_attack(struct traffic *traffic, unsigned per_mille)
{
    run_alerts(traffic, 3600, true, per_mille);
}

/* Of host 0, that did not alert, in quarantine or not. */
static size_t ordinary_of_host_0(const struct traffic *traffic, bool quarantined)
{
    struct spool_rows rows;
    size_t n = 0;

    spool_sample_read(&sample, traffic->now_ns, 0, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        const struct spool_record *record = &rows.records[i];
        const bool young = traffic->now_ns - record->time_ns < sample.config.quarantine_ns;

        n += record->ends.src.bytes[2] == 0 && record->ends.src.bytes[3] == 0 && !record->alert &&
             young == quarantined;
    }
    spool_rows_clear(&rows);
    return n;
}

Test(spool, what_a_host_has_in_quarantine_is_dropped_when_it_alerts)
{
    struct traffic traffic = begin();
    struct spool_stats stats;

    sample.config.quarantine_ns = 3 * SAMPLE_HOUR;
    spool_configure(traffic.spool, &sample.config);
    run(&traffic, 5, 5000, 50);
    cr_expect_gt(ordinary_of_host_0(&traffic, true), 100);
    run_attack(&traffic, 800);
    cr_expect_eq(ordinary_of_host_0(&traffic, true), 0);
    cr_expect_gt(ordinary_of_host_0(&traffic, false), 50, "what is older stays");
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_gt(stats.dropped, 100);
    cr_expect_gt(stats.quarantined, stats.alerts, "so does what others have there");
    cr_expect_eq(stats.taken - stats.replaced - stats.dropped - stats.forgotten, stats.records);
    spool_close(traffic.spool);
}

/* One that alerts beyond chance, but seldom. */
Test(spool, a_host_of_a_single_odd_habit_is_not_forgotten)
{
    struct traffic traffic = begin();
    struct spool_stats stats;

    sample.config.quarantine_ns = 3 * SAMPLE_HOUR;
    spool_configure(traffic.spool, &sample.config);
    run(&traffic, 5, 5000, 50);
    run_attack(&traffic, 60);
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_gt(stats.dropped, 0);
    cr_expect_leq(stats.dropped, 5 * stats.alerts);
    cr_expect_gt(ordinary_of_host_0(&traffic, true), 50);
    spool_close(traffic.spool);
}

Test(spool, as_many_alerts_as_the_threshold_lets_through_drop_nothing)
{
    struct traffic traffic = begin();
    struct verdict alert = spool_sample_alert(&sample, 0, 0, 0);
    struct spool_stats stats;

    run(&traffic, 3, 5000, 50);
    for (int i = 0; i < 20; i++) {
        run(&traffic, 0.1, 5000, 50);
        spool_offer(traffic.spool, &alert, traffic.now_ns);
    }
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_eq(stats.dropped, 0);
    spool_close(traffic.spool);
}

Test(spool, flows_that_alert_are_taken_as_others_are)
{
    struct traffic traffic = begin();
    struct spool_stats before, after;

    run_alerts(&traffic, 7200, false, 100);
    spool_stats(traffic.spool, traffic.now_ns, &before);
    expect_share((double)before.alerts / (double)before.records, 0.1, before.records, "alerts");
    spool_close(traffic.spool);
    traffic.spool = spool_sample_open(&sample, traffic.now_ns);
    spool_stats(traffic.spool, traffic.now_ns, &after);
    cr_expect_eq(after.alerts, before.alerts, "after a restart, too");
    spool_close(traffic.spool);
}

Test(spool, a_hosts_alerts_have_a_share_of_their_own)
{
    struct traffic traffic = begin();
    struct spool_stats stats;

    sample.config.host_share = 0.1;
    spool_configure(traffic.spool, &sample.config);
    for (int i = 0; i < 72000; i++) {
        const struct verdict alert =
            spool_sample_alert(&sample, 0, ++traffic.flows, traffic.now_ns);

        traffic.now_ns += SAMPLE_SECOND;
        if (rng_below(&traffic.rng, 2) == 0)
            spool_offer(traffic.spool, &alert, traffic.now_ns);
        else
            offer(&traffic, (unsigned)i % 1000);
    }
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_leq(stats.alerts, SLOTS / 10);
    cr_expect_geq(stats.alerts, SLOTS * 9 / 100);
    cr_expect_gt(stats.records, SLOTS / 2);
    spool_close(traffic.spool);
}

Test(spool, another_model_does_not_hold_old_alerts_against_a_host)
{
    struct traffic traffic = begin();
    struct spool_stats before, after;

    run(&traffic, 3, 5000, 50);
    run_attack(&traffic, 500);
    spool_stats(traffic.spool, traffic.now_ns, &before);
    cr_expect_gt(before.dropped, 0);
    spool_forgive(traffic.spool);
    run(&traffic, 1, 5000, 50);
    run_attack(&traffic, 5);
    spool_stats(traffic.spool, traffic.now_ns, &after);
    cr_expect_eq(after.dropped, before.dropped);
    spool_close(traffic.spool);
}

/* One in five, for as long as a record is there. */
Test(spool, golden_rows_stay_golden_and_come_last)
{
    struct spool_read_config config = {.golden = 0.2};
    struct traffic traffic = begin();
    struct spool_rows then, now;
    struct da3d_error error = {""};
    size_t same = 0;

    run(&traffic, 20, 1000, 0);
    config.now_ns = traffic.now_ns;
    cr_assert_eq(spool_read(sample.path, &config, &then, &error), 0, "%s", error.text);
    expect_share((double)then.n_golden / (double)then.n, 0.2, then.n, "golden");
    run(&traffic, 5, 1000, 0);
    config.now_ns = traffic.now_ns;
    cr_assert_eq(spool_read(sample.path, &config, &now, &error), 0, "%s", error.text);
    for (size_t i = then.n - then.n_golden; i < then.n; i++)
        for (size_t k = 0; k < now.n; k++) {
            const bool found = now.records[k].flow_id == then.records[i].flow_id;

            same += found;
            cr_expect(!found || k >= now.n - now.n_golden);
        }
    cr_expect_gt(same, then.n_golden / 4);
    for (size_t i = 1; i < now.n; i++)
        cr_expect(i == now.n - now.n_golden ||
                  now.records[i].time_ns >= now.records[i - 1].time_ns);
    spool_rows_clear(&then);
    spool_rows_clear(&now);
    spool_close(traffic.spool);
}

Test(spool, the_hosts_of_one_ipv6_network_are_one)
{
    struct traffic traffic = begin();
    struct spool_stats stats;
    struct verdict verdict = spool_sample_flow(&sample, 0, 0, 0);

    sample.config.host_share = 0.01;
    spool_configure(traffic.spool, &sample.config);
    verdict.flow.id.ip_version = 6;
    for (int i = 0; i < 2000; i++) {
        traffic.now_ns += SAMPLE_SECOND;
        verdict.flow.id.src.bytes[8 + i % 8] = (uint8_t)i;
        spool_offer(traffic.spool, &verdict, traffic.now_ns);
    }
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_eq(stats.records, SLOTS / 100);
    verdict.flow.id.src.bytes[7] = 1;
    spool_offer(traffic.spool, &verdict, traffic.now_ns);
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_eq(stats.records, SLOTS / 100 + 1);
    spool_close(traffic.spool);
}

Test(spool, one_that_is_not_enabled_changes_nothing)
{
    struct traffic traffic = begin();
    const struct verdict alert = spool_sample_alert(&sample, 7, 0, 0);
    struct spool_stats before, after;

    run(&traffic, 5, 1000, 0);
    spool_stats(traffic.spool, traffic.now_ns, &before);
    sample.config.enabled = false;
    sample.config.quarantine_ns = 100 * SAMPLE_HOUR;
    spool_configure(traffic.spool, &sample.config);
    run(&traffic, 5, 1000, 0);
    for (int i = 0; i < 1000; i++)
        spool_offer(traffic.spool, &alert, traffic.now_ns);
    spool_stats(traffic.spool, traffic.now_ns, &after);
    cr_expect_eq(after.offered, 5 * 360);
    cr_expect_eq(after.records, before.records);
    cr_expect_eq(after.dropped, 0);
    spool_close(traffic.spool);
}

Test(spool, it_is_the_same_after_a_restart)
{
    struct spool_rows before, after;
    struct traffic traffic = begin();
    struct verdict alert = spool_sample_alert(&sample, 0, 0, 0);
    struct spool_stats stats;

    sample.config.host_share = 0.1;
    spool_configure(traffic.spool, &sample.config);
    run(&traffic, 3, 500, 50);
    spool_close(traffic.spool);
    spool_sample_read(&sample, traffic.now_ns, 0, &before);
    traffic.spool = spool_sample_open(&sample, traffic.now_ns);
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_eq(stats.records, before.n);
    cr_expect_eq(stats.bad, 0);
    spool_offer(traffic.spool, &alert, traffic.now_ns);
    spool_stats(traffic.spool, traffic.now_ns, &stats);
    cr_expect_eq(stats.dropped, 0, "one alert of a known host is no more than chance");
    run(&traffic, 1, 500, 50);
    spool_sample_read(&sample, traffic.now_ns, 0, &after);
    cr_expect_gt(after.n, before.n);
    cr_expect_leq(rows_of_host_0(&after), SLOTS / 10);
    cr_expect_eq(after.records[0].time_ns, before.records[0].time_ns);
    spool_rows_clear(&before);
    spool_rows_clear(&after);
    spool_close(traffic.spool);
}
