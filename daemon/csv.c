#include "csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "log.h"

struct csv {
    struct unpack *source;
    FILE *stream;
    size_t line;      /* that is being read, from 1 */
    size_t row_line;  /* where the row begins */
    size_t n_columns; /* 0 until the header is read */
    char (*names)[SCHEMA_NAME_MAX];
    int *by_name;      /* column numbers, ordered by name */
    size_t n_twins;    /* columns that were renamed: another has their name */
    size_t twin;       /* the first of them */
    size_t empty_rows; /* skipped */
    size_t empty_line; /* of the first */
    size_t n_fields;
    char *fields[SCHEMA_COLUMNS_MAX]; /* into row */
    size_t size;                      /* bytes of row that are used */
    char row[CSV_ROW_MAX];
};

/* What a bad row is told by: its line, and the column that is being read. */
static int row_fail(const struct csv *csv, const char *what, struct da3d_error *error)
{
    size_t column = csv->n_fields > 0 ? csv->n_fields - 1 : 0;

    if (column < csv->n_columns)
        return da3d_fail(error, "line %zu, column '%s': %s", csv->line, csv->names[column], what);
    return da3d_fail(error, "line %zu, column %zu: %s", csv->line, column + 1, what);
}

static int begin_field(struct csv *csv, struct da3d_error *error)
{
    size_t most = csv->n_columns > 0 ? csv->n_columns : SCHEMA_COLUMNS_MAX;

    if (csv->n_fields == most)
        return da3d_fail(error, "line %zu: more than %zu fields", csv->line, most);
    if (csv->size == sizeof csv->row)
        return row_fail(csv, "the row is too long", error);
    csv->fields[csv->n_fields++] = csv->row + csv->size;
    return 0;
}

static int put(struct csv *csv, int c, struct da3d_error *error)
{
    if (c == '\0')
        return row_fail(csv, "a zero byte: not text", error);
    if (csv->size >= sizeof csv->row - 1)
        return row_fail(csv, "the row is too long", error);
    if (csv->row + csv->size - csv->fields[csv->n_fields - 1] >= CSV_FIELD_MAX)
        return row_fail(csv, "the field is too long", error);
    csv->row[csv->size++] = (char)c;
    return 0;
}

/* A line end counts as one character, '\n', whether CR stands before it or not. */
static int next_char(struct csv *csv)
{
    int c = getc_unlocked(csv->stream), ahead;

    if (c != '\r')
        return c;
    ahead = getc_unlocked(csv->stream);
    if (ahead == '\n')
        return ahead;
    ungetc(ahead, csv->stream);
    return c;
}

/* A header with another separator than the comma. separator: '\t' or ';'. Returns -1. */
static int separator_fail(int separator, struct da3d_error *error)
{
    return da3d_fail(error, "line 1: looks %s-separated: da3dd reads commas (RFC 4180)",
                     separator == '\t' ? "tab" : "semicolon");
}

/* The field behind an opening quote. Returns the character that ends it, or -2 with *error. */
static int read_quoted(struct csv *csv, struct da3d_error *error)
{
    int c;

    while ((c = next_char(csv)) != EOF) {
        if (c == '"') {
            c = next_char(csv);
            if (c == ',' || c == '\n' || c == EOF)
                return c;
            if (c != '"') {
                if (csv->n_columns == 0 && (c == '\t' || c == ';'))
                    separator_fail(c, error);
                else
                    row_fail(csv, "text behind a closing quote", error);
                return -2;
            }
        }
        csv->line += c == '\n';
        if (put(csv, c, error) < 0)
            return -2;
    }
    da3d_fail(error, "line %zu: a quote is not closed up to the end of the file", csv->row_line);
    return -2;
}

/* Returns the character that ends the field: ',', '\n' or EOF; or -2 with *error. */
static int read_field(struct csv *csv, struct da3d_error *error)
{
    int c;

    if (begin_field(csv, error) < 0)
        return -2;
    c = next_char(csv);
    if (c == '"') {
        c = read_quoted(csv, error);
    } else {
        for (; c != ',' && c != '\n' && c != EOF; c = next_char(csv)) {
            if (c == '"') {
                row_fail(csv, "a quote inside a field that is not quoted", error);
                return -2;
            }
            if (put(csv, c, error) < 0)
                return -2;
        }
    }
    if (c != -2)
        csv->row[csv->size++] = '\0'; /* put() leaves room for it */
    return c;
}

