/* cli_check.h - which options go together. */
#ifndef DAEMON_CLI_CHECK_H
#define DAEMON_CLI_CHECK_H

#include "cli.h"

/* Returns 0, or -1 (already reported). */
int cli_check(const struct options *options);

#endif
