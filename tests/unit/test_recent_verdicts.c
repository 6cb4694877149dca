/* The last verdicts, found by their flow. */
#include "daemon/recent_verdicts.h"

#include <criterion/criterion.h>

#include "verdict_sample.h"

enum { COLUMNS = 3 };

static struct judge_model model;
static struct recent_verdicts *recent;

static void setup(void)
{
    model = verdict_sample_model();
    recent = recent_verdicts_new(COLUMNS);
    cr_assert_not_null(recent);
}

static void teardown(void)
{
    recent_verdicts_free(recent);
}

TestSuite(recent_verdicts, .init = setup, .fini = teardown);

static void add(uint64_t flow_id, float logit, double first)
{
    const double x[COLUMNS] = {first, first + 1, first + 2};
    struct verdict verdict = verdict_sample(&model, "192.0.2.1", 80, logit);

    verdict.flow.flow_id = flow_id;
    verdict.x = x;
    recent_verdicts_add(recent, &verdict);
}

Test(recent_verdicts, a_verdict_is_found_with_its_vector)
{
    const struct recent_verdict *found;

    cr_expect_null(recent_verdicts_find(recent, 0), "nothing is there yet");
    add(1, 2.0F, 10);
    add(2, -2.0F, 20);
    found = recent_verdicts_find(recent, 1);
    cr_assert_not_null(found);
    cr_expect_eq(found->score.logit, 2.0F);
    cr_expect_eq(found->x[2], 12);
    cr_expect_str_eq(found->model, model.source.model);
    found = recent_verdicts_find(recent, 2);
    cr_assert_not_null(found);
    cr_expect_eq(found->x[0], 20);
    cr_expect_null(recent_verdicts_find(recent, 3));
}

Test(recent_verdicts, of_a_flow_the_latest_row_counts_and_an_alert_before_all)
{
    add(1, -1.0F, 10);
    add(1, -2.0F, 20);
    cr_expect_eq(recent_verdicts_find(recent, 1)->x[0], 20);
    add(1, 1.0F, 30);
    add(1, -3.0F, 40);
    cr_expect_eq(recent_verdicts_find(recent, 1)->x[0], 30);
}

Test(recent_verdicts, the_oldest_give_way_but_alerts_to_alerts_alone)
{
    add(1, 1.0F, 10);
    for (uint64_t i = 0; i < RECENT_OTHERS + 1; i++)
        add(100 + i, -1.0F, 0);
    cr_expect_not_null(recent_verdicts_find(recent, 1));
    cr_expect_null(recent_verdicts_find(recent, 100));
    cr_expect_not_null(recent_verdicts_find(recent, 101));
    for (uint64_t i = 0; i < RECENT_REACHED; i++)
        add(1000000 + i, 1.0F, 0);
    cr_expect_null(recent_verdicts_find(recent, 1));
    cr_expect_not_null(recent_verdicts_find(recent, 1000000));
}
