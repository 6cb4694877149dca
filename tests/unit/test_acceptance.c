/* A new model beside the live one: what is accepted, what is refused and why. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/acceptance.h"
#include "model_sample.h"

enum { GOLDEN = 400, KNOWN = 50 };

static double *learned, *golden, *known;
static struct da3d_model *good, *other;

static void setup(void)
{
    learned = sample_rows(SAMPLE_ROWS, 1);
    golden = sample_rows(GOLDEN, 2);
    known = sample_rows(KNOWN, 3);
    for (size_t i = 0; i < KNOWN; i++)
        known[2 * i + 1] = -known[2 * i] + (known[2 * i] < 0 ? 4 : -4);
    good = sample_model(learned, 60, 1);
    other = sample_model(learned, 60, 2);
}

static void teardown(void)
{
    da3d_model_free(good);
    da3d_model_free(other);
    free(learned);
    free(golden);
    free(known);
}

TestSuite(acceptance, .init = setup, .fini = teardown);

static struct acceptance judge(const struct da3d_model *live, const struct da3d_model *candidate)
{
    const struct acceptance_config config = {
        .live = live,
        .candidate = candidate,
        .golden = {golden, GOLDEN},
        .known = {known, KNOWN},
        .budget = 2,
        .tolerance = 0.05,
        .synthetic_tolerance = 0.3, /* small models scatter */
        .seed = 1,
    };
    struct acceptance acceptance;

    cr_assert_eq(acceptance_judge(&config, &acceptance), 0);
    return acceptance;
}

/* Learned with the known anomalies among the rows, many times over. */
static struct da3d_model *poisoned(void)
{
    double *rows = sample_rows(SAMPLE_ROWS, 1);
    struct da3d_model *model;

    for (size_t i = 0; i < SAMPLE_ROWS; i += 2)
        memcpy(rows + 2 * i, known + 2 * (i / 2 % KNOWN), 2 * sizeof *rows);
    model = sample_model(rows, 60, 1);
    free(rows);
    return model;
}

/* Learned rows of a narrow range: it alerts on most of the golden ones. */
static struct da3d_model *narrow(void)
{
    double *rows = sample_rows(SAMPLE_ROWS, 1);
    struct da3d_model *model;

    for (size_t i = 0; i < 2 * SAMPLE_ROWS; i++)
        rows[i] *= 0.1;
    model = sample_model(rows, 60, 1);
    free(rows);
    return model;
}

Test(acceptance, a_model_like_the_live_one_is_accepted)
{
    const struct acceptance a = judge(good, other);

    cr_expect(a.accepted, "%s", a.reason);
    cr_expect_eq(a.golden.n, GOLDEN);
    cr_expect_eq(a.kind[ACCEPTANCE_KNOWN].n, KNOWN);
    cr_expect_gt(a.kind[ACCEPTANCE_KNOWN].live, KNOWN / 2);
    cr_expect_eq(a.kind[ACCEPTANCE_MARKED].n, 0);
    cr_expect_eq(a.kind[ACCEPTANCE_PERMUTED].n, GOLDEN);
    cr_expect_gt(a.kind[ACCEPTANCE_SCALED].candidate, 0);
}

Test(acceptance, a_model_that_has_learned_attacks_is_refused)
{
    struct da3d_model *candidate = poisoned();
    const struct acceptance a = judge(good, candidate);

    cr_expect_not(a.accepted);
    cr_expect(strstr(a.reason, "known anomalies"), "%s", a.reason);
    cr_expect_lt(a.kind[ACCEPTANCE_KNOWN].candidate, a.kind[ACCEPTANCE_KNOWN].live);
    da3d_model_free(candidate);
}

Test(acceptance, a_model_that_alerts_beyond_its_promise_is_refused)
{
    struct da3d_model *candidate = narrow();
    const struct acceptance a = judge(good, candidate);

    cr_expect_not(a.accepted);
    cr_expect(strstr(a.reason, "golden flows"), "%s", a.reason);
    da3d_model_free(candidate);
}

Test(acceptance, a_live_model_that_alerts_on_everything_can_be_replaced)
{
    struct da3d_model *live = narrow();
    const struct acceptance a = judge(live, good);

    cr_expect(a.accepted, "%s", a.reason);
    cr_expect_gt(a.golden.live, GOLDEN / 4);
    da3d_model_free(live);
}

Test(acceptance, figures_are_for_the_report)
{
    const struct acceptance a = judge(good, other);
    struct json_object *object = acceptance_object(&a), *value;

    cr_expect(json_object_object_get_ex(object, "golden", &value));
    cr_expect(json_object_object_get_ex(object, "known", &value));
    cr_expect_not(json_object_object_get_ex(object, "marked", &value));
    json_object_put(object);
}
