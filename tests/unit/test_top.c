/* The most anomalous flows and hosts of the last minutes, in simulated time. */
#include "daemon/top.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "verdict_sample.h"

static struct top *top;
static struct top_flow flows[TOP_SLOTS * TOP_FLOWS];
static struct top_host hosts[TOP_SLOTS * TOP_HOSTS];

static void setup(void)
{
    top = top_new();
    cr_assert_not_null(top);
}

static void teardown(void)
{
    top_free(top);
}

TestSuite(top, .init = setup, .fini = teardown);

static void add(const char *src, float logit, int64_t at_s)
{
    struct verdict verdict = verdict_sample(NULL, src, 80, logit);

    verdict.flow.end_ns = at_s;
    top_add(top, &verdict, at_s);
}

/* src: the i-th of 65536 hosts. */
static void add_nth(unsigned i, float logit, int64_t at_s)
{
    char src[32];

    snprintf(src, sizeof src, "10.0.%u.%u", i / 256 % 256, i % 256);
    add(src, logit, at_s);
}

static void expect_host(const struct top_host *host, const char *addr, uint64_t reached,
                        float logit)
{
    char text[INET6_ADDRSTRLEN];

    inet_ntop(host->ip_version == 4 ? AF_INET : AF_INET6, host->addr.bytes, text, sizeof text);
    cr_expect_str_eq(text, addr);
    cr_expect_eq(host->reached, reached, "%s: %lu", addr, (unsigned long)host->reached);
    cr_expect_eq(host->logit, logit, "%s: %g", addr, (double)host->logit);
}

Test(top, nothing_yet)
{
    cr_expect_eq(top_flows(top, 0, flows, 10), 0);
    cr_expect_eq(top_hosts(top, 1000000, hosts, 10), 0);
}

Test(top, flows_are_sorted_and_as_many_as_asked_for)
{
    for (int i = 0; i < 1000; i++)
        add("192.0.2.1", (float)(i * 7 % 1000), i * 240 / 1000);
    cr_expect_eq(top_flows(top, 240, flows, 50), 50);
    for (int i = 0; i < 50; i++)
        cr_expect_eq(flows[i].score.logit, (float)(999 - i));
    cr_expect_eq(flows[0].pkts, 5);
    cr_expect_eq(flows[0].bytes, 500);
    cr_expect_eq(flows[0].flow_id, 42);
}

Test(top, what_is_old_is_forgotten)
{
    add("192.0.2.1", 9.0F, 59);
    add("192.0.2.2", 5.0F, 60);
    cr_expect_eq(top_flows(top, 299, flows, 10), 2);
    cr_expect_eq(top_flows(top, 300, flows, 10), 1);
    cr_expect_eq(flows[0].score.logit, 5.0F);
    cr_expect_eq(top_hosts(top, 300, hosts, 10), 1);
    expect_host(&hosts[0], "192.0.2.2", 1, 5.0F);
    add("192.0.2.3", 1.0F, 300);
    cr_expect_eq(top_hosts(top, 300, hosts, 10), 2);
    cr_expect_eq(top_hosts(top, 1000, hosts, 10), 0);
}

Test(top, hosts_are_added_up_over_the_minutes)
{
    add("192.0.2.1", 1.0F, 0);
    add("192.0.2.1", 3.0F, 61);
    add("192.0.2.1", -1.0F, 62);
    add("2001:db8::1", 9.0F, 62);
    add("192.0.2.2", -2.0F, 63);
    cr_expect_eq(top_hosts(top, 63, hosts, 10), 3);
    expect_host(&hosts[0], "192.0.2.1", 2, 3.0F);
    cr_expect_eq(hosts[0].flows, 3);
    cr_expect_eq(hosts[0].error, 0);
    cr_expect_eq(hosts[0].end_ns, 62);
    expect_host(&hosts[1], "2001:db8::1", 1, 9.0F);
    expect_host(&hosts[2], "192.0.2.2", 0, -2.0F);
    cr_expect_eq(top_hosts(top, 63, hosts, 1), 1);
}

/* A scanner among more hosts than there is room for, each of which alerts once: one in ten of the
 * alerting flows is the scanner's. */
Test(top, who_alerts_often_is_found_among_many)
{
    for (unsigned i = 0; i < 20000; i++)
        if (i % 10 == 9)
            add("192.0.2.1", 1.0F, 0);
        else
            add_nth(i, 2.0F, 0);
    cr_expect_eq(top_hosts(top, 0, hosts, TOP_SLOTS * TOP_HOSTS), TOP_HOSTS);
    cr_expect_eq(hosts[0].addr.bytes[0], 192);
    cr_expect_geq(hosts[0].reached, 2000);
    cr_expect_leq(hosts[0].reached - hosts[0].error, 2000);
}

/* Hosts that never reach the threshold displace each other by their logits, and nobody else. */
Test(top, who_does_not_alert_displaces_nobody_who_does)
{
    for (unsigned i = 0; i < TOP_HOSTS - 1; i++)
        add_nth(i, 1.0F, 0);
    add("192.0.2.1", -5.0F, 0);
    add("192.0.2.2", -6.0F, 0);
    add("192.0.2.3", -4.0F, 0);
    cr_expect_eq(top_hosts(top, 0, hosts, TOP_HOSTS), TOP_HOSTS);
    expect_host(&hosts[TOP_HOSTS - 1], "192.0.2.3", 0, -4.0F);
    add("192.0.2.4", 0.0F, 0);
    add("192.0.2.5", -1.0F, 0);
    cr_expect_eq(top_hosts(top, 0, hosts, TOP_HOSTS), TOP_HOSTS);
    expect_host(&hosts[TOP_HOSTS - 1], "192.0.2.4", 1, 0.0F);
}
