#include "csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "csv_header.h"
#include "log.h"

struct csv {
    struct unpack *source;
    FILE *stream;
    size_t line;              /* that is being read, from 1 */
    size_t row_line;          /* where the row begins */
    struct csv_header header; /* empty until it is read */
    size_t empty_rows;        /* skipped */
    size_t empty_line;        /* of the first */
    size_t n_fields;
    char *fields[SCHEMA_COLUMNS_MAX]; /* into row */
    size_t size;                      /* bytes of row that are used */
    char row[CSV_ROW_MAX];
};

/* What a bad row is told by: its line, and the column that is being read. */
static int row_fail(const struct csv *csv, const char *what, struct da3d_error *error)
{
    size_t column = csv->n_fields > 0 ? csv->n_fields - 1 : 0;

    if (column < csv->header.n)
        return da3d_fail(error, "line %zu, column '%s': %s", csv->line, csv->header.names[column],
                         what);
    return da3d_fail(error, "line %zu, column %zu: %s", csv->line, column + 1, what);
}

static int begin_field(struct csv *csv, struct da3d_error *error)
{
    size_t most = csv->header.n > 0 ? csv->header.n : SCHEMA_COLUMNS_MAX;

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
                if (csv->header.n == 0 && (c == '\t' || c == ';'))
                    csv_header_fail(c, error);
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
    return csv_header_init(&csv->header, csv->fields, csv->n_fields, error);
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
    csv_header_clear(&csv->header);
    free(csv);
}

size_t csv_n_columns(const struct csv *csv)
{
    return csv->header.n;
}

const char *csv_name(const struct csv *csv, size_t column)
{
    return csv->header.names[column];
}

int csv_find(const struct csv *csv, const char *name)
{
    return csv_header_find(&csv->header, name);
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
    if (csv->n_fields < csv->header.n)
        return da3d_fail(error, "line %zu: %zu fields, and the header has %zu", csv->row_line,
                         csv->n_fields, csv->header.n);
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
    if (csv->header.n_twins > 0)
        log_warning("%s: %zu columns have another's name, the first is read as '%s'", path,
                    csv->header.n_twins, csv->header.names[csv->header.twin]);
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

    return da3d_fail(error, "line %zu, column '%s': '%s%s' %s", csv->row_line,
                     csv->header.names[column], shown, more, what);
}
