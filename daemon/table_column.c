#include "table_column.h"

#include <stdio.h>
#include <string.h>

#include "features/set.h"
#include "log.h"

/* More words than this, and in more than half of the rows another, are identifiers. */
enum { IDENTIFIERS_MIN = 100 };

void table_column_see(struct table_column *column, enum cell kind, double number)
{
    column->text = column->text || kind == CELL_TEXT;
    column->missing += kind == CELL_MISSING;
    column->infinite += kind == CELL_INFINITE;
    if (kind != CELL_NUMBER)
        return;
    if (column->numbers++ == 0)
        column->number = number;
    column->varies = column->varies || number != column->number;
}

bool table_column_is_categorical(const struct table_column *column)
{
    return column->categorical || (column->text && !column->numeric && !column->identity);
}

bool table_column_is_identifier(const struct table_column *column, size_t rows)
{
    const size_t values = column->values.n;

    return !column->categorical && values > IDENTIFIERS_MIN && values > rows / 2;
}

bool table_column_is_input(const struct table_column *column, size_t rows)
{
    return column->read && !table_column_is_identifier(column, rows);
}

/* An infinite number counts as a missing one. Of an identity networks see nothing. */
static bool varies(const struct table_column *column, size_t rows)
{
    bool categorical = table_column_is_categorical(column);
    size_t missing = column->missing + (categorical ? 0 : column->infinite);

    if (column->identity)
        return false;
    return (missing > 0 && missing < rows) || (categorical ? column->values.n > 1 : column->varies);
}

/* One warning that names, as far as they fit, the inputs that never change. */
static void warn_of_constants(const struct table_column *columns, size_t n, size_t rows)
{
    char names[512] = "";
    size_t length = 0;

    for (size_t i = 0; i < n && length < sizeof names; i++)
        if (table_column_is_input(&columns[i], rows) && !columns[i].identity &&
            !varies(&columns[i], rows))
            length += (size_t)snprintf(names + length, sizeof names - length, "%s'%s'",
                                       length > 0 ? ", " : "", columns[i].name);
    if (length > 0)
        log_warning("columns that are the same, or missing, in every normal row: %s", names);
}

/* Does --extract write an identity under that name? */
static bool is_identity_of_flows(const char *name)
{
    for (const struct feature_set *const *set = feature_sets(); *set; set++)
        for (size_t i = 0; i < (*set)->n_columns; i++)
            if ((*set)->columns[i].identity && strcmp((*set)->columns[i].name, name) == 0)
                return true;
    return false;
}

/* By its cells, as the options do not say: it is a number like others. */
static bool is_identity_unawares(const struct table_column *column)
{
    return column->read && !column->identity && !column->numeric && !column->categorical &&
           is_identity_of_flows(column->name);
}

void table_columns_warn(const struct table_column *columns, size_t n, size_t rows)
{
    for (size_t i = 0; i < n; i++) {
        const struct table_column *column = &columns[i];

        if (column->read && table_column_is_identifier(column, rows))
            log_warning("column '%s': %zu different values in %zu rows, as identifiers have: left "
                        "out (--categorical '%s' keeps it)",
                        column->name, column->values.n, rows, column->name);
        if (is_identity_unawares(column))
            log_warning(
                "column '%s' is learned as a number: --identity '%s' makes it one that says "
                "who",
                column->name, column->name);
        if (column->infinite > 0 && !column->identity && !table_column_is_categorical(column))
            log_warning("column '%s': %zu cells infinite, taken as missing", column->name,
                        column->infinite);
    }
    warn_of_constants(columns, n, rows);
}

bool table_columns_vary(const struct table_column *columns, size_t n, size_t rows)
{
    for (size_t i = 0; i < n; i++)
        if (table_column_is_input(&columns[i], rows) && varies(&columns[i], rows))
            return true;
    return false;
}
