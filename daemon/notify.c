#include "notify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_MS = 10000, STATUS_SIZE = 256 };

struct notify {
    struct notify_source source;
    struct loop_watch *watchdog, *status; /* NULL: not asked for */
};

static void on_watchdog(void *ctx)
{
    const struct notify *notify = ctx;

    if (notify->source.alive(notify->source.ctx))
        sd_notify(0, "WATCHDOG=1");
}

/* before: assignments that go with it, each with its newline. */
static void tell_status(const struct notify *notify, const char *before)
{
    char status[STATUS_SIZE];

    notify->source.status(notify->source.ctx, status, sizeof status);
    sd_notifyf(0, "%sSTATUS=%s", before, status);
}

static void on_status(void *ctx)
{
    tell_status(ctx, "");
}

/* Twice as often as it must be fed. */
static int start_watchdog(struct notify *notify, struct loop *loop)
{
    const unsigned max_ms = 3600 * 1000;
    uint64_t usec, half_ms;

    if (sd_watchdog_enabled(0, &usec) <= 0)
        return 0;
    half_ms = usec / 2000;
    half_ms = half_ms < 1 ? 1 : half_ms > max_ms ? max_ms : half_ms;
    notify->watchdog = loop_timer(loop, (unsigned)half_ms, on_watchdog, notify);
    return notify->watchdog ? 0 : -1;
}

static int start_status(struct notify *notify, struct loop *loop)
{
    if (!getenv("NOTIFY_SOCKET"))
        return 0;
    notify->status = loop_timer(loop, STATUS_MS, on_status, notify);
    return notify->status ? 0 : -1;
}

struct notify *notify_new(struct loop *loop, const struct notify_source *source)
{
    struct notify *notify = calloc(1, sizeof *notify);

    if (!notify)
        return NULL;
    notify->source = *source;
    if (start_watchdog(notify, loop) < 0 || start_status(notify, loop) < 0) {
        notify_free(notify);
        return NULL;
    }
    return notify;
}

void notify_free(struct notify *notify)
{
    if (!notify)
        return;
    loop_unwatch(notify->watchdog);
    loop_unwatch(notify->status);
    free(notify);
}

bool notify_managed(void)
{
    return getppid() == 1 && getenv("INVOCATION_ID");
}

void notify_ready(const struct notify *notify)
{
    tell_status(notify, "READY=1\n");
}

/* The stamp tells this reload from an earlier one (systemd 253 and later: Type=notify-reload). */
void notify_reloading(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
               (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000);
}

void notify_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

int notify_inherited(const char *path)
{
    int n = sd_listen_fds(0);

    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++)
        if (sd_is_socket_unix(fd, SOCK_STREAM, 1, path, 0) > 0)
            return fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return -1;
}

int notify_inherited_named(const char *name)
{
    char **names = NULL;
    int n = sd_listen_fds_with_names(0, &names);
    int found = -1;

    for (int i = 0; i < n; i++) {
        const int fd = SD_LISTEN_FDS_START + i;

        if (found < 0 && strcmp(names[i], name) == 0 &&
            sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0)
            found = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        free(names[i]);
    }
    free(names);
    return found;
}
