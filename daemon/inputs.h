/* inputs.h - the files that a command line names, directories walked. */
#ifndef DAEMON_INPUTS_H
#define DAEMON_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct input {
    char *path;
    bool named; /* by the user; false: found in a directory, where other files may lie too */
};

struct inputs {
    struct input *items;
    size_t n;
};

/* Adds path ("-" is standard input); a directory adds the regular files below it, ordered by name.
 * Returns 0, or -1 with *error (missing, unreadable directory, out of memory). */
int inputs_add(struct inputs *inputs, const char *path, struct da3d_error *error);
void inputs_clear(struct inputs *inputs);

#endif
