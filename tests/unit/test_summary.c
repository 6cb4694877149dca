/* What the training rows were, column by column; and the numbers that say how they were made. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/row_settings.h"
#include "core/summary.h"

enum { ROWS = 200, COLUMNS = 3 };

/* A number that is missing in every fourth row, one that is 0 but for a tenth, and a category. */
static struct schema sample(struct schema_column columns[COLUMNS], char *values[2])
{
    memset(columns, 0, COLUMNS * sizeof *columns);
    strcpy(columns[0].name, "number");
    strcpy(columns[1].name, "rare");
    columns[2] = (struct schema_column){"word", 0, SCHEMA_CATEGORICAL, 2, values};
    return (struct schema){"sample-v1", COLUMNS, columns};
}

static void fill(double *rows, size_t *index)
{
    for (size_t i = 0; i < ROWS; i++) {
        index[i] = i;
        rows[i * COLUMNS] = i % 4 == 3 ? (double)NAN : (double)((i * 77) % ROWS);
        rows[i * COLUMNS + 1] = i % 10 == 0 ? 7.0 : 0.0;
        rows[i * COLUMNS + 2] = i % 2 == 0 ? 0.0 : i % 4 == 1 ? 1.0 : 9.0;
    }
}

Test(summary, by_hand)
{
    char tcp[] = "tcp", udp[] = "udp", *values[] = {tcp, udp};
    struct schema_column columns[COLUMNS];
    const struct schema schema = sample(columns, values);
    struct column_summary *s = summary_new(&schema);
    static double rows[ROWS * COLUMNS];
    size_t index[ROWS];
    fill(rows, index);
    cr_assert_eq(summary_fit(s, &schema, rows, index, ROWS), 0);
    cr_expect_eq(s[0].missing, 0.25);
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++) {
        double below = 0, up_to = 0;
        for (size_t i = 0; i < ROWS; i++) {
            below += rows[i * COLUMNS] < s[0].quantile[q];
            up_to += rows[i * COLUMNS] <= s[0].quantile[q];
        }
        cr_expect(below / 150 <= summary_levels[q] && up_to / 150 >= summary_levels[q], "%zu", q);
        cr_expect_eq(s[0].up_to[q], up_to / 150, "%zu", q);
    }
    cr_expect(s[1].quantile[10] == 0.0 && s[1].quantile[11] == 7.0);
    cr_expect(s[1].up_to[0] == 0.9 && s[1].up_to[10] == 0.9 && s[1].up_to[11] == 1.0);
    cr_expect(s[2].share[0] == 0.5 && s[2].share[1] == 0.25 && s[2].share[2] == 0.25);
    summary_free(s, &schema);
}

/* Of rows picked by number; a column without any value stays zero. */
Test(summary, of_some_rows)
{
    struct schema_column columns[2] = {{"a", 0, SCHEMA_NUMERIC, 0, NULL},
                                       {"b", 1, SCHEMA_NUMERIC, 0, NULL}};
    const struct schema schema = {"sample-v1", 2, columns};
    const double rows[] = {1, (double)NAN, 99, 5, 3, (double)NAN, 2, (double)NAN};
    const size_t index[] = {3, 0, 2};
    struct column_summary *s = summary_new(&schema);
    cr_assert_eq(summary_fit(s, &schema, rows, index, 3), 0);
    cr_expect(s[0].quantile[0] == 1.0 && s[0].quantile[6] == 2.0 && s[0].quantile[12] == 3.0);
    cr_expect(s[0].missing == 0.0 && s[1].missing == 1.0 && s[1].quantile[12] == 0.0);
    summary_free(s, &schema);
}

Test(row_settings, are_found_by_name_and_refused_where_they_cannot_be)
{
    struct row_settings settings = {0};
    double value = -1;
    cr_assert_eq(row_settings_add(&settings, "flow.idle", 40), 0);
    cr_assert_eq(row_settings_add(&settings, "flow.active", 120), 0);
    cr_assert(row_settings_find(&settings, "flow.active", &value) && value == 120);
    cr_assert(!row_settings_find(&settings, "flow", &value) && value == 120);
    cr_expect(row_settings_add(&settings, "flow.idle", 1) == -1 && errno == EINVAL);
    cr_expect_eq(row_settings_add(&settings, "", 1), -1);
    cr_expect_eq(row_settings_add(&settings, "a\n", 1), -1);
    cr_expect_eq(row_settings_add(&settings, "nan", (double)NAN), -1);
    cr_expect_eq(row_settings_add(&settings, "a-name-of-thirty-two-characters-", 1), -1);
    cr_assert(settings.n == 2 && row_settings_valid(&settings));
    for (int i = 2; i < ROW_SETTINGS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        cr_assert_eq(row_settings_add(&settings, name, i), 0);
    }
    cr_expect_eq(row_settings_add(&settings, "more", 1), -1);
}
