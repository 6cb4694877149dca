/* Which alerts of a spool are learned: those of chance, and those of a network that has changed. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "daemon/clock.h"
#include "daemon/config.h"
#include "daemon/spool_alerts.h"

enum { RECORDS_MAX = 20000, SERVICE = 514 };

static const int64_t hour = 3600 * NANOS_PER_SECOND;
static const struct spool_alerts_config config = {.quarantine_ns = 24 * 3600 * NANOS_PER_SECOND,
                                                  .change_hosts = 5};

static struct spool_record *records;
static enum spool_alert *verdicts;
static size_t n;
static struct rng rng;

static void setup(void)
{
    records = calloc(RECORDS_MAX, sizeof *records);
    verdicts = calloc(RECORDS_MAX, sizeof *verdicts);
    n = 0;
    rng_init(&rng, 1, 0);
}

static void teardown(void)
{
    free(records);
    free(verdicts);
}

TestSuite(spool_alerts, .init = setup, .fini = teardown);

static struct spool_record *add(unsigned host, uint16_t port, bool alert, int64_t at_hour)
{
    struct spool_record *record = &records[n++];

    cr_assert_leq(n, (size_t)RECORDS_MAX);
    *record = (struct spool_record){
        .time_ns = at_hour * hour,
        .ends = {.src = {{10, 0, (uint8_t)(host >> 8), (uint8_t)host}},
                 .dport = port,
                 .ip_version = 4,
                 .proto = IP_PROTO_TCP},
        .alert = alert,
        .logit = alert ? 5 + (double)rng_below(&rng, 1000) / 1000 : -2,
        .p_value = alert ? 0.01 * (double)(1 + rng_below(&rng, 1000)) / 1000 : 0.5,
    };
    return record;
}

/* A host's flows to a port, evenly over the hours, of which n_alerts alert, evenly. */
static void live(unsigned host, uint16_t port, unsigned flows, unsigned n_alerts, int64_t from_hour,
                 int64_t hours)
{
    for (unsigned i = 0; i < flows; i++)
        add(host, port, (i + 1) * n_alerts / flows > i * n_alerts / flows,
            from_hour + hours * i / flows);
}

/* A week of ten hosts, of whose 500 flows each five alert, at the threshold's 1 %. */
static void live_week(void)
{
    for (unsigned host = 1; host <= 10; host++)
        live(host, 443, 500, 5, 0, 7 * 24);
    records[0].alert = true;
    records[0].p_value = 0.01;
}

static void judge(void)
{
    cr_assert_eq(spool_alerts_judge(records, n, &config, verdicts), 0);
}

/* Records of the verdict among those that begin there. */
static size_t count(size_t begin, enum spool_alert verdict)
{
    size_t found = 0;

    for (size_t i = begin; i < n; i++)
        found += verdicts[i] == verdict;
    return found;
}

Test(spool_alerts, what_did_not_alert_is_not_asked)
{
    live(1, 443, 100, 0, 0, 24);
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_NONE), 100);
    n = 0;
    judge();
}

Test(spool_alerts, false_alarms_are_learned)
{
    live_week();
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_CHANCE), 51);
    cr_expect_eq(count(0, SPOOL_ALERT_SUSPECT), 0);
}

/* Three deviations of the five that are expected of 500 flows: 14. */
Test(spool_alerts, of_a_host_that_stands_out_the_lowest_are_that_chance_explains)
{
    double highest = 0, lowest = 9;
    size_t begin;

    live_week();
    begin = n;
    live(11, 443, 600, 100, 0, 7 * 24);
    judge();
    cr_expect_eq(count(begin, SPOOL_ALERT_CHANCE), 13);
    cr_expect_eq(count(begin, SPOOL_ALERT_SUSPECT), 87);
    for (size_t i = begin; i < n; i++) {
        if (verdicts[i] == SPOOL_ALERT_CHANCE)
            highest = records[i].logit > highest ? records[i].logit : highest;
        if (verdicts[i] == SPOOL_ALERT_SUSPECT)
            lowest = records[i].logit < lowest ? records[i].logit : lowest;
    }
    cr_expect_leq(highest, lowest);
    cr_expect_eq(count(0, SPOOL_ALERT_CHANCE), 51 + 13, "the others' are learned");
}

