/* How batches are cut, and what the slices' gradients become. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>

#include "core/adam.h"
#include "core/rng.h"

Test(slices, cover_every_batch_within_their_room)
{
    for (size_t batch = 1; batch < 1200; batch += 7) {
        for (size_t rows = 1; rows <= batch; rows++) {
            struct slices s = slices_of(NULL, rows);
            double share = 0;
            cr_assert(s.n >= 1 && s.n <= slices_of(NULL, batch).n && slices_first(&s, 0) == 0 &&
                      slices_first(&s, s.n) == rows);
            for (size_t i = 0; i < s.n; i++) {
                cr_assert(slices_rows(&s, i) > 0 && slices_rows(&s, i) <= slices_rows_max(batch),
                          "%zu of %zu rows: slice %zu has %zu", rows, batch, i, slices_rows(&s, i));
                share += slices_share(&s, i);
            }
            cr_assert_float_eq(share, 1.0, 1e-12);
        }
    }
}

/* More parameters than one thread takes at a time. */
enum { PARAMS = 200000, ROWS = 333 };

/* The step that slices with these gradients lead to. */
static void step(struct crew *crew, size_t n, const struct adam_rule *rule, float *params)
{
    struct adam adam;
    struct rng rng;
    struct slices slices = {crew, ROWS, n};
    rng_init(&rng, 3, 0);
    cr_assert_eq(adam_init(&adam, PARAMS, 3), 0);
    rng_uniform(&rng, params, PARAMS, -1.0F, 1.0F);
    rng_uniform(&rng, adam.grad, 3 * (size_t)PARAMS, -1.0F, 1.0F);
    for (size_t j = 0; n == 1 && j < PARAMS; j++) { /* the mean by hand */
        adam.grad[j] = (adam.grad[j] + adam.grad[PARAMS + j] + adam.grad[2 * PARAMS + j]) / 3.0F;
    }
    adam_step(&adam, params, rule, &slices);
    adam_clear(&adam);
}

Test(slices, gradients_become_their_mean)
{
    static float by_hand[PARAMS], sliced[PARAMS], shared_out[PARAMS];
    const struct adam_rule rules[] = {{.learning_rate = 1e-3F},
                                      {.learning_rate = 1e-3F, .gradient_norm = 1e-2F},
                                      {.learning_rate = 1e-3F, .weight = 0.5F}};
    struct crew *crew = crew_new(3);
    cr_assert_not_null(crew);
    for (size_t r = 0; r < 3; r++) {
        step(NULL, 1, &rules[r], by_hand);
        step(NULL, 3, &rules[r], sliced);
        step(crew, 3, &rules[r], shared_out);
        cr_assert_eq(memcmp(sliced, shared_out, sizeof sliced), 0, "rule %zu", r);
        for (size_t j = 0; j < PARAMS; j++) {
            cr_assert_lt(fabsf(sliced[j] - by_hand[j]), 1e-4F, "rule %zu, parameter %zu", r, j);
        }
    }
    crew_free(crew);
}

enum { JOBS = 100 };

static void count(void *ctx, size_t i)
{
    atomic_uint *done = ctx;
    atomic_fetch_add(&done[i], 1);
}

Test(crew, does_each_job_once)
{
    for (unsigned threads = 1; threads <= 5; threads++) {
        struct crew *crew = crew_new(threads);
        atomic_uint done[JOBS] = {0};
        cr_assert_not_null(crew);
        for (unsigned round = 1; round <= 200; round++) {
            size_t n = round % (JOBS + 1);
            crew_run(crew, n, count, done);
        }
        for (size_t i = 0; i < JOBS; i++) {
            unsigned expected = 0;
            for (unsigned round = 1; round <= 200; round++) {
                expected += round % (JOBS + 1) > i ? 1 : 0;
            }
            cr_assert_eq(atomic_load(&done[i]), expected, "%u threads, job %zu", threads, i);
        }
        crew_free(crew);
    }
    crew_free(NULL);
}
