/* The last rows to hosts and of services, against a count of all rows, one by one. */
#include "features/recent.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { ROWS = 4000 };

/* Few distinct hosts, services and ports, so that rows have much in common. */
static struct recent_row make_row(void)
{
    return (struct recent_row){
        .host = (uint64_t)(random() % 5) << 14, /* of one bucket */
        .service = (enum service)(random() % 4),
        .outcome = (enum window_outcome)(random() % 3),
        .sport = (uint16_t)(random() % 3),
    };
}

static void count_row(struct window_count *count, const struct recent_row *row)
{
    count->rows++;
    count->failed += row->outcome == WINDOW_FAILED;
    count->refused += row->outcome == WINDOW_REFUSED;
}

/* What the definition says of rows[i]. */
static struct recent_count count_all(const struct recent_row *rows, size_t i)
{
    struct recent_count count = {0};

    for (size_t j = i + 1; j-- > 0 && count.host.rows < RECENT_ROWS;) {
        if (rows[j].host != rows[i].host)
            continue;
        count_row(&count.host, &rows[j]);
        if (rows[j].service == rows[i].service)
            count_row(&count.host_service, &rows[j]);
        count.host_sport += rows[j].sport == rows[i].sport;
    }
    for (size_t j = i + 1; j-- > 0 && count.service < RECENT_ROWS;) {
        if (rows[j].service != rows[i].service)
            continue;
        count.service++;
        count.service_elsewhere += rows[j].host != rows[i].host;
    }
    return count;
}

static void compare(const struct window_count *count, const struct window_count *expected, size_t i)
{
    cr_assert_eq(count->rows, expected->rows, "row %zu", i);
    cr_assert_eq(count->failed, expected->failed, "row %zu", i);
    cr_assert_eq(count->refused, expected->refused, "row %zu", i);
}

Test(recent, equals_a_count_of_all_rows)
{
    static struct recent_row rows[ROWS];
    struct recent *recent = recent_new();

    cr_assert_not_null(recent);
    srandom(1);
    for (size_t i = 0; i < ROWS; i++) {
        struct recent_count count, expected;

        rows[i] = make_row();
        recent_add(recent, &rows[i], &count);
        expected = count_all(rows, i);
        compare(&count.host, &expected.host, i);
        compare(&count.host_service, &expected.host_service, i);
        cr_assert_eq(count.host_sport, expected.host_sport, "row %zu", i);
        cr_assert_eq(count.service, expected.service, "row %zu", i);
        cr_assert_eq(count.service_elsewhere, expected.service_elsewhere, "row %zu", i);
    }
    recent_free(recent);
}

Test(recent, the_host_silent_longest_is_forgotten)
{
    struct recent *recent = recent_new();
    struct recent_row row = {0};
    struct recent_count count;

    for (row.host = 0; row.host < RECENT_HOSTS_MAX; row.host++)
        recent_add(recent, &row, &count);
    row.host = 0;
    recent_add(recent, &row, &count);
    cr_expect_eq(count.host.rows, 2);
    row.host = RECENT_HOSTS_MAX; /* takes the place of host 1 */
    recent_add(recent, &row, &count);
    cr_expect_eq(count.host.rows, 1);
    row.host = 2;
    recent_add(recent, &row, &count);
    cr_expect_eq(count.host.rows, 2);
    row.host = 1;
    recent_add(recent, &row, &count);
    cr_expect_eq(count.host.rows, 1);
    row.host = 0;
    recent_add(recent, &row, &count);
    cr_expect_eq(count.host.rows, 3);
    recent_free(recent);
}
