/* table_column.h - what the cells of a table tell of a column that a model may learn from. */
#ifndef DAEMON_TABLE_COLUMN_H
#define DAEMON_TABLE_COLUMN_H

#include <stdbool.h>

#include "categories.h"
#include "cell.h"

/* Zero-initialised, but for its name and the first four, has seen no cell. */
struct table_column {
    char name[SCHEMA_NAME_MAX];
    bool read;                           /* neither label nor dropped */
    bool numeric, categorical, identity; /* as the options say; none of them: by its cells */
    bool text;                           /* in some cell */
    bool varies;                         /* two cells hold different numbers */
    size_t numbers, missing, infinite;   /* cells */
    double number;                       /* the first */
    struct categories values; /* of a categorical column, filled by whoever has its cells */
};

/* Takes in a cell. number: of CELL_NUMBER. */
void table_column_see(struct table_column *column, enum cell kind, double number);

bool table_column_is_categorical(const struct table_column *column);

/* Are its words mostly different, as flow identifiers and time stamps are, though no option says
 * that they are categories? Nothing can be learned of them, and each would be an input.
 * rows: the cells that it saw. */
bool table_column_is_identifier(const struct table_column *column, size_t rows);

/* Is it an input? */
bool table_column_is_input(const struct table_column *column, size_t rows);

/* Warns of columns that are left out, that never change, that hold infinite numbers. */
void table_columns_warn(const struct table_column *columns, size_t n, size_t rows);

/* Does any of the inputs hold something else in one row than in another? */
bool table_columns_vary(const struct table_column *columns, size_t n, size_t rows);

#endif