/* Returns 1 and the row in fields, 0 at the end, or -1 with *error. */
static int read_row(struct csv *csv, struct da3d_error *error)
{
    int end;

    do {
        csv->row_line = csv->line;
        csv->n_fields = 0;
        csv->size = 0;
        while ((end = read_field(csv, error)) == ',')
            ;
        if (end == -2)
            return -1;
        csv->line += end == '\n';
    } while (end == '\n' && csv->n_fields == 1 && csv->size == 1);
    if (ferror(csv->stream))
        return da3d_fail(error, "line %zu: %s", csv->line, strerror(errno));
    return end != EOF || csv->n_fields > 1 || csv->size > 1;
}

/* Is it, from a backslash on, a byte that is escaped already? */
static bool is_escape(const char *text)
{
    return text[0] == '\\' && text[1] == 'x' && strspn(text + 2, "0123456789abcdef") >= 2;
}

static bool is_plain(const char *text)
{
    unsigned char c = (unsigned char)*text;

    return c >= 0x20 && c < 0x7f && (c != '\\' || is_escape(text));
}

int csv_escape(const char *text, char *out, size_t size)
{
    const char *end;
    size_t n = 0;

    text += strspn(text, " \t");
    for (end = text + strlen(text); end > text && (end[-1] == ' ' || end[-1] == '\t');)
        end--;
    for (; text < end; text++) {
        bool plain = is_plain(text);

        if (n + (plain ? 1 : 4) >= size)
            break;
        n += (size_t)snprintf(out + n, size - n, plain ? "%c" : "\\x%02x", (unsigned char)*text);
    }
    out[n] = '\0';
    return text < end ? -1 : 0;
}

/* Equal names stay in the columns' order. */
static int compare_names(const void *a, const void *b, void *names)
{
    const int *x = a, *y = b;
    char(*of)[SCHEMA_NAME_MAX] = names;
    int order = strcmp(of[*x], of[*y]);

    return order ? order : *x - *y;
}

static void sort_names(struct csv *csv)
{
    qsort_r(csv->by_name, csv->n_columns, sizeof *csv->by_name, compare_names, csv->names);
}

/* Writes names in which all but the first column of a name have ".1", ".2" and so on behind it, as
 * pandas calls them, past those that are taken. Two names with an ending each are never equal. */
static int name_twins(struct csv *csv, char (*names)[SCHEMA_NAME_MAX], struct da3d_error *error)
{
    size_t ending = 0;

    memcpy(names, csv->names, csv->n_columns * sizeof *names);
    for (size_t i = 1; i < csv->n_columns; i++) {
        const size_t column = (size_t)csv->by_name[i];
        const char *name = csv->names[column];

        if (strcmp(csv->names[csv->by_name[i - 1]], name) != 0) {
            ending = 0;
            continue;
        }
        do {
            if (snprintf(names[column], sizeof *names, "%s.%zu", name, ++ending) >= SCHEMA_NAME_MAX)
                return da3d_fail(error, "line 1: two columns are named '%s'", name);
        } while (csv_find(csv, names[column]) >= 0);
        if (csv->n_twins++ == 0)
            csv->twin = column;
    }
    return 0;
}

static int order_names(struct csv *csv, struct da3d_error *error)
{
    char(*names)[SCHEMA_NAME_MAX] = calloc(csv->n_columns, sizeof *names);

    csv->by_name = calloc(csv->n_columns, sizeof *csv->by_name);
    if (!names || !csv->by_name) {
        free(names);
        return da3d_fail(error, "%s", strerror(errno));
    }
    for (size_t i = 0; i < csv->n_columns; i++)
        csv->by_name[i] = (int)i;
    sort_names(csv);
    if (name_twins(csv, names, error) < 0) {
        free(names);
        return -1;
    }
    free(csv->names);
    csv->names = names;
    sort_names(csv);
    return 0;
}

/* A header of one field that other separators stand in is not of commas. Returns 0 or -1. */
static int check_separator(const struct csv *csv, struct da3d_error *error)
{
    const char *first = csv->fields[0];
    const char *separator = csv->n_fields == 1 ? strpbrk(first, "\t;") : NULL;

    if (strncmp(first, "#separator", strlen("#separator")) == 0)
        return da3d_fail(error,
                         "line 1: looks like a tab-separated log of Zeek (#separator): da3dd "
                         "reads commas (RFC 4180)");
    return separator ? separator_fail(*separator, error) : 0;
}

