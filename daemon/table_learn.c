/* table_learn - tables to rows for training: the cells are kept as text until all are read, because
 * only then it is known which columns are numeric. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "csv.h"
#include "log.h"
#include "nearest.h"
#include "table.h"
#include "table_column.h"
#include "words.h"

struct learner {
    const struct table_options *options;
    struct table_column *columns; /* of the first table */
    size_t n_columns;
    int label;  /* column, or -1 */
    char *text; /* cells of the columns that are read, row by row, each with its NUL; owned */
    size_t size, capacity;
    size_t rows, others;          /* normal rows, rows left out */
    char other[SCHEMA_VALUE_MAX]; /* label of a row that was left out */
};

/* Checks a list of columns: each must exist. */
static int check_list(const struct csv *csv, const char *list, struct da3d_error *error)
{
    char name[SCHEMA_VALUE_MAX];

    while (list) {
        list = words_next(list, name, sizeof name);
        if (nearest_find(csv, name, error) < 0)
            return -1;
    }
    return 0;
}

static bool listed(const char *name, const char *list)
{
    return list && words_hold(list, name);
}

static int set_column(struct learner *learner, const struct csv *csv, size_t i,
                      struct da3d_error *error)
{
    const struct table_options *options = learner->options;
    struct table_column *column = &learner->columns[i];

    strcpy(column->name, csv_name(csv, i));
    column->read = (int)i != learner->label && !listed(column->name, options->drop);
    column->numeric = listed(column->name, options->numeric);
    column->categorical = listed(column->name, options->categorical);
    column->identity = listed(column->name, options->identity);
    if (column->numeric + column->categorical + column->identity > 1)
        return da3d_fail(error,
                         "column '%s' cannot be more than one of numeric, categorical and "
                         "an identity",
                         column->name);
    return 0;
}

static int set_columns(struct learner *learner, const struct csv *csv, struct da3d_error *error)
{
    const struct table_options *options = learner->options;

    learner->n_columns = csv_n_columns(csv);
    learner->columns = calloc(learner->n_columns, sizeof *learner->columns);
    if (!learner->columns)
        return da3d_fail(error, "%s", strerror(errno));
    learner->label = options->label ? nearest_find(csv, options->label, error) : -1;
    if (options->label && learner->label < 0)
        return -1;
    if (check_list(csv, options->numeric, error) < 0 ||
        check_list(csv, options->categorical, error) < 0 ||
        check_list(csv, options->identity, error) < 0 || check_list(csv, options->drop, error) < 0)
        return -1;
    for (size_t i = 0; i < learner->n_columns; i++)
        if (set_column(learner, csv, i, error) < 0)
            return -1;
    return 0;
}

static int same_columns(const struct learner *learner, const struct csv *csv,
                        struct da3d_error *error)
{
    if (csv_n_columns(csv) != learner->n_columns)
        return da3d_fail(error, "%zu columns, and the first table has %zu", csv_n_columns(csv),
                         learner->n_columns);
    for (size_t i = 0; i < learner->n_columns; i++)
        if (strcmp(csv_name(csv, i), learner->columns[i].name) != 0)
            return da3d_fail(error, "column %zu is '%s', and in the first table '%s'", i + 1,
                             csv_name(csv, i), learner->columns[i].name);
    return 0;
}

static int keep_text(struct learner *learner, const char *cell, struct da3d_error *error)
{
    const size_t n = strlen(cell) + 1;

    if (learner->capacity - learner->size < n) {
        size_t capacity = 2 * learner->capacity + n + (1 << 16);
        char *text = realloc(learner->text, capacity);

        if (!text)
            return da3d_fail(error, "%s", strerror(errno));
        learner->text = text;
        learner->capacity = capacity;
    }
    memcpy(learner->text + learner->size, cell, n);
    learner->size += n;
    return 0;
}

static int add_cell(struct learner *learner, const struct csv *csv, size_t i, const char *cell,
                    struct da3d_error *error)
{
    struct table_column *column = &learner->columns[i];
    double number = 0;
    enum cell kind = cell_parse(cell, &number);

    if (kind == CELL_TEXT && column->numeric)
        return csv_fail(csv, i, cell, "is not a number", error);
    table_column_see(column, kind, number);
    return keep_text(learner, cell, error);
}

static int add_row(struct learner *learner, const struct csv *csv, char *const *cells,
                   struct da3d_error *error)
{
    char label[SCHEMA_VALUE_MAX];

