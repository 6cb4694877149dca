/* The scoring thread: what was submitted is judged, whatever the queues' sizes, also at a stop. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/rng.h"
#include "daemon/clock.h"
#include "daemon/judge.h"
#include "daemon/set_schema.h"

enum { ROWS = 200, SMALL_QUEUE = 4 };

static char path[] = "/tmp/da3dd-unit-XXXXXX";
static const struct feature_set *set;
static double x[FEATURE_COLUMNS_MAX];

static struct da3d_config tiny_config(void)
{
    struct da3d_config config = da3d_config_paper;

    config.encoder = (struct da3d_layers){2, {4, 2}};
    config.alarm = (struct da3d_layers){1, {4}};
    config.epochs_aae = 1;
    config.epochs_alarm = 1;
    return config;
}

/* A model of the set at path, that has learned nothing of use. */
static void setup(void)
{
    const struct da3d_config config = tiny_config();
    struct da3d_error error = {""};
    uint8_t digest[STORE_DIGEST];
    struct da3d_model *model;
    struct schema schema;
    float *noise;
    double *rows;
    struct rng rng;

    set = feature_set_find("doh");
    cr_assert_eq(set_schema_init(&schema, set), 0);
    noise = malloc(ROWS * set->n_columns * sizeof *noise);
    rows = malloc(ROWS * set->n_columns * sizeof *rows);
    rng_init(&rng, 1, 0);
    rng_normal(&rng, noise, ROWS * set->n_columns, 0.0F, 1.0F);
    for (size_t i = 0; i < ROWS * set->n_columns; i++)
        rows[i] = (double)noise[i];
    cr_assert_eq(
        da3d_train(&config, &(struct da3d_rows){&schema, rows, ROWS}, NULL, &model, &error), 0,
        "%s", error.text);
    close(mkstemp(path));
    cr_assert_eq(store_save(path, model, digest, &error), 0, "%s", error.text);
    da3d_model_free(model);
    schema_clear(&schema);
    free(noise);
    free(rows);
}

static void teardown(void)
{
    unlink(path);
}

TestSuite(judge, .init = setup, .fini = teardown);

static struct judge_model *load(void)
{
    struct da3d_error error = {""};
    struct judge_model *model = judge_model_load(path, set, &error);

    cr_assert_not_null(model, "%s", error.text);
    return model;
}

static void ignore(void *ctx)
{
    (void)ctx;
}

/* queue: of flows and of verdicts. */
static struct judge *start(size_t queue)
{
    const struct judge_config config = {
        .set = set, .queue = queue, .batch = 8, .wait_ms = 1, .ready = ignore};
    struct judge *judge = judge_new(&config, load());

    cr_assert_not_null(judge);
    cr_assert_eq(judge_start(judge), 0);
    return judge;
}

/* What has been taken. */
struct taken {
    size_t flows, alerts, retired;
    struct verdict last; /* that was no retirement */
};

static size_t take(struct judge *judge, struct taken *taken)
{
    struct verdict verdict[SMALL_QUEUE];
    size_t n = judge_take(judge, verdict, SMALL_QUEUE);

    for (size_t i = 0; i < n; i++) {
        if (verdict[i].retired) {
            taken->retired++;
            judge_model_free(verdict[i].model);
            continue;
        }
        taken->flows++;
        taken->alerts += verdict[i].score.alert;
        taken->last = verdict[i];
    }
    return n;
}

static void finish(struct judge *judge, struct taken *taken)
{
    judge_close(judge);
    while (!judge_ended(judge))
        take(judge, taken);
    while (take(judge, taken) > 0)
        ;
}

static void submit_one(struct judge *judge, struct taken *taken)
{
    const struct flow flow = {.flow_id = 7};

    while (!judge_submit(judge, 3, &flow, x))
        if (taken)
            take(judge, taken);
}

Test(judge, every_flow_that_was_submitted_is_judged)
{
    struct judge *judge = start(1 << 10);
    struct taken taken = {0};
    struct judge_stats stats;

    for (size_t i = 0; i < 1000; i++)
        submit_one(judge, NULL);
    finish(judge, &taken);
    cr_expect_eq(taken.flows, 1000);
    cr_expect_eq(taken.last.flow.flow_id, 7);
    cr_expect_eq(taken.last.sensor, 3);
    cr_expect_geq(taken.last.waited_ns, 0);
    judge_stats(judge, &stats);
    cr_expect_eq(stats.flows.put, 1000);
    cr_expect_eq(stats.flows.refused, 0);
    judge_free(judge);
}

/* Nobody takes until the queue of verdicts is full, and then that of flows. */
Test(judge, verdicts_wait_for_room_and_none_is_lost_at_a_stop)
{
    const struct flow flow = {.flow_id = 7};
    struct judge *judge = start(SMALL_QUEUE);
    struct judge_stats stats;
    struct taken taken = {0};
    size_t refused = 0;

    for (size_t submitted = 0; refused < 100; usleep(1000))
        if (judge_submit(judge, 0, &flow, x))
            cr_assert_lt(submitted++, 10 * SMALL_QUEUE, "the queues are bounded");
        else
            refused++;
    judge_stats(judge, &stats);
    finish(judge, &taken);
    cr_expect_eq(taken.flows, stats.flows.put);
    cr_expect_gt(taken.flows, 2 * SMALL_QUEUE - 1);
    judge_free(judge);
}