static int take_names(struct csv *csv, struct da3d_error *error)
{
    size_t numbers = 0;
    double number;

    if (check_separator(csv, error) < 0)
        return -1;
    csv->names = calloc(csv->n_fields, sizeof *csv->names);
    if (!csv->names)
        return da3d_fail(error, "%s", strerror(errno));
    for (size_t i = 0; i < csv->n_fields; i++) {
        if (csv_escape(csv->fields[i], csv->names[i], sizeof *csv->names) < 0)
            return da3d_fail(error, "line 1: column %zu: '%s...' is too long a name", i + 1,
                             csv->names[i]);
        if (!*csv->names[i])
            return da3d_fail(error, "line 1: column %zu has no name", i + 1);
        numbers += cell_parse(csv->names[i], &number) == CELL_NUMBER;
    }
    if (numbers == csv->n_fields)
        return da3d_fail(error, "line 1: column names are expected, and all are numbers");
    csv->n_columns = csv->n_fields;
    return order_names(csv, error);
}

static void skip_mark(struct csv *csv)
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};

    if (unpack_begins(csv->source, mark, sizeof mark))
        for (size_t i = 0; i < sizeof mark; i++)
            getc_unlocked(csv->stream);
}

static int read_header(struct csv *csv, struct da3d_error *error)
{
    int rc;

    skip_mark(csv);
    rc = read_row(csv, error);
    if (rc == 0)
        return da3d_fail(error, "line 1: a header with the columns' names is expected");
    if (rc < 0)
        return -1;
    return take_names(csv, error);
}

struct csv *csv_open(struct unpack *source, struct da3d_error *error)
{
    struct csv *csv = calloc(1, sizeof *csv);

    if (!csv) {
        unpack_close(source);
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    csv->source = source;
    csv->line = 1;
    if (unpack_is_capture(source)) {
        da3d_fail(error, "a capture, where a table is expected");
        csv_close(csv);
        return NULL;
    }
    csv->stream = unpack_stream(source);
    if (read_header(csv, error) < 0) {
        csv_close(csv);
        return NULL;
    }
    return csv;
}

void csv_close(struct csv *csv)
{
    if (!csv)
        return;
    if (csv->stream)
        fclose(csv->stream);
    unpack_close(csv->source);
    free(csv->names);
    free(csv->by_name);
    free(csv);
}

size_t csv_n_columns(const struct csv *csv)
{
    return csv->n_columns;
}

const char *csv_name(const struct csv *csv, size_t column)
{
    return csv->names[column];
}

int csv_find(const struct csv *csv, const char *name)
{
    size_t low = 0, high = csv->n_columns;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(csv->names[csv->by_name[middle]], name);

        if (order == 0)
            return csv->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static bool row_is_empty(const struct csv *csv)
{
    for (size_t i = 0; i < csv->n_fields; i++)
        if (!cell_is_empty(csv->fields[i]))
            return false;
    return true;
}

/* Returns 1, 0 where the row is to be skipped, or -1 with *error. */
static int check_row(struct csv *csv, struct da3d_error *error)
{
    if (csv->n_fields < csv->n_columns)
        return da3d_fail(error, "line %zu: %zu fields, and the header has %zu", csv->row_line,
                         csv->n_fields, csv->n_columns);
    if (!row_is_empty(csv))
        return 1;
    if (csv->empty_rows++ == 0)
        csv->empty_line = csv->row_line;
    return 0;
}

int csv_next(struct csv *csv, char *const **fields, struct da3d_error *error)
{
    int rc;

    do {
        rc = read_row(csv, error);
        if (rc == 0)
            return unpack_end(csv->source, error);
        if (rc > 0)
            rc = check_row(csv, error);
    } while (rc == 0);
    *fields = csv->fields;
    return rc;
}

void csv_warn(const struct csv *csv, const char *path)
{
    if (csv->n_twins > 0)
        log_warning("%s: %zu columns have another's name, the first is read as '%s'", path,
                    csv->n_twins, csv->names[csv->twin]);
    if (csv->empty_rows > 0)
        log_warning("%s: %zu rows of empty cells skipped, the first on line %zu", path,
                    csv->empty_rows, csv->empty_line);
}

size_t csv_line(const struct csv *csv)
{
    return csv->row_line;
}

int csv_fail(const struct csv *csv, size_t column, const char *field, const char *what,
             struct da3d_error *error)
{
    char shown[64];
    const char *more = csv_escape(field, shown, sizeof shown) < 0 ? "..." : "";

    return da3d_fail(error, "line %zu, column '%s': '%s%s' %s", csv->row_line, csv->names[column],
                     shown, more, what);
}
