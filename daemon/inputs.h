/* inputs.h - the files that a command line names, directories walked. */
#ifndef DAEMON_INPUTS_H
#define DAEMON_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "unpack.h"

struct input {
    char *path;
    bool named; /* by the user; false: found in a directory, where other files may lie too */
    struct unpack *opened; /* by whoever looked at its content first; NULL: not yet; owned */
};

struct inputs {
    struct input *items;
    size_t n;
};

/* Adds path ("-" is standard input); a directory adds the regular files below it, ordered by name.
 * Returns 0, or -1 with *error (missing, unreadable directory, out of memory). */
int inputs_add(struct inputs *inputs, const char *path, struct da3d_error *error);
/* Opens it, or hands over what is open already. Returns the caller's, or NULL with *error. */
struct unpack *input_open(struct input *input, struct da3d_error *error);

/* Does it hold a capture? Leaves it open. Returns 1 or 0, or -1 with *error. */
int input_is_capture(struct input *input, struct da3d_error *error);

/* Is it a spool? Leaves it open. Returns 1 or 0, or -1 with *error. */
int input_is_spool(struct input *input, struct da3d_error *error);

/* Does it hold images? Leaves it open. Returns 1 or 0, or -1 with *error. */
int input_is_images(struct input *input, struct da3d_error *error);

void inputs_clear(struct inputs *inputs);

#endif