/* Somebody lowered the threshold for a while: no more than a tenth of a host's flows is chance,
 * here (sqrt(50) + 1.5)^2. */
Test(spool_alerts, a_low_threshold_does_not_explain_everything)
{
    live_week();
    records[0].p_value = 0.9;
    const size_t begin = n;
    live(11, 443, 900, 400, 0, 7 * 24);
    judge();
    cr_expect_eq(count(begin, SPOOL_ALERT_CHANCE), 73);
    cr_expect_eq(count(begin, SPOOL_ALERT_SUSPECT), 327);
}

Test(spool_alerts, hosts_of_few_flows_are_one)
{
    live_week();
    for (unsigned host = 100; host < 400; host++)
        live(host, 443, 3, host % 30 == 0, 0, 7 * 24); /* ten alerts of 900 */
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_SUSPECT), 0);
    for (unsigned host = 400; host < 700; host++)
        live(host, 443, 3, 1, 0, 7 * 24);
    judge();
    cr_expect_gt(count(0, SPOOL_ALERT_SUSPECT), 250);
}

/* Every host uses it, five times in two days. */
static void begin_service(unsigned hosts, int64_t from_hour)
{
    for (unsigned host = 1; host <= hosts; host++)
        live(host, SERVICE, 5, 5, from_hour, 48);
}

Test(spool_alerts, a_new_service_of_known_hosts_is_learned)
{
    size_t begin;

    live_week();
    begin = n;
    begin_service(5, 100);
    judge();
    cr_expect_eq(count(begin, SPOOL_ALERT_CHANGE), 25);
    cr_expect_eq(count(0, SPOOL_ALERT_SUSPECT), 0, "nor is it held against their other alerts");
}

Test(spool_alerts, one_of_too_few_is_not)
{
    live_week();
    begin_service(4, 100);
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 0);
}

Test(spool_alerts, one_that_none_may_begin_is_not)
{
    struct spool_alerts_config none = config;

    none.change_hosts = 0;
    live_week();
    begin_service(10, 100);
    cr_assert_eq(spool_alerts_judge(records, n, &none, verdicts), 0);
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 0);
}

Test(spool_alerts, one_that_has_not_lasted_for_the_quarantine_is_not)
{
    live_week();
    for (unsigned host = 1; host <= 10; host++)
        live(host, SERVICE, 5, 5, 100, 20);
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 0);
}

Test(spool_alerts, a_kind_is_port_and_protocol)
{
    live_week();
    begin_service(10, 100);
    for (size_t i = 0; i < n; i++)
        if (records[i].ends.dport == SERVICE && records[i].ends.src.bytes[3] % 2)
            records[i].ends.proto = IP_PROTO_UDP;
    for (size_t i = 0; i < n; i++)
        if (records[i].ends.dport == SERVICE && records[i].ends.src.bytes[3] > 8)
            records[i].ends.dport = SERVICE + 1;
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 0);
}

/* Three days, three flows of each source. */
Test(spool_alerts, a_flood_of_invented_sources_is_not_learned)
{
    size_t begin;

    live_week();
    begin = n;
    for (unsigned source = 1000; source < 4000; source++)
        live(source, 80, 3, 3, 60 + (source % 72), 24);
    judge();
    cr_expect_eq(count(begin, SPOOL_ALERT_CHANGE), 0);
    cr_expect_leq(count(begin, SPOOL_ALERT_CHANCE), 2);
    cr_expect_eq(count(0, SPOOL_ALERT_CHANCE), count(begin, SPOOL_ALERT_CHANCE) + 51);
}

/* Some of the flood passes, but not before the flood. */
Test(spool_alerts, nor_are_its_sources_established_by_what_of_it_passes)
{
    size_t begin;

    live_week();
    begin = n;
    for (unsigned source = 1000; source < 2000; source++) {
        live(source, 80, 4, 4, 60, 24);
        add(source, 80, false, 85);
    }
    judge();
    cr_expect_eq(count(begin, SPOOL_ALERT_CHANGE), 0);
}

