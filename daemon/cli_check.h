/* cli_check.h - which options go together. */
#ifndef DAEMON_CLI_CHECK_H
#define DAEMON_CLI_CHECK_H

#include "cli.h"

/* Do they say something of captures: a filter, or how packets become flows? */
bool cli_check_flows(const struct options *options);

/* Returns 0, or -1 (already reported). */
int cli_check(const struct options *options);

#endif
