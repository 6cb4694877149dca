/* Folding in simulated time: every alert is raised, or part of exactly one report. */
#include <criterion/criterion.h>

#include "daemon/fold.h"
#include "verdict_sample.h"

enum { REPORTS_MAX = 64 };

static const int64_t second = 1000000000;

struct reports {
    struct verdict highest[REPORTS_MAX];
    uint32_t reason[REPORTS_MAX]; /* the column of the only one */
    uint64_t count[REPORTS_MAX];
    size_t n;
    uint64_t total;
};

static void report(void *ctx, const struct verdict *verdict, const struct reasons *reasons,
                   uint64_t count)
{
    struct reports *reports = ctx;

    reports->highest[reports->n % REPORTS_MAX] = *verdict;
    reports->reason[reports->n % REPORTS_MAX] = reasons->item[0].column;
    reports->count[reports->n % REPORTS_MAX] = count;
    reports->n++;
    reports->total += count;
}

/* The logit for a reason, which tells whose it is. */
static void explain(void *ctx, const struct verdict *verdict, struct reasons *out)
{
    (void)ctx;
    out->n = 1;
    out->item[0].column = (uint32_t)verdict->score.logit;
}

static struct fold *start(size_t max, int64_t window_ns, struct reports *reports)
{
    return fold_new(max, window_ns, &(struct fold_owner){report, explain, reports});
}

static bool alert(struct fold *fold, const char *src, uint16_t dport, float logit, int64_t at_s)
{
    struct verdict verdict = verdict_sample(NULL, src, dport, logit);

    return fold_alert(fold, &verdict, at_s * second);
}

Test(fold, the_first_is_raised_and_the_highest_of_the_others_is_reported_with_their_number)
{
    struct reports reports = {0};
    struct fold *fold = start(8, 60 * second, &reports);

    cr_expect(alert(fold, "192.0.2.1", 80, 9.0F, 0));
    cr_expect_not(alert(fold, "192.0.2.1", 80, 1.0F, 1));
    cr_expect_not(alert(fold, "192.0.2.1", 80, 5.0F, 30));
    cr_expect_not(alert(fold, "192.0.2.1", 80, 3.0F, 59));
    fold_expire(fold, 60 * second - 1);
    cr_expect_eq(reports.n, 0);
    fold_expire(fold, 60 * second);
    cr_assert_eq(reports.n, 1);
    cr_expect_eq(reports.count[0], 3);
    cr_expect_eq(reports.highest[0].score.logit, 5.0F);
    cr_expect_eq(reports.reason[0], 5);
    fold_free(fold);
}

Test(fold, what_goes_on_is_reported_window_by_window_and_then_forgotten)
{
    struct reports reports = {0};
    struct fold *fold = start(8, 60 * second, &reports);

    cr_expect(alert(fold, "192.0.2.1", 80, 1.0F, 0));
    cr_expect_not(alert(fold, "192.0.2.1", 80, 1.0F, 10));
    cr_expect_not(alert(fold, "192.0.2.1", 80, 1.0F, 70)); /* after the first report */
    cr_expect_eq(reports.n, 1);
    fold_expire(fold, 120 * second);
    cr_expect_eq(reports.n, 2);
    cr_expect_eq(reports.count[1], 1);
    fold_expire(fold, 180 * second); /* nothing was counted: forgotten */
    cr_expect_eq(reports.n, 2);
    cr_expect(alert(fold, "192.0.2.1", 80, 1.0F, 181));
    fold_free(fold);
}

Test(fold, alerts_that_differ_in_source_destination_port_or_protocol_are_not_alike)
{
    struct reports reports = {0};
    struct fold *fold = start(8, 60 * second, &reports);
    struct verdict other = verdict_sample(NULL, "192.0.2.1", 80, 1.0F);

    cr_expect(alert(fold, "192.0.2.1", 80, 1.0F, 0));
    cr_expect(alert(fold, "192.0.2.2", 80, 1.0F, 0));
    cr_expect(alert(fold, "192.0.2.1", 81, 1.0F, 0));
    cr_expect(alert(fold, "2001:db8::1", 80, 1.0F, 0));
    other.flow.id.dst.bytes[0] ^= 1;
    cr_expect(fold_alert(fold, &other, 0));
    other = verdict_sample(NULL, "192.0.2.1", 80, 1.0F);
    other.flow.id.proto = IP_PROTO_UDP;
    cr_expect(fold_alert(fold, &other, 0));
    other = verdict_sample(NULL, "192.0.2.1", 80, 1.0F);
    other.flow.id.sport++;
    cr_expect_not(fold_alert(fold, &other, 0), "the source port does not matter");
    fold_free(fold);
}

Test(fold, where_too_many_are_open_the_oldest_ends_early)
{
    struct reports reports = {0};
    struct fold *fold = start(2, 60 * second, &reports);

    alert(fold, "192.0.2.1", 1, 1.0F, 0);
    alert(fold, "192.0.2.1", 1, 1.0F, 1);
    alert(fold, "192.0.2.1", 2, 1.0F, 2);
    cr_expect(alert(fold, "192.0.2.1", 3, 1.0F, 3));
    cr_expect_eq(reports.n, 1);
    cr_expect_eq(reports.highest[0].flow.id.dport, 1);
    cr_expect(alert(fold, "192.0.2.1", 1, 1.0F, 4), "its window is over");
    fold_free(fold);
}

Test(fold, a_window_of_no_time_folds_nothing_and_a_change_loses_nothing)
{
    struct reports reports = {0};
    struct fold *fold = start(2, 0, &reports);

    cr_expect(alert(fold, "192.0.2.1", 1, 1.0F, 0));
    cr_expect(alert(fold, "192.0.2.1", 1, 1.0F, 0));
    fold_set_window(fold, 10 * second);
    cr_expect(alert(fold, "192.0.2.1", 1, 1.0F, 1));
    cr_expect_not(alert(fold, "192.0.2.1", 1, 1.0F, 1));
    fold_set_window(fold, 10 * second);
    cr_expect_eq(reports.n, 0);
    fold_set_window(fold, 20 * second);
    cr_expect_eq(reports.n, 1);
    fold_free(fold);
}

/* A crowd of sources, with bursts and silences, in a table that is too small for it. */
Test(fold, the_numbers_add_up)
{
    struct reports reports = {0};
    struct fold *fold = start(16, 5 * second, &reports);
    uint64_t raised = 0, state = 7;
    const uint64_t alerts = 20000;
    int64_t now_s = 0;

    for (uint64_t i = 0; i < alerts; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        now_s += state >> 60 == 0 ? (int64_t)(state >> 40 & 7) : 0;
        raised += alert(fold, "192.0.2.1", (uint16_t)(state >> 33 & 31), 1.0F, now_s);
    }
    fold_flush(fold);
    cr_expect_eq(raised + reports.total, alerts);
    cr_expect_gt(reports.n, 100);
    fold_flush(fold);
    cr_expect_eq(raised + reports.total, alerts, "a second flush has nothing to report");
    fold_free(fold);
}
