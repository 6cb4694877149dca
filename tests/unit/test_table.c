/* What is learned of a table, and how rows are read by it. Messages are tested from outside. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/categories.h"
#include "daemon/nearest.h"
#include "daemon/table.h"
#include "daemon/table_column.h"

static void write_table(char *path, const char *text)
{
    int fd = mkstemp(path);

    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static struct table learn(const char *text, const struct table_options *options)
{
    char path[] = "/tmp/da3dd-table-XXXXXX";
    struct inputs inputs = {0};
    struct da3d_error error;
    struct table table;

    write_table(path, text);
    cr_assert_eq(inputs_add(&inputs, path, &error), 0);
    cr_assert_eq(table_learn(&table, &inputs, options, true), 0);
    inputs_clear(&inputs);
    unlink(path);
    return table;
}

static const char learned_text[] = "id,bytes,proto,port,label,rate\n"
                                   "a,1,tcp,80,0,\n"
                                   "b,2,udp,53,normal,1\n"
                                   "c,9,icmp,7,1,inf\n"
                                   "d,3, tcp ,443,BENIGN,2\n";
static const struct table_options learned_options = {
    .label = "label", .drop = "id", .categorical = "port"};

Test(table, learns_columns_and_normal_rows)
{
    struct table table = learn(learned_text, &learned_options);
    const double want[] = {1, 0, 2, (double)NAN, 2, 1, 1, 1, 3, 0, 0, 2};
    const struct schema_column *columns = table.schema.columns;

    cr_assert_eq(table.schema.n_columns, 4);
    cr_assert_eq(table.n, 3);
    cr_expect_str_eq(table.schema.set, "table-v1");
    cr_expect_eq(columns[0].kind, SCHEMA_NUMERIC);
    cr_assert_eq(columns[1].n_values, 2, "icmp stands in an attack's row");
    cr_expect_str_eq(columns[1].values[1], "udp");
    cr_assert_eq(columns[2].n_values, 3);
    cr_expect_str_eq(columns[2].values[0], "443");
    cr_expect_eq(columns[0].missing_group, 0);
    cr_expect_neq(columns[3].missing_group, 0);
    for (size_t i = 0; i < 12; i++)
        cr_expect(table.values[i] == want[i] || (isnan(table.values[i]) && isnan(want[i])),
                  "value %zu: %g", i, table.values[i]);
    table_clear(&table);
}

/* uid: 101 words in 150 rows; host: 75; both words, neither a number. */
static void write_identifiers(char *text, size_t words)
{
    text += sprintf(text, "uid,host,bytes\n");
    for (size_t i = 0; i < 150; i++)
        text += sprintf(text, "u%zu,h%zu,%zu\n", i % words, i % 75, i % 10);
}

Test(table, identifiers_are_left_out)
{
    static const struct {
        size_t words;
        const char *categorical;
        size_t columns;
    } cases[] = {{101, NULL, 2}, {101, "uid", 3}, {100, NULL, 3}};
    char text[4096];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct table_options options = {.categorical = cases[i].categorical};
        struct table table;

        write_identifiers(text, cases[i].words);
        table = learn(text, &options);
        cr_assert_eq(table.n, 150);
        cr_expect_eq(table.schema.n_columns, cases[i].columns, "case %zu", i);
        for (size_t row = 0; row < table.n; row++)
            cr_assert_eq(table.values[(row + 1) * cases[i].columns - 1], (double)(row % 10));
        table_clear(&table);
    }
}

Test(table_column, what_never_changes)
{
    struct table_column columns[2] = {{.name = "a", .read = true}, {.name = "b"}};

    cr_expect_not(table_columns_vary(columns, 2, 0));
    table_column_see(&columns[0], CELL_NUMBER, 5);
    table_column_see(&columns[0], CELL_NUMBER, 5);
    table_column_see(&columns[1], CELL_NUMBER, 1);
    table_column_see(&columns[1], CELL_NUMBER, 2);
    cr_expect_not(table_columns_vary(columns, 2, 2), "the second is no input");
    table_column_see(&columns[0], CELL_INFINITE, 0);
    cr_expect(table_columns_vary(columns, 2, 3), "a cell is missing");
    columns[0] = (struct table_column){.name = "a", .read = true};
    table_column_see(&columns[0], CELL_MISSING, 0);
    cr_expect_not(table_columns_vary(columns, 1, 1), "all are missing");
    columns[0].text = true;
    columns[0].values.n = 1;
    cr_expect_not(table_columns_vary(columns, 1, 1), "one word");
    columns[0].values.n = 2;
    cr_expect(table_columns_vary(columns, 1, 1), "two");
}

Test(table, reads_by_name)
{
    struct table table = learn(learned_text, &learned_options);
    char path[] = "/tmp/da3dd-table-XXXXXX";
    struct input input = {.path = path, .named = true};
    struct table_reader *reader;
    const char *label;
    double x[4];

    write_table(path, "rate,extra,proto,bytes,port\n-inf,?,sctp,,80\n7,,,1e3,-\n");
    reader = table_open(&input, &table.schema, NULL);
    cr_assert_not_null(reader);
    cr_assert_eq(table_next(reader, x, &label), 1);
    cr_expect_null(label);
    cr_expect(isnan(x[0]) && isnan(x[3]));
    cr_expect_eq(x[1], 2, "an unseen value");
    cr_expect_eq(x[2], 2);
    cr_assert_eq(table_next(reader, x, &label), 1);
    cr_expect_eq(x[0], 1000);
    cr_expect(isnan(x[1]) && isnan(x[2]));
    cr_expect_eq(x[3], 7);
    cr_expect_eq(table_next(reader, x, &label), 0);
    table_close(reader);
    unlink(path);
    table_clear(&table);
}

Test(table, normal_labels)
{
    const struct table_options by_default = {0}, listed = {.normal = "1,2"};

    cr_expect(table_is_normal(&by_default, "0"));
    cr_expect(table_is_normal(&by_default, "Benign"));
    cr_expect(table_is_normal(&by_default, "normal."));
    cr_expect_not(table_is_normal(&by_default, "1"));
    cr_expect_not(table_is_normal(&by_default, ""));
    cr_expect(table_is_normal(&listed, "2"));
    cr_expect_not(table_is_normal(&listed, "0"));
}

Test(categories, the_rarest_give_way)
{
    struct categories categories = {0};
    struct schema_column column = {.name = "c"};
    struct schema schema = {"table-v1", 1, NULL};
    char value[16];

    for (int i = 0; i < SCHEMA_VALUES_MAX + 10; i++) {
        snprintf(value, sizeof value, "v%05d", i);
        for (int n = 0; n < 1 + (i >= 9); n++)
            cr_assert_eq(categories_count(&categories, value), 0);
    }
    cr_assert_eq(categories.n, SCHEMA_VALUES_MAX + 10);
    cr_assert_eq(categories_into(&categories, &column), 0);
    categories_clear(&categories);
    cr_assert_eq(column.n_values, SCHEMA_VALUES_MAX);
    cr_expect_eq(schema_category(&column, "v00008"), SCHEMA_VALUES_MAX);
    cr_expect_eq(schema_category(&column, "v00009"), 0);
    snprintf(value, sizeof value, "v%05d", SCHEMA_VALUES_MAX + 9);
    cr_expect_eq(schema_category(&column, value), SCHEMA_VALUES_MAX,
                 "last of the equally frequent");
    schema.columns = malloc(sizeof column);
    *schema.columns = column;
    schema_clear(&schema);
}
