/* csv.h - comma-separated tables as RFC 4180 has them, row by row.
 *
 * The first line names the columns. Fields may be quoted, and then hold commas, line ends and
 * doubled quotes; lines end in LF or CRLF; a UTF-8 byte order mark, empty lines and rows whose
 * cells are all empty are skipped.
 * Bounded: CSV_ROW_MAX bytes a row, CSV_FIELD_MAX a field, SCHEMA_COLUMNS_MAX columns. */
#ifndef DAEMON_CSV_H
#define DAEMON_CSV_H

#include <stddef.h>

#include "core/error.h"
#include "core/schema.h"
#include "unpack.h"

enum { CSV_ROW_MAX = 1 << 20, CSV_FIELD_MAX = 1 << 16 };

struct csv;

/* source: taken over, also on failure. Returns NULL with *error: a capture, no header, a header
 * without names, with nothing but numbers, or with another separator. */
struct csv *csv_open(struct unpack *source, struct da3d_error *error);
void csv_close(struct csv *csv);

/* The columns' names: blanks around them cut, escaped as csv_escape() does; of equal names the
 * second with .1 behind it, the third with .2 and so on. */
size_t csv_n_columns(const struct csv *csv);
const char *csv_name(const struct csv *csv, size_t column);

/* Index of the column of that name, -1 if there is none. */
int csv_find(const struct csv *csv, const char *name);

/* Reads a row. *fields: csv_n_columns() strings, valid until the next call.
 * Returns 1, 0 at the end, or -1 with *error, which names the line, and the column where it can. */
int csv_next(struct csv *csv, char *const **fields, struct da3d_error *error);

/* Warns, once each, of columns that were renamed and of rows that were skipped up to now.
 * path: the table's, for people. */
void csv_warn(const struct csv *csv, const char *path);

/* Line at which the row that was read last begins, from 1. */
size_t csv_line(const struct csv *csv);

/* Says what is wrong with a field of the row that was read last. Always returns -1. */
int csv_fail(const struct csv *csv, size_t column, const char *field, const char *what,
             struct da3d_error *error);

/* text without the blanks around it as printable ASCII: other bytes and the backslash as \xHH, but
 * for a backslash that begins such an escape: what is escaped stays as it is. What does not fit
 * into size is cut. Returns 0, or -1 if it was cut. */
int csv_escape(const char *text, char *out, size_t size);

#endif
