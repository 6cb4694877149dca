/* unix_listener.h - a listening UNIX stream socket at a path. */
#ifndef DAEMON_UNIX_LISTENER_H
#define DAEMON_UNIX_LISTENER_H

#include <sys/un.h>

#include "permissions.h"

struct unix_listener {
    int fd; /* non-blocking; -1: none */
    char path[sizeof(
        ((struct sockaddr_un *)NULL)->sun_path)]; /* "": inherited, not ours to remove */
    dev_t dev;                                    /* of the socket at path */
    ino_t ino;
};

/* Binds beside path and renames: at any moment path is what it was, or a socket that listens with
 * its permissions. A socket that nobody listens on is replaced, anything else is refused.
 * Returns 0, or -1 with *error, which names path. */
int unix_listener_open(struct unix_listener *out, const char *path,
                       const struct permissions *permissions, struct da3d_error *error);

/* A socket that listens already; taken over, also on failure. Returns 0, or -1 with *error. */
int unix_listener_inherit(struct unix_listener *out, int fd, struct da3d_error *error);

/* Removes path, unless it is another's socket by now. */
void unix_listener_close(struct unix_listener *listener);

/* Returns a non-blocking socket, the caller's, or -1 with errno (EAGAIN: nobody waits). */
int unix_listener_accept(const struct unix_listener *listener);

#endif
