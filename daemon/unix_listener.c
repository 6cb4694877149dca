#include "unix_listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAITING_MAX = 64 };

static int fail(const char *path, const char *reason, struct da3d_error *error)
{
    return da3d_fail(error, "%s: %s", path, reason);
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* suffix: to the path. Returns 0, or -1 if it is too long. */
static int address_of(struct sockaddr_un *out, const char *path, const char *suffix)
{
    int length;

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    length = snprintf(out->sun_path, sizeof out->sun_path, "%s%s", path, suffix);
    return length > 0 && (size_t)length < sizeof out->sun_path ? 0 : -1;
}

/* Returns 0 if nobody listens there, or an errno: 0 of a connection is EADDRINUSE. */
static int probe(const struct sockaddr_un *address)
{
    int fd = new_socket();
    int reason;

    if (fd < 0)
        return errno;
    reason = connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 ? errno : 0;
    close(fd);
    if (reason == 0 || reason == EAGAIN)
        return EADDRINUSE;
    return reason == ECONNREFUSED || reason == ENOENT ? 0 : reason;
}

/* May a new socket take path? */
static int check_free(const struct sockaddr_un *address, struct da3d_error *error)
{
    struct stat status;
    int reason;

    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : fail(address->sun_path, strerror(errno), error);
    if (!S_ISSOCK(status.st_mode))
        return fail(address->sun_path, "exists and is not a socket", error);
    reason = probe(address);
    if (reason == EADDRINUSE)
        return fail(address->sun_path, "another process listens on this socket", error);
    return reason == 0 ? 0 : fail(address->sun_path, strerror(reason), error);
}

/* The socket at address, with its permissions before it can be connected to. */
static int bind_and_listen(int fd, const struct sockaddr_un *address,
                           const struct permissions *permissions, struct da3d_error *error)
{
    unlink(address->sun_path); /* left by a process that was killed here */
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) < 0)
        return fail(address->sun_path, strerror(errno), error);
    if (permissions_apply(permissions, address->sun_path, error) < 0)
        return -1;
    if (listen(fd, WAITING_MAX) < 0)
        return fail(address->sun_path, strerror(errno), error);
    return 0;
}

static int move_into_place(struct unix_listener *listener, const struct sockaddr_un *from,
                           const struct sockaddr_un *to, struct da3d_error *error)
{
    struct stat status;

    if (stat(from->sun_path, &status) < 0 || rename(from->sun_path, to->sun_path) < 0)
        return fail(to->sun_path, strerror(errno), error);
    listener->dev = status.st_dev;
    listener->ino = status.st_ino;
    strcpy(listener->path, to->sun_path);
    return 0;
}

int unix_listener_open(struct unix_listener *out, const char *path,
                       const struct permissions *permissions, struct da3d_error *error)
{
    struct sockaddr_un address, beside;

    *out = (struct unix_listener){.fd = -1};
    if (address_of(&address, path, "") < 0 || address_of(&beside, path, ".new") < 0)
        return fail(path, "too long for a socket's path", error);
    if (check_free(&address, error) < 0)
        return -1;
    out->fd = new_socket();
    if (out->fd < 0)
        return fail(path, strerror(errno), error);
    if (bind_and_listen(out->fd, &beside, permissions, error) < 0 ||
        move_into_place(out, &beside, &address, error) < 0) {
        unlink(beside.sun_path);
        unix_listener_close(out);
        return -1;
    }
    return 0;
}

int unix_listener_inherit(struct unix_listener *out, int fd, struct da3d_error *error)
{
    int flags = fcntl(fd, F_GETFL);

    *out = (struct unix_listener){.fd = fd};
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return da3d_fail(error, "inherited socket: %s", strerror(errno));
    return 0;
}

static bool path_is_ours(const struct unix_listener *listener)
{
    struct stat status;

    return listener->path[0] && lstat(listener->path, &status) == 0 &&
           status.st_dev == listener->dev && status.st_ino == listener->ino;
}

void unix_listener_close(struct unix_listener *listener)
{
    if (path_is_ours(listener))
        unlink(listener->path);
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
}

int unix_listener_accept(const struct unix_listener *listener)
{
    return accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
