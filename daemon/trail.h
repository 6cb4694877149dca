/* trail.h - the models that went live, one after the other, in a file of one name a line. */
#ifndef DAEMON_TRAIL_H
#define DAEMON_TRAIL_H

#include <stddef.h>

#include "core/error.h"
#include "model_name.h"

enum { TRAIL_MAX = 64 };

struct trail {
    char name[TRAIL_MAX][MODEL_NAME]; /* oldest first */
    size_t n;
};

/* The oldest gives way where there is no room. */
void trail_add(struct trail *trail, const char *name);

/* Forgets what is behind the live model; all, where that was put there by hand. */
void trail_cut(struct trail *trail, const char live[MODEL_NAME_DIGEST]);

/* Without a file it is empty; lines that are no names are passed over. */
void trail_read(const char *path, struct trail *trail);

/* Returns 0, or -1 with *error. */
int trail_write(const char *path, const struct trail *trail, struct da3d_error *error);

#endif
