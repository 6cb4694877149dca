/* table_learn - tables to rows for training: the cells are kept as text until all are read, because
 * only then it is known which columns are numeric. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "categories.h"
#include "cell.h"
#include "csv.h"
#include "log.h"
#include "nearest.h"
#include "table.h"

/* A column of the tables. */
struct column {
    char name[SCHEMA_NAME_MAX];
    bool input;                /* neither label nor dropped */
    bool numeric, categorical; /* as the options say; neither: by its cells */
    bool text, missing;        /* in some cell */
    size_t infinite;           /* cells */
};

struct learner {
    const struct table_options *options;
    struct column *columns; /* of the first table */
    size_t n_columns;
    int label;  /* column, or -1 */
    char *text; /* the inputs' cells, row by row, each with its NUL; owned */
    size_t size, capacity;
    size_t rows, others;          /* normal rows, rows left out */
    char other[SCHEMA_VALUE_MAX]; /* label of a row that was left out */
};

/* Checks a list of columns: each must exist. */
static int check_list(const struct csv *csv, const char *list, struct da3d_error *error)
{
    char name[SCHEMA_NAME_MAX];

    for (size_t length; list; list = list[length] ? list + length + 1 : NULL) {
        length = strcspn(list, ",");
        if (length >= sizeof name)
            return da3d_fail(error, "there is no column '%.*s'", (int)sizeof name, list);
        memcpy(name, list, length);
        name[length] = '\0';
        if (csv_find(csv, name + strspn(name, " ")) < 0)
            return nearest_fail(csv, name, error);
    }
    return 0;
}

static bool listed(const char *name, const char *list)
{
    return list && cell_in_list(name, list);
}

static int set_column(struct learner *learner, const struct csv *csv, size_t i,
                      struct da3d_error *error)
{
    const struct table_options *options = learner->options;
    struct column *column = &learner->columns[i];

    strcpy(column->name, csv_name(csv, i));
    column->input = (int)i != learner->label && !listed(column->name, options->drop);
    column->numeric = listed(column->name, options->numeric);
    column->categorical = listed(column->name, options->categorical);
    if (column->numeric && column->categorical)
        return da3d_fail(error, "column '%s' cannot be both numeric and categorical", column->name);
    return 0;
}

static int set_columns(struct learner *learner, const struct csv *csv, struct da3d_error *error)
{
    const struct table_options *options = learner->options;

    learner->n_columns = csv_n_columns(csv);
    learner->columns = calloc(learner->n_columns, sizeof *learner->columns);
    if (!learner->columns)
        return da3d_fail(error, "%s", strerror(errno));
    learner->label = options->label ? csv_find(csv, options->label) : -1;
    if (options->label && learner->label < 0)
        return nearest_fail(csv, options->label, error);
    if (check_list(csv, options->numeric, error) < 0 ||
        check_list(csv, options->categorical, error) < 0 ||
        check_list(csv, options->drop, error) < 0)
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
    struct column *column = &learner->columns[i];
    double number;
    enum cell kind = cell_parse(cell, &number);

    if (kind == CELL_TEXT && column->numeric)
        return csv_fail(csv, i, cell, "is not a number", error);
    column->text = column->text || kind == CELL_TEXT;
    column->missing = column->missing || kind == CELL_MISSING;
    column->infinite += kind == CELL_INFINITE;
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
        if (learner->columns[i].input && add_cell(learner, csv, i, cells[i], error) < 0)
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
    csv_close(csv);
    return rc;
}

static bool is_categorical(const struct column *column)
{
    return column->categorical || (column->text && !column->numeric);
}

/* The schema without its categories. */
static int make_schema(const struct learner *learner, struct schema *schema)
{
    strcpy(schema->set, table_set);
    schema->columns = calloc(learner->n_columns, sizeof *schema->columns);
    if (!schema->columns)
        return -1;
    for (size_t i = 0; i < learner->n_columns; i++) {
        const struct column *from = &learner->columns[i];
        struct schema_column *to = &schema->columns[schema->n_columns];

        if (!from->input)
            continue;
        strcpy(to->name, from->name);
        to->kind = is_categorical(from) ? SCHEMA_CATEGORICAL : SCHEMA_NUMERIC;
        schema->n_columns++;
        if (from->missing || (to->kind == SCHEMA_NUMERIC && from->infinite > 0))
            to->missing_group = schema->n_columns;
    }
    return 0;
}

