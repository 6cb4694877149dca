/* table.h - flow records in CSV files as rows of numbers.
 *
 * A numeric column holds numbers; a categorical one words, each row's being the index of its
 * category in the schema; an identity whom cell_identity() says. What cells count as missing:
 * cell.h. An infinite number counts as missing too, but for a column that had neither in training:
 * there it is infinite. */
#ifndef DAEMON_TABLE_H
#define DAEMON_TABLE_H

#include "core/da3d.h"
#include "inputs.h"

/* The feature set's name in models that were trained on tables. */
extern const char table_set[];

/* What a command line says of columns; lists are separated by commas; NULL: not given. */
struct table_options {
    const char *label;       /* column that holds labels, never an input */
    const char *normal;      /* list of labels of normal rows */
    const char *numeric;     /* list of columns that are numeric */
    const char *categorical; /* list of columns that are categorical */
    const char *identity;    /* list of columns that are identities */
    const char *drop;        /* list of columns that are no inputs */
};

/* Is a row with this label, as csv_escape() writes it, normal? By default if it says 0, normal or
 * benign, in any case, also with a full stop behind it as in KDD'99. */
bool table_is_normal(const struct table_options *options, const char *label);

/* Normal rows to learn from. */
struct table {
    struct schema schema; /* owned */
    double *values;       /* (n, schema.n_columns); owned */
    size_t n;
};

/* Reads all inputs, whose headers must be the same; chooses each column's kind where the options
 * do not; leaves out rows whose label is not normal. Returns 0, or -1 (already reported). */
int table_learn(struct table *table, const struct inputs *inputs,
                const struct table_options *options, bool quiet);
void table_clear(struct table *table);

struct table_reader;

/* Matches the columns of a schema by name. label: column that holds labels, or NULL.
 * Other columns are ignored, with a warning. Returns NULL (already reported). */
struct table_reader *table_open(struct input *input, const struct schema *schema,
                                const char *label);
void table_close(struct table_reader *reader);

/* x: room for the schema's columns. *label: valid until the next call, NULL without a label column.
 * Cells that are missing where none was in training, infinite, or no numbers where these are
 * expected are counted: table_close() warns once per column. Returns 1, 0 at the end, or -1
 * (already reported). */
int table_next(struct table_reader *reader, double *x, const char **label);

#endif