    if (learner->label >= 0) {
        csv_escape(cells[learner->label], label, sizeof label);
        if (!*label)
            return csv_fail(csv, (size_t)learner->label, "", "is not a label", error);
        if (!table_is_normal(learner->options, label)) {
            strcpy(learner->other, label);
            learner->others++;
            return 0;
        }
    }
    learner->rows++;
    for (size_t i = 0; i < learner->n_columns; i++)
        if (learner->columns[i].read && add_cell(learner, csv, i, cells[i], error) < 0)
            return -1;
    return 0;
}

static int read_rows(struct learner *learner, struct csv *csv, struct da3d_error *error)
{
    char *const *cells;
    int rc =
        learner->columns ? same_columns(learner, csv, error) : set_columns(learner, csv, error);

    if (rc < 0)
        return -1;
    while ((rc = csv_next(csv, &cells, error)) > 0)
        if (add_row(learner, csv, cells, error) < 0)
            return -1;
    return rc;
}

static int read_input(struct learner *learner, struct input *input)
{
    struct da3d_error error;
    struct unpack *source = input_open(input, &error);
    struct csv *csv = source ? csv_open(source, &error) : NULL;
    int rc = csv ? read_rows(learner, csv, &error) : -1;

    if (rc < 0)
        log_error("%s: %s", input->path, error.text);
    if (csv)
        csv_warn(csv, input->path);
    csv_close(csv);
    return rc;
}

/* Counts the values of the categorical columns. */
static int count_values(struct learner *learner)
{
    char value[SCHEMA_VALUE_MAX];
    const char *cell = learner->text;
    double number;

    for (size_t row = 0; row < learner->rows; row++)
        for (size_t i = 0; i < learner->n_columns; i++) {
            struct table_column *column = &learner->columns[i];

            if (!column->read)
                continue;
            if (table_column_is_categorical(column) && cell_parse(cell, &number) != CELL_MISSING) {
                csv_escape(cell, value, sizeof value);
                if (categories_count(&column->values, value) < 0)
                    return -1;
            }
            cell += strlen(cell) + 1;
        }
    return 0;
}

/* Adds a column to the schema, which has room for it. */
static int add_column(struct schema *schema, const struct table_column *from)
{
    struct schema_column *to = &schema->columns[schema->n_columns++];

    strcpy(to->name, from->name);
    to->kind = from->identity ? SCHEMA_IDENTITY : SCHEMA_NUMERIC;
    if (from->identity)
        return 0;
    if (from->missing > 0 || (!table_column_is_categorical(from) && from->infinite > 0))
        to->missing_group = schema->n_columns;
    if (!table_column_is_categorical(from))
        return 0;
    if (from->values.n > SCHEMA_VALUES_MAX)
        log_warning("column '%s' has %zu values: the rarest %zu of them count as one", from->name,
                    from->values.n, from->values.n - SCHEMA_VALUES_MAX);
    return categories_into(&from->values, to);
}

static int make_schema(const struct learner *learner, struct schema *schema)
{
    int rc = 0;

    strcpy(schema->set, table_set);
    schema->columns = calloc(learner->n_columns, sizeof *schema->columns);
    if (!schema->columns)
        return -1;
    for (size_t i = 0; rc == 0 && i < learner->n_columns; i++)
        if (table_column_is_input(&learner->columns[i], learner->rows))
            rc = add_column(schema, &learner->columns[i]);
    return rc;
}

static double value_of(const struct schema_column *column, const char *cell)
{
    char category[SCHEMA_VALUE_MAX];
    double number;
    enum cell kind = cell_parse(cell, &number);

    if (column->kind == SCHEMA_IDENTITY)
        return cell_identity(cell);
    if (kind != CELL_MISSING && column->kind == SCHEMA_CATEGORICAL) {
        csv_escape(cell, category, sizeof category);
        return schema_category(column, category);
    }
    return kind == CELL_NUMBER ? number : (double)NAN;
}

/* A row's cells, from *cell on, to x. Moves *cell to the next row's; returns where its x goes. */
static double *read_values(const struct learner *learner, const struct schema *schema,
                           const char **cell, double *x)
{
    const struct schema_column *column = schema->columns;

    for (size_t i = 0; i < learner->n_columns; i++) {
        if (!learner->columns[i].read)
            continue;
        if (table_column_is_input(&learner->columns[i], learner->rows))
            *x++ = value_of(column++, *cell);
        *cell += strlen(*cell) + 1;
    }
    return x;
}

