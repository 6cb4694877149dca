/* general_options.h - the options that say with what, and how, a mode does its work. */
#ifndef DAEMON_GENERAL_OPTIONS_H
#define DAEMON_GENERAL_OPTIONS_H

#include "cli.h"
#include "option.h"

/* The i-th, NULL past the last. */
const struct option_text *general_option_text(size_t i);

/* Where the i-th does something: an enum mode_set. What cli_check() tells in words of its own is
 * said to do so everywhere. */
int general_option_modes(size_t i);

/* Follows the i-th option. Returns 0, or -1 (already reported). */
int general_option_take(struct options *options, size_t i, const char *value);

#endif
