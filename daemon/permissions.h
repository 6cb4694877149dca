/* permissions.h - who may use a file or socket that the service makes. */
#ifndef DAEMON_PERMISSIONS_H
#define DAEMON_PERMISSIONS_H

#include <sys/types.h>

#include "core/error.h"

struct permissions {
    mode_t mode;
    gid_t gid; /* (gid_t)-1: the process's */
};

/* group: its name or NULL. Returns 0, or -1 with *error if there is no such group. */
int permissions_init(struct permissions *out, unsigned mode, const char *group,
                     struct da3d_error *error);

/* Returns 0, or -1 with *error, which names path. */
int permissions_apply(const struct permissions *permissions, const char *path,
                      struct da3d_error *error);

#endif