Test(spool_alerts, a_scanner_is_one_alone)
{
    size_t begin;

    live_week();
    begin = n;
    for (uint16_t port = 1; port <= 1000; port++)
        add(1, port, true, 50 + port % 60);
    judge();
    cr_expect_eq(count(begin, SPOOL_ALERT_CHANGE), 0);
    cr_expect_geq(count(begin, SPOOL_ALERT_SUSPECT), 986);
}

/* Of 3000 hosts 30 have false alarms on the port, one each: one that attacks there is not one of
 * many. */
Test(spool_alerts, false_alarms_of_many_do_not_hide_an_attack)
{
    size_t begin;

    for (unsigned host = 1; host <= 3000; host++)
        live(host, 443, 4, host % 100 == 0, 0, 7 * 24);
    begin = n;
    live(5000, 443, 200, 0, 0, 48);
    live(5000, 443, 200, 200, 48, 72);
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 0);
    cr_expect_leq(count(begin, SPOOL_ALERT_CHANCE), 8);
}

/* A hundredth of those that use a port must witness: 5 of 1000 do not. */
Test(spool_alerts, a_change_takes_a_hundredth_of_a_large_network)
{
    for (unsigned host = 1; host <= 1000; host++)
        live(host, 443, 5, 0, 0, 7 * 24);
    for (unsigned host = 1; host <= 9; host++)
        live(host, 443, 5, 5, 100, 48);
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 0);
    live(10, 443, 5, 5, 100, 48);
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 50);
}

Test(spool_alerts, a_host_that_comes_with_the_service_is_not_believed)
{
    size_t begin;

    live_week();
    begin_service(10, 100);
    begin = n;
    live(20, SERVICE, 5, 5, 100, 48);
    live(20, 443, 50, 0, 101, 48);
    judge();
    cr_expect_eq(count(begin, SPOOL_ALERT_CHANGE), 0);
    cr_expect_eq(count(0, SPOOL_ALERT_CHANGE), 50);
}

Test(spool_alerts, marks_decide_for_themselves)
{
    live_week();
    for (unsigned i = 0; i < 100; i++)
        add(1, 443, true, 100)->mark = SPOOL_MARK_BENIGN;
    judge();
    cr_expect_eq(count(0, SPOOL_ALERT_SUSPECT), 0);
    cr_expect_eq(count(0, SPOOL_ALERT_CHANCE), 51);
}

Test(spool_alerts, a_training_by_hand_asks_as_the_service_does)
{
    struct config defaults;

    cr_assert_eq(config_init(&defaults), 0);
    cr_expect_eq(defaults.spool.change_hosts, SPOOL_CHANGE_HOSTS);
    config_clear(&defaults);
}

/* An IPv6 network counts as a whole, and on a link each host. */
Test(spool_alerts, originators_are_addresses_or_networks)
{
    static const struct {
        uint8_t version, a[16], b[16];
        bool same;
    } rows[] = {
        {4, {10, 0, 0, 1}, {10, 0, 0, 1}, true},
        {4, {10, 0, 0, 1}, {10, 0, 0, 2}, false},
        {6, {0x20, 1, 0, 0, 0, 0, 0, 1, 7}, {0x20, 1, 0, 0, 0, 0, 0, 1, 8}, true},
        {6, {0x20, 1, 0, 0, 0, 0, 0, 1, 7}, {0x20, 1, 0, 0, 0, 0, 0, 2, 7}, false},
        {6, {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 7}, {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 8}, false},
        {6, {0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 7}, {0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 8}, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_id a = {.ip_version = rows[i].version}, b = a;
        uint8_t first[SPOOL_ORIGINATOR], second[SPOOL_ORIGINATOR];

        memcpy(a.src.bytes, rows[i].a, sizeof rows[i].a);
        memcpy(b.src.bytes, rows[i].b, sizeof rows[i].b);
        spool_originator(&a, first);
        spool_originator(&b, second);
        cr_expect_eq(memcmp(first, second, sizeof first) == 0, rows[i].same, "%zu", i);
    }
}