Test(judge, who_submits_waits_for_room_when_it_is_told_to)
{
    const struct flow flow = {.flow_id = 7};
    struct judge *judge = start(SMALL_QUEUE);
    struct judge_stats stats;
    struct taken taken = {0};
    int64_t until_ns = steady_ns() + 100 * 1000000;

    judge_stop_by(judge, until_ns);
    while (judge_submit(judge, 0, &flow, x))
        ;
    cr_expect_geq(steady_ns(), until_ns);
    judge_stats(judge, &stats);
    cr_expect_eq(stats.flows.refused, 1);
    finish(judge, &taken);
    judge_free(judge);
}

/* Nobody has taken a verdict by the time that is set. */
Test(judge, what_is_late_is_left_out_and_counted)
{
    const struct flow flow = {.flow_id = 7};
    struct judge *judge = start(SMALL_QUEUE);
    struct judge_stats stats;
    struct taken taken = {0};

    judge_change_model(judge, load());
    for (size_t i = 0; i < 100; i++, usleep(1000))
        judge_submit(judge, 0, &flow, x);
    cr_expect_not(judge_is_late(judge));
    judge_stop_by(judge, steady_ns() - 1);
    cr_expect(judge_is_late(judge));
    finish(judge, &taken);
    judge_stats(judge, &stats);
    cr_expect_eq(taken.flows, 0);
    cr_expect_eq(taken.retired, 1, "a model is given back all the same");
    cr_expect_geq(stats.abandoned, 2 * SMALL_QUEUE);
    cr_expect_eq(stats.abandoned, stats.flows.put);
    cr_expect_eq(stats.flows.waiting, 0);
    judge_free(judge);
}

Test(judge, a_model_is_retired_at_a_stop_with_full_queues)
{
    const struct flow flow = {.flow_id = 7};
    struct judge *judge = start(SMALL_QUEUE);
    struct taken taken = {0};
    size_t submitted = 0;

    for (size_t i = 0; i < 100; i++, usleep(1000))
        submitted += judge_submit(judge, 0, &flow, x);
    judge_change_model(judge, load());
    finish(judge, &taken);
    cr_expect_eq(taken.flows, submitted);
    cr_expect_eq(taken.retired, 1);
    judge_free(judge);
}

Test(judge, a_threshold_of_its_own_holds_for_every_model_until_it_is_taken_back)
{
    const struct threshold low = threshold_at_logit(-1e6), high = threshold_at_logit(1e6);
    struct judge *judge = start(SMALL_QUEUE);
    struct taken taken = {0};
    struct judge_stats stats;

    judge_set_threshold(judge, &low);
    submit_one(judge, NULL);
    while (taken.flows < 1)
        take(judge, &taken);
    cr_expect_eq(taken.alerts, 1);
    cr_expect_eq(taken.last.threshold.logit, low.logit);
    judge_set_threshold(judge, &high);
    judge_change_model(judge, load());
    submit_one(judge, NULL);
    while (taken.flows < 2 || taken.retired < 1)
        take(judge, &taken);
    cr_expect_eq(taken.alerts, 1);
    judge_stats(judge, &stats);
    cr_expect(stats.overridden);
    cr_expect_eq(stats.threshold.logit, high.logit);
    judge_set_threshold(judge, NULL);
    judge_stats(judge, &stats);
    cr_expect_not(stats.overridden);
    cr_expect_eq(stats.threshold.logit, stats.source.threshold.logit);
    judge_set_target(judge, 0.25);
    judge_stats(judge, &stats);
    cr_expect_lt(stats.threshold.logit, stats.source.threshold.logit);
    cr_expect(stats.promised <= 0.25 && stats.promised > 0.2 && !stats.overridden);
    finish(judge, &taken);
    judge_free(judge);
}

/* Each vector's first value tells its flow. The queue is small and often full. */
Test(judge, each_verdict_has_the_vector_that_was_submitted)
{
    struct judge *judge = start(SMALL_QUEUE);
    struct verdict verdict[SMALL_QUEUE];
    uint64_t submitted = 0, taken = 0;

    while (taken < 500) {
        struct flow flow = {.flow_id = submitted};
        size_t n;

        x[0] = (double)submitted;
        if (submitted < 500 && judge_submit(judge, 0, &flow, x))
            submitted++;
        n = judge_take(judge, verdict, taken % SMALL_QUEUE + 1);
        for (size_t i = 0; i < n; i++) {
            cr_assert_eq(verdict[i].flow.flow_id, taken + i);
            cr_assert_eq(verdict[i].x[0], (double)(taken + i));
        }
        taken += n;
    }
    judge_close(judge);
    judge_free(judge);
}
