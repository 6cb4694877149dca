#include "table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "csv.h"
#include "log.h"
#include "nearest.h"
#include "words.h"

const char table_set[] = "table-v1";

/* Cells of one column that did not hold what training led to expect. */
struct oddity {
    size_t n;
    size_t line; /* of the first */
};

struct oddities {
    struct oddity missing, infinite, text;
};

struct table_reader {
    const char *path; /* borrowed, as the schema is */
    const struct schema *schema;
    struct csv *csv;
    size_t *source; /* for each column of the schema the table's */
    struct oddities *odd;
    bool told; /* of a cell that is not a number */
    int label; /* the table's column, or -1 */
};

bool table_is_normal(const struct table_options *options, const char *label)
{
    static const char *const words[] = {"0", "0.0", "normal", "normal.", "benign"};

    if (options->normal)
        return words_hold(options->normal, label);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(label, words[i]) == 0)
            return true;
    return false;
}

static int find_columns(struct table_reader *reader, const char *label, struct da3d_error *error)
{
    const struct schema *schema = reader->schema;
    int found;

    for (uint32_t i = 0; i < schema->n_columns; i++) {
        found = nearest_find(reader->csv, schema->columns[i].name, error);
        if (found < 0)
            return -1;
        reader->source[i] = (size_t)found;
    }
    reader->label = label ? nearest_find(reader->csv, label, error) : -1;
    return label && reader->label < 0 ? -1 : 0;
}

/* One warning that names, as far as they fit, the columns that are neither inputs nor labels. */
static void warn_ignored(const struct table_reader *reader)
{
    const size_t n = csv_n_columns(reader->csv);
    bool *used = calloc(n, sizeof *used);
    char names[512] = "";
    size_t length = 0;

    if (!used)
        return;
    for (uint32_t i = 0; i < reader->schema->n_columns; i++)
        used[reader->source[i]] = true;
    for (size_t i = 0; i < n; i++)
        if (!used[i] && (int)i != reader->label && length < sizeof names)
            length += (size_t)snprintf(names + length, sizeof names - length, "%s'%s'",
                                       length > 0 ? ", " : "", csv_name(reader->csv, i));
    if (length > 0)
        log_warning("%s: columns that the model does not know are ignored: %s", reader->path,
                    names);
    free(used);
}

static int reader_init(struct table_reader *reader, struct input *input, const char *label,
                       struct da3d_error *error)
{
    const size_t n = reader->schema->n_columns;
    struct unpack *source = input_open(input, error);

    if (!source)
        return -1;
    reader->csv = csv_open(source, error);
    if (!reader->csv)
        return -1;
    reader->source = calloc(n, sizeof *reader->source);
    reader->odd = calloc(n, sizeof *reader->odd);
    if (!reader->source || !reader->odd)
        return da3d_fail(error, "%s", strerror(errno));
    return find_columns(reader, label, error);
}

struct table_reader *table_open(struct input *input, const struct schema *schema, const char *label)
{
    struct table_reader *reader = calloc(1, sizeof *reader);
    struct da3d_error error;

    if (!reader) {
        log_error("%s", strerror(errno));
        return NULL;
    }
    reader->path = input->path;
    reader->schema = schema;
    if (reader_init(reader, input, label, &error) < 0) {
        log_error("%s: %s", input->path, error.text);
        table_close(reader);
        return NULL;
    }
    warn_ignored(reader);
    return reader;
}

static void warn_odd(const struct table_reader *reader, uint32_t column, const struct oddity *odd,
                     const char *what)
{
    if (odd->n > 0)
        log_warning("%s: column '%s': %zu cells %s, the first on line %zu", reader->path,
                    reader->schema->columns[column].name, odd->n, what, odd->line);
}

void table_close(struct table_reader *reader)
{
    if (!reader)
        return;
    for (uint32_t i = 0; reader->odd && i < reader->schema->n_columns; i++) {
        warn_odd(reader, i, &reader->odd[i].missing, "missing, where none was in training");
        warn_odd(reader, i, &reader->odd[i].infinite, "infinite, taken as missing");
        warn_odd(reader, i, &reader->odd[i].text, "not numbers, taken as missing");
    }
    if (reader->csv)
        csv_warn(reader->csv, reader->path);
    csv_close(reader->csv);
    free(reader->source);
    free(reader->odd);
    free(reader);
}

static void count_odd(const struct table_reader *reader, struct oddity *odd)
{
    if (odd->n++ == 0)
        odd->line = csv_line(reader->csv);
}

/* Text where a number is expected: the first such cell of a table is told at once. */
static void take_text(struct table_reader *reader, uint32_t i, const char *cell)
{
    struct da3d_error error;

    count_odd(reader, &reader->odd[i].text);
    if (reader->told)
        return;
    reader->told = true;
    csv_fail(reader->csv, reader->source[i], cell, "is not a number: counted as missing", &error);
    log_warning("%s: %s", reader->path, error.text);
}

static void read_cell(struct table_reader *reader, uint32_t i, const char *cell, double *x)
{
    const struct schema_column *column = &reader->schema->columns[i];
    char category[SCHEMA_VALUE_MAX];
    enum cell kind = cell_parse(cell, x);

    if (column->kind == SCHEMA_IDENTITY) {
        *x = cell_identity(cell);
        return;
    }
    if (kind == CELL_MISSING && column->missing_group == 0)
        count_odd(reader, &reader->odd[i].missing);
    if (kind != CELL_MISSING && column->kind == SCHEMA_CATEGORICAL) {
        csv_escape(cell, category, sizeof category);
        *x = schema_category(column, category);
        return;
    }
    if (kind == CELL_TEXT)
        take_text(reader, i, cell);
    if (kind == CELL_INFINITE)
        count_odd(reader, &reader->odd[i].infinite);
    if (kind != CELL_NUMBER)
        *x = (double)NAN;
}

static int read_cells(struct table_reader *reader, char *const *cells, double *x,
                      struct da3d_error *error)
{
    for (uint32_t i = 0; i < reader->schema->n_columns; i++)
        read_cell(reader, i, cells[reader->source[i]], &x[i]);
    if (reader->label >= 0 && cell_is_empty(cells[reader->label]))
        return csv_fail(reader->csv, (size_t)reader->label, "", "is not a label", error);
    return 0;
}

int table_next(struct table_reader *reader, double *x, const char **label)
{
    struct da3d_error error;
    char *const *cells;
    int rc = csv_next(reader->csv, &cells, &error);

    if (rc > 0 && read_cells(reader, cells, x, &error) < 0)
        rc = -1;
    if (rc > 0)
        *label = reader->label >= 0 ? cells[reader->label] : NULL;
    if (rc < 0)
        log_error("%s: %s", reader->path, error.text);
    return rc;
}
