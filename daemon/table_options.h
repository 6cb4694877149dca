/* table_options.h - what a command line says of tables' columns: struct table_options. */
#ifndef DAEMON_TABLE_OPTIONS_H
#define DAEMON_TABLE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "option.h"
#include "table.h"

/* The i-th, NULL past the last. */
const struct option_text *table_option_text(size_t i);

/* Does it say what the columns are as inputs, which --train alone asks? */
bool table_options_of_inputs(const struct table_options *table);

/* Keeps the value, borrowed, of the i-th option. */
void table_option_set(struct table_options *table, size_t i, const char *value);

#endif
