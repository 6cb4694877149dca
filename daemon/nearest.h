/* nearest.h - the name that someone may have meant. */
#ifndef DAEMON_NEAREST_H
#define DAEMON_NEAREST_H

#include "csv.h"

/* Returns -1 after `there is no column 'name'`, with the most similar one's name if there is one
 * that differs in at most two characters, or a third of them, case aside. */
int nearest_fail(const struct csv *csv, const char *name, struct da3d_error *error);

#endif
