/* method_options.h - the options that shape a training run: struct da3d_config on the command line.
 */
#ifndef DAEMON_METHOD_OPTIONS_H
#define DAEMON_METHOD_OPTIONS_H

#include <stddef.h>

#include "core/da3d.h"
#include "option.h"

/* The i-th, NULL past the last. */
const struct option_text *method_option_text(size_t i);

/* Sets what the i-th option names. Numbers are finite; whether they are in range, and whether
 * options go together, the check of all tells. Both return 0, or -1 (already reported). */
int method_option_parse(struct da3d_config *config, size_t i, const char *value);
int method_options_check(const struct da3d_config *config);

#endif
