/* Shares of flows that reach the threshold, and the threshold that keeps a number a day. */
#include "daemon/alert_rate.h"

#include <criterion/criterion.h>
#include <math.h>

#include "daemon/budget.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

static void add(struct alert_rate *rate, uint64_t flows, uint64_t reached, int64_t at_s)
{
    for (uint64_t i = 0; i < flows; i++)
        alert_rate_add(rate, i < reached, at_s);
}

Test(alert_rate, counts_since_the_start_and_over_the_last_day)
{
    struct alert_rate rate = {0};
    struct alert_count recent = alert_rate_recent(&rate, 5 * DAY);

    cr_expect(recent.flows == 0 && recent.reached == 0);
    add(&rate, 100, 10, 5 * DAY + 10);
    add(&rate, 50, 1, 5 * DAY + 2 * HOUR);
    recent = alert_rate_recent(&rate, 5 * DAY + 3 * HOUR);
    cr_expect(recent.flows == 150 && recent.reached == 11);
    recent = alert_rate_recent(&rate, 6 * DAY + HOUR);
    cr_expect(recent.flows == 50 && recent.reached == 1, "the first hour is over a day ago");
    recent = alert_rate_recent(&rate, 9 * DAY);
    cr_expect_eq(recent.flows, 0, "nothing has come for days");
    add(&rate, 7, 7, 9 * DAY);
    recent = alert_rate_recent(&rate, 9 * DAY + 1);
    cr_expect(recent.flows == 7 && recent.reached == 7, "old hours are not counted again");
    cr_expect(rate.all.flows == 157 && rate.all.reached == 18);
}

Test(alert_rate, flows_a_day)
{
    struct alert_rate rate = {0};

    cr_expect_eq(alert_rate_per_day(&rate, DAY), 0);
    add(&rate, 100, 0, 5 * DAY + HOUR / 2);
    cr_expect_eq(alert_rate_per_day(&rate, 5 * DAY + HOUR), 0, "half an hour is too short");
    cr_expect_eq(alert_rate_per_day(&rate, 5 * DAY + HOUR / 2 + 2 * HOUR), 1200);
    for (int64_t hour = 1; hour < 100; hour++)
        add(&rate, 50, 0, 5 * DAY + hour * HOUR);
    cr_expect_lt(fabs(alert_rate_per_day(&rate, 5 * DAY + 100 * HOUR - 1) - 1200), 1);
}

/* Values of Wilson's interval: 10 of 100 (Newcombe 1998 has .0552 to .1744). */
Test(alert_rate, interval)
{
    struct alert_interval i = alert_interval((struct alert_count){100, 10});

    cr_expect(fabs(i.low - 0.05523) < 1e-4 && fabs(i.high - 0.17437) < 1e-4);
    i = alert_interval((struct alert_count){0, 0});
    cr_expect(i.low == 0 && i.high == 1);
    i = alert_interval((struct alert_count){20, 0});
    cr_expect(i.low == 0 && fabs(i.high - 0.1611) < 1e-4);
    i = alert_interval((struct alert_count){20, 20});
    cr_expect(fabs(i.low - 0.8389) < 1e-4 && i.high == 1);
}

Test(budget, the_share_that_is_so_many_a_day)
{
    cr_expect_eq(budget_target(10, 1000), 0.01);
    cr_expect_eq(budget_target(10, 0), 0, "the model says then");
    cr_expect_eq(budget_target(10, 12), 0.5);
    cr_expect_eq(budget_target(1, 1e12), 1e-9);
}