static int make_values(const struct learner *learner, struct table *table)
{
    const struct schema *schema = &table->schema;
    const char *cell = learner->text;
    double *x;

    table->n = learner->rows;
    table->values = reallocarray(NULL, table->n * schema->n_columns + 1, sizeof *table->values);
    if (!table->values)
        return -1;
    x = table->values;
    for (size_t row = 0; row < table->n; row++)
        x = read_values(learner, schema, &cell, x);
    return 0;
}

/* A column that says what a row is must not be learned from. */
static void warn_of_labels(const struct learner *learner)
{
    for (size_t i = 0; learner->label < 0 && i < learner->n_columns; i++) {
        const struct table_column *column = &learner->columns[i];

        if (column->read &&
            (strcasecmp(column->name, "label") == 0 || strcasecmp(column->name, "class") == 0))
            log_warning("column '%s' is an input; --label-column or --drop keep it out",
                        column->name);
    }
}

static size_t count_inputs(const struct learner *learner)
{
    size_t inputs = 0;

    for (size_t i = 0; i < learner->n_columns; i++)
        inputs += table_column_is_input(&learner->columns[i], learner->rows);
    return inputs;
}

/* Is there something to learn from? Names the file where not. */
static int check_rows(const struct learner *learner, const char *path)
{
    if (count_inputs(learner) == 0)
        log_error("%s: no column is left as an input", path);
    else if (learner->rows == 0 && learner->others > 0)
        log_error("%s: column '%s' says normal of no row: --normal-label names other values (here "
                  "is '%s')",
                  path, learner->options->label, learner->other);
    else if (learner->rows == 0)
        log_error("%s: no rows behind the header", path);
    else if (!table_columns_vary(learner->columns, learner->n_columns, learner->rows))
        log_error("%s: every column is the same in all normal rows: nothing to learn", path);
    else
        return 0;
    return -1;
}

/* Names the file where the columns are at fault. */
static int convert(const struct learner *learner, const char *path, struct table *table)
{
    struct da3d_error error;

    if (make_schema(learner, &table->schema) < 0 || make_values(learner, table) < 0) {
        log_error("%s", strerror(errno));
        return -1;
    }
    if (schema_check(&table->schema, &error) == 0)
        return 0;
    log_error("%s: %s", path, error.text);
    return -1;
}

static void log_learned(const struct learner *learner, const struct schema *schema)
{
    uint32_t categorical = 0;

    for (uint32_t i = 0; i < schema->n_columns; i++)
        categorical += schema->columns[i].kind == SCHEMA_CATEGORICAL;
    log_info("read %zu rows: %zu normal; %u columns, %u of them categorical: %zu inputs",
             learner->rows + learner->others, learner->rows, schema->n_columns, categorical,
             schema_inputs(schema));
}

static int learn(struct learner *learner, struct table *table, const struct inputs *inputs)
{
    const char *path = inputs->items[0].path;

    for (size_t i = 0; i < inputs->n; i++)
        if (read_input(learner, &inputs->items[i]) < 0)
            return -1;
    if (count_values(learner) < 0) {
        log_error("%s", strerror(errno));
        return -1;
    }
    warn_of_labels(learner);
    if (learner->rows > 0)
        table_columns_warn(learner->columns, learner->n_columns, learner->rows);
    return check_rows(learner, path) < 0 ? -1 : convert(learner, path, table);
}

static void learner_clear(struct learner *learner)
{
    for (size_t i = 0; learner->columns && i < learner->n_columns; i++)
        categories_clear(&learner->columns[i].values);
    free(learner->columns);
    free(learner->text);
}

int table_learn(struct table *table, const struct inputs *inputs,
                const struct table_options *options, bool quiet)
{
    struct learner learner = {.options = options, .label = -1};
    int rc;

    *table = (struct table){0};
    rc = learn(&learner, table, inputs);
    if (rc == 0 && !quiet)
        log_learned(&learner, &table->schema);
    learner_clear(&learner);
    if (rc < 0)
        table_clear(table);
    return rc;
}

void table_clear(struct table *table)
{
    schema_clear(&table->schema);
    free(table->values);
    *table = (struct table){0};
}
