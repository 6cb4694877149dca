/* Windows against a count of all rows, one by one. */
#include "features/window.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROWS = 3000, SHORT = 150, LENGTH = 2000, LENGTHS = 2 };

static struct window *make_window(uint32_t max_rows)
{
    const struct window_config config = {.lengths_ns = {SHORT, LENGTH},
                                         .n_lengths = LENGTHS,
                                         .n_keys = WINDOW_KEYS,
                                         .max_rows = max_rows};
    struct window *window = window_new(&config);

    cr_assert_not_null(window);
    return window;
}

/* Few distinct keys, so that rows have much in common; steps of up to a quarter window. */
static void make_rows(struct window_row *rows, unsigned seed)
{
    int64_t now = -5000;

    srandom(seed);
    for (size_t i = 0; i < ROWS; i++) {
        now += random() % 4 ? random() % 20 : random() % (LENGTH / 4);
        rows[i] = (struct window_row){.end_ns = now,
                                      .outcome = (enum window_outcome)(random() % 3),
                                      .bytes = {(uint64_t)random(), UINT64_MAX / 3}};
        for (size_t k = 0; k < WINDOW_KEYS; k++)
            rows[i].keys[k] = (uint64_t)(random() % 7) << 20 | k;
    }
}

/* What the definition says of row i: rows up to it, at most max_rows, that ended within length. */
static struct window_count count_all(const struct window_row *rows, size_t i, size_t k,
                                     size_t max_rows, int64_t length)
{
    struct window_count count = {0};

    for (size_t j = i < max_rows ? 0 : i - max_rows + 1; j <= i; j++) {
        if (rows[i].end_ns - rows[j].end_ns > length || rows[j].keys[k] != rows[i].keys[k])
            continue;
        count.rows++;
        count.failed += rows[j].outcome == WINDOW_FAILED;
        count.refused += rows[j].outcome == WINDOW_REFUSED;
        count.bytes[0] += rows[j].bytes[0];
        count.bytes[1] += rows[j].bytes[1];
    }
    return count;
}

static void compare_row(const struct window_row *rows, size_t i, size_t max_rows,
                        struct window_count counts[LENGTHS][WINDOW_KEYS])
{
    static const int64_t lengths[LENGTHS] = {SHORT, LENGTH};

    for (size_t l = 0; l < LENGTHS; l++)
        for (size_t k = 0; k < WINDOW_KEYS; k++) {
            struct window_count expected = count_all(rows, i, k, max_rows, lengths[l]);

            cr_assert_eq(counts[l][k].rows, expected.rows, "row %zu key %zu", i, k);
            cr_assert_eq(counts[l][k].failed, expected.failed, "row %zu key %zu", i, k);
            cr_assert_eq(counts[l][k].refused, expected.refused, "row %zu key %zu", i, k);
            cr_assert_eq(counts[l][k].bytes[0], expected.bytes[0], "row %zu key %zu", i, k);
            cr_assert_eq(counts[l][k].bytes[1], expected.bytes[1], "row %zu key %zu", i, k);
        }
}

static void compare_with_count(uint32_t max_rows, unsigned seed)
{
    static struct window_row rows[ROWS];
    struct window *window = make_window(max_rows);

    make_rows(rows, seed);
    for (size_t i = 0; i < ROWS; i++) {
        struct window_count counts[LENGTHS][WINDOW_KEYS];

        window_add(window, &rows[i], &counts[0][0]);
        compare_row(rows, i, max_rows, counts);
    }
    window_free(window);
}

Test(window, equals_a_count_of_all_rows)
{
    for (unsigned seed = 1; seed <= 5; seed++)
        compare_with_count(65536, seed);
}

Test(window, keeps_the_newest_rows_where_there_are_too_many)
{
    compare_with_count(1, 6);
    compare_with_count(7, 7);
    compare_with_count(100, 8);
}

Test(window, length_is_inclusive)
{
    struct window *window = make_window(16);
    struct window_row row = {.end_ns = 0};
    struct window_count counts[LENGTHS][WINDOW_KEYS];

    for (size_t k = 0; k < WINDOW_KEYS; k++)
        row.keys[k] = k;
    window_add(window, &row, &counts[0][0]);
    row.end_ns = LENGTH;
    window_add(window, &row, &counts[0][0]);
    cr_expect_eq(counts[1][WINDOW_DST].rows, 2);
    row.end_ns = LENGTH + 1;
    window_add(window, &row, &counts[0][0]);
    cr_expect_eq(counts[1][WINDOW_DST].rows, 2, "the first is too old by one");
    window_free(window);
}

Test(window, a_new_timeline_starts_empty)
{
    struct window *window = make_window(16);
    struct window_row row = {.end_ns = 1000000};
    struct window_count counts[LENGTHS][WINDOW_KEYS];

    for (size_t k = 0; k < WINDOW_KEYS; k++)
        row.keys[k] = k;
    window_add(window, &row, &counts[0][0]);
    row.end_ns = INT64_MIN;
    window_add(window, &row, &counts[0][0]);
    cr_expect_eq(counts[1][WINDOW_DST].rows, 1);
    row.end_ns = INT64_MAX;
    window_add(window, &row, &counts[0][0]);
    cr_expect_eq(counts[1][WINDOW_DST].rows, 1);
    window_free(window);
}