/* Counts the values of the categorical columns. all: one for each of the schema's columns. */
static int count_categories(const struct learner *learner, const struct schema *schema,
                            struct categories *all)
{
    char value[SCHEMA_VALUE_MAX];
    const char *cell = learner->text;
    double number;

    for (size_t row = 0; row < learner->rows; row++)
        for (uint32_t i = 0; i < schema->n_columns; i++, cell += strlen(cell) + 1) {
            if (schema->columns[i].kind == SCHEMA_NUMERIC ||
                cell_parse(cell, &number) == CELL_MISSING)
                continue;
            csv_escape(cell, value, sizeof value);
            if (categories_count(&all[i], value) < 0)
                return -1;
        }
    return 0;
}

static int make_categories(const struct learner *learner, struct schema *schema)
{
    struct categories *all = calloc(schema->n_columns + 1U, sizeof *all);
    int rc = all ? count_categories(learner, schema, all) : -1;

    for (uint32_t i = 0; all && i < schema->n_columns; i++) {
        struct schema_column *column = &schema->columns[i];

        if (rc == 0 && column->kind == SCHEMA_CATEGORICAL)
            rc = categories_into(&all[i], column);
        if (all[i].n > SCHEMA_VALUES_MAX)
            log_warning("column '%s' has %zu values: the rarest %zu of them count as one",
                        column->name, all[i].n, all[i].n - SCHEMA_VALUES_MAX);
        categories_clear(&all[i]);
    }
    free(all);
    return rc;
}

static double value_of(const struct schema_column *column, const char *cell)
{
    char category[SCHEMA_VALUE_MAX];
    double number;
    enum cell kind = cell_parse(cell, &number);

    if (kind != CELL_MISSING && column->kind == SCHEMA_CATEGORICAL) {
        csv_escape(cell, category, sizeof category);
        return schema_category(column, category);
    }
    return kind == CELL_NUMBER ? number : (double)NAN;
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
        for (uint32_t i = 0; i < schema->n_columns; i++, cell += strlen(cell) + 1)
            *x++ = value_of(&schema->columns[i], cell);
    return 0;
}

static void warn_of_columns(const struct learner *learner)
{
    for (size_t i = 0; i < learner->n_columns; i++) {
        const struct column *column = &learner->columns[i];

        if (column->infinite > 0 && !is_categorical(column))
            log_warning("column '%s': %zu cells infinite, taken as missing", column->name,
                        column->infinite);
        if (learner->label < 0 && column->input &&
            (strcasecmp(column->name, "label") == 0 || strcasecmp(column->name, "class") == 0))
            log_warning("column '%s' is an input; --label-column or --drop keep it out",
                        column->name);
    }
}

/* Is there something to learn from? Names the file where not. */
static int check_rows(const struct learner *learner, const char *path)
{
    size_t inputs = 0;

    for (size_t i = 0; i < learner->n_columns; i++)
        inputs += learner->columns[i].input;
    if (inputs == 0)
        log_error("%s: no column is left as an input", path);
    else if (learner->rows == 0 && learner->others > 0)
        log_error("%s: column '%s' says normal of no row: --normal-label names other values (here "
                  "is '%s')",
                  path, learner->options->label, learner->other);
    else if (learner->rows == 0)
        log_error("%s: no rows behind the header", path);
    return inputs > 0 && learner->rows > 0 ? 0 : -1;
}

/* Names the file where the columns are at fault. */
static int convert(const struct learner *learner, const char *path, struct table *table)
{
    struct da3d_error error;

    if (make_schema(learner, &table->schema) < 0 || make_categories(learner, &table->schema) < 0 ||
        make_values(learner, table) < 0) {
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

int table_learn(struct table *table, const struct inputs *inputs,
                const struct table_options *options, bool quiet)
{
    struct learner learner = {.options = options, .label = -1};
    int rc = 0;

    *table = (struct table){0};
    for (size_t i = 0; rc == 0 && i < inputs->n; i++)
        rc = read_input(&learner, &inputs->items[i]);
    if (rc == 0)
        rc = check_rows(&learner, inputs->items[0].path);
    if (rc == 0) {
        warn_of_columns(&learner);
        rc = convert(&learner, inputs->items[0].path, table);
    }
    if (rc == 0 && !quiet)
        log_learned(&learner, &table->schema);
    free(learner.columns);
    free(learner.text);
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
