/* mode_options.h - the options that say what is done, and on what. */
#ifndef DAEMON_MODE_OPTIONS_H
#define DAEMON_MODE_OPTIONS_H

#include "cli.h"
#include "option.h"

/* The i-th, NULL past the last. */
const struct option_text *mode_option_text(size_t i);

/* How the mode is asked for, for messages. */
const char *mode_option_name(enum mode mode);

/* Follows the i-th option. Returns 0, or -1 (already reported). */
int mode_option_take(struct options *options, size_t i, const char *value);

/* Adds an input. Returns 0, or -1 (already reported). */
int mode_options_input(struct options *options, const char *path);

#endif
