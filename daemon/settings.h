/* settings.h - the service's configuration as file and command line together give it, and what a
 * reload does to it. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include "cli.h"
#include "config.h"

/* Defaults, then the file, then the command line; checked as a whole. Returns 0 and *config, to be
 * cleared, or -1 with all faults logged, the first one also in *first, and nothing to clear. */
int settings_load(struct config *config, const struct options *options, struct da3d_error *first);

/* Is there what the service cannot do without: an interface and a model? Returns 0, or -1 with the
 * fault logged and in *error. */
int settings_check(const struct config *config, const struct options *options,
                   struct da3d_error *error);

/* Moves what a reload can apply from *fresh into *in_use, and logs what else has changed and
 * takes a restart. *fresh then holds the old values; it is still to be cleared. */
void settings_take_live(struct config *in_use, struct config *fresh);

#endif
