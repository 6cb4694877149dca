/* Which rows are held out, and which are learned from. */
#include "core/split.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROWS = 1000 };
enum use { UNUSED, HELD_OUT, LEARNED };

/* use: ROWS, by row number. */
static void split(enum da3d_holdout by, enum use *use)
{
    struct da3d_config config = da3d_config_default;
    struct da3d_error error;
    struct training t = {.n_rows = ROWS, .error = &error};
    config.holdout_by = by;
    rng_init(&t.streams[0].rng[STREAM_HOLDOUT], 1, 0);
    cr_assert_eq(split_rows(&t, &config), 0);
    for (size_t i = 0; i < ROWS; i++) {
        use[i] = UNUSED;
    }
    for (size_t i = 0; i < t.n_holdout + t.n_train; i++) {
        cr_assert_eq(use[t.order[i]], UNUSED, "row %zu twice", t.order[i]);
        use[t.order[i]] = i < t.n_holdout ? HELD_OUT : LEARNED;
    }
    free(t.order);
}

/* Five stretches of 200 rows: the last 40 of each are held out, 4 beside them unused. */
Test(split, by_time)
{
    enum use use[ROWS];
    split(DA3D_HOLDOUT_TIME, use);
    for (size_t i = 0; i < ROWS; i++) {
        const size_t place = i % 200;
        const enum use want = place >= 160            ? HELD_OUT
                              : place >= 156          ? UNUSED
                              : place < 4 && i >= 200 ? UNUSED
                                                      : LEARNED;
        cr_expect_eq(use[i], want, "row %zu", i);
    }
}

Test(split, by_chance)
{
    enum use use[ROWS];
    size_t held_out = 0, runs = 0;
    split(DA3D_HOLDOUT_RANDOM, use);
    for (size_t i = 0; i < ROWS; i++) {
        cr_expect_neq(use[i], UNUSED);
        held_out += use[i] == HELD_OUT;
        runs += i > 0 && use[i] != use[i - 1];
    }
    cr_expect_eq(held_out, 200U);
    cr_expect(runs > 250 && runs < 390, "%zu changes", runs);
}

Test(split, too_few_rows)
{
    struct da3d_config config = da3d_config_default;
    struct da3d_error error;
    struct training t = {.n_rows = 60, .error = &error};
    rng_init(&t.streams[0].rng[STREAM_HOLDOUT], 1, 0);
    cr_assert_eq(split_rows(&t, &config), -1);
    cr_assert_str_eq(error.text, "too few rows: 48 to learn from after the holdout, not 50");
    free(t.order);
}
