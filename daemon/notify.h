/* notify.h - what the service manager is told, and the sockets it hands over: sd_notify(3) and
 * sd_listen_fds_with_names(3). The only module that knows sd-daemon. Started by no manager, all of
 * it does nothing. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "loop.h"

struct notify;

struct notify_source {
    /* Has every thread got on since the last call? While one has not, the watchdog is not fed. */
    bool (*alive)(void *ctx);
    void (*status)(void *ctx, char *out, size_t size); /* one line for people */
    void *ctx;
};

/* Feeds the watchdog and tells the status from the loop's timers. Returns NULL with errno. */
struct notify *notify_new(struct loop *loop, const struct notify_source *source);
void notify_free(struct notify *notify); /* NULL-safe */

/* Is the process the main one of a unit of systemd's? */
bool notify_managed(void);

void notify_ready(const struct notify *notify); /* started, or reloaded; with the status */
void notify_reloading(void);                    /* until it is ready */
void notify_stopping(void);

/* Each gives a descriptor of a listening UNIX stream socket that the process was started with, the
 * caller's, or -1 if there is none: of that which listens at path; of that with this name, as in
 * FileDescriptorName= of systemd.socket(5). */
int notify_inherited(const char *path);
int notify_inherited_named(const char *name);

#endif
