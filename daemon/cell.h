/* cell.h - what a cell of a table may hold. Pure functions. */
#ifndef DAEMON_CELL_H
#define DAEMON_CELL_H

#include <stdbool.h>

/* Blanks around a cell do not count.
 *   missing    empty, NaN, NA, N/A, null, none in any case, '?', and '-' as Zeek writes it
 *   number     decimal, as in 12, -0.5 or 1e-3: finite as a double
 *   infinite   inf or infinity in any case, with or without a sign; and a number beyond a double
 *   text       anything else, hexadecimal numbers too */
enum cell { CELL_MISSING, CELL_NUMBER, CELL_INFINITE, CELL_TEXT };

/* *number: set for CELL_NUMBER alone. */
enum cell cell_parse(const char *text, double *number);

/* Whom a cell names, as the schema's identities: a whole number from 0 to 2^53 - 1 names itself,
 * any other text a hash of it. */
double cell_identity(const char *text);

/* Nothing but blanks? */
bool cell_is_empty(const char *text);

#endif
