/* Rows of DoHMeter, by hand; whole captures are compared in tests/integration/rows.sh. */
#include <math.h>

#include "features/dohmeter.h"
#include "flow_rows.h"

/* Feeds packets of 100 captured bytes between host 1, port 1000, and host 2, port 443. */
struct meter {
    void *state;
    struct rows rows;
};

static void sink(void *ctx, const struct flow *row, const double *x)
{
    cr_expect(isfinite(x[0]));
    rows_sink(ctx, row);
}

static struct meter start(void)
{
    return (struct meter){0};
}

static void at_ns(struct meter *meter, int64_t ts_ns, int src, int dst)
{
    struct packet packet =
        make_packet(IP_PROTO_TCP, src, src == 1 ? 1000 : 443, dst, dst == 1 ? 1000 : 443);

    if (meter->state == NULL)
        meter->state = dohmeter_rule.new(sink, &meter->rows);
    packet.ts_ns = ts_ns;
    packet.frame_cap = 100;
    packet.frame_len = 1500;
    cr_assert_eq(dohmeter_rule.packet(meter->state, &packet), 0);
}

static void at(struct meter *meter, double seconds, int src, int dst)
{
    at_ns(meter, (int64_t)(seconds * 1e9) + 1000 * SECOND, src, dst);
}

static void finish(struct meter *meter)
{
    cr_assert_eq(dohmeter_rule.flush(meter->state), 0);
    dohmeter_rule.free(meter->state);
    free(meter->rows.at);
}

Test(dohmeter, is_found_by_name)
{
    cr_expect_eq(row_rule_find("dohmeter"), &dohmeter_rule);
    cr_expect_null(row_rule_find("native"));
}

Test(dohmeter, whoever_comes_first_sends)
{
    struct meter meter = start();

    at(&meter, 0, 2, 1);
    at(&meter, 1, 1, 2);
    at(&meter, 2, 2, 1);
    cr_assert_eq(dohmeter_rule.flush(meter.state), 0);
    cr_assert_eq(meter.rows.n, 1);
    cr_expect_eq(meter.rows.at[0].id.sport, 443);
    cr_expect_eq(meter.rows.at[0].bytes[FLOW_TO_SERVER], 200, "as captured");
    cr_expect_eq(meter.rows.at[0].bytes[FLOW_TO_CLIENT], 100);
    finish(&meter);
}

Test(dohmeter, silence_opens_segments_with_growing_patience)
{
    struct meter meter = start();

    at(&meter, 0, 1, 2);
    at(&meter, 40, 1, 2);  /* still segment 0 */
    at(&meter, 81, 2, 1);  /* segment 1, which keeps the direction */
    at(&meter, 161, 1, 2); /* 80 s: still segment 1 */
    at(&meter, 242, 1, 2); /* segment 2 */
    cr_assert_eq(dohmeter_rule.flush(meter.state), 0);
    cr_assert_eq(meter.rows.n, 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(meter.rows.at[i].id.sport, 1000);
    cr_expect_eq(meter.rows.at[0].pkts[FLOW_TO_SERVER], 2);
    cr_expect_eq(meter.rows.at[1].pkts[FLOW_TO_CLIENT], 1);
    cr_expect_eq(meter.rows.at[1].pkts[FLOW_TO_SERVER], 1);
    cr_expect_eq(meter.rows.at[2].pkts[FLOW_TO_SERVER], 1);
    finish(&meter);
}

Test(dohmeter, a_long_row_takes_others_with_it)
{
    struct meter meter = start();

    at(&meter, 0, 1, 2);
    at(&meter, 25, 1, 3); /* 95 s long when the other ends it */
    at(&meter, 35, 1, 4); /* 85 s long: stays */
    for (int t = 30; t <= 120; t += 30) {
        at(&meter, t, 1, 2);
        at(&meter, t, 1, 3);
        at(&meter, t, 1, 4);
    }
    cr_expect_eq(meter.rows.n, 0, "120 s are not too long");
    at(&meter, 120.5, 1, 2);
    cr_assert_eq(meter.rows.n, 2);
    cr_expect_eq(meter.rows.at[0].id.dst.bytes[3], 2);
    cr_expect_eq(meter.rows.at[0].pkts[FLOW_TO_SERVER], 6, "the last packet belongs to it");
    cr_expect_eq(meter.rows.at[1].id.dst.bytes[3], 3);
    finish(&meter);
}

Test(dohmeter, collects_after_every_10000th_packet)
{
    struct meter meter = start();

    at(&meter, 0, 1, 3);
    for (int i = 1; i < 9999; i++)
        at(&meter, 50, 1, 2);
    cr_expect_eq(meter.rows.n, 0);
    at(&meter, 50, 1, 2);
    cr_assert_eq(meter.rows.n, 1);
    cr_expect_eq(meter.rows.at[0].id.dst.bytes[3], 3);
    finish(&meter);
}

Test(dohmeter, any_times)
{
    static const int64_t times[] = {INT64_MIN, INT64_MAX, -1, INT64_MIN, 0, INT64_MAX};
    struct meter meter = start();

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        at_ns(&meter, times[i], 1, 2);
    cr_assert_eq(dohmeter_rule.flush(meter.state), 0);
    cr_expect_gt(meter.rows.n, 0);
    finish(&meter);
}
