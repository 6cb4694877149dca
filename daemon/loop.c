#include "loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct loop {
    struct event_base *base;
    struct loop_watch *watches;
};

struct loop_watch {
    struct loop *loop;
    struct loop_watch *next, **from;
    struct event *event;
    struct timeval interval; /* of a timer */
    bool timer;
    int wake_fd; /* an eventfd, owned; -1: not wakeable */
    loop_call *call;
    void *ctx;
};

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof *loop);

    if (!loop)
        return NULL;
    loop->base = event_base_new();
    if (!loop->base) {
        free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    struct loop_watch *next;

    if (!loop)
        return;
    for (struct loop_watch *watch = loop->watches; watch; watch = next) {
        next = watch->next;
        loop_unwatch(watch);
    }
    event_base_free(loop->base);
    free(loop);
}

int loop_run(struct loop *loop)
{
    return event_base_dispatch(loop->base) < 0 ? -1 : 0;
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
    struct loop_watch *watch = ctx;
    eventfd_t wakes;

    (void)fd;
    (void)what;
    if (watch->wake_fd >= 0)
        eventfd_read(watch->wake_fd, &wakes);
    watch->call(watch->ctx);
}

/* what: libevent's flags. Takes over wake_fd, also on failure. */
static struct loop_watch *watch_new(struct loop *loop, const struct loop_watch *like, int fd,
                                    short what)
{
    struct loop_watch *watch = malloc(sizeof *watch);

    if (watch) {
        *watch = *like;
        watch->loop = loop;
        watch->event = event_new(loop->base, fd, (short)(what | EV_PERSIST), on_event, watch);
    }
    if (!watch || !watch->event ||
        event_add(watch->event, watch->timer ? &watch->interval : NULL) < 0) {
        if (watch && watch->event)
            event_free(watch->event);
        if (like->wake_fd >= 0)
            close(like->wake_fd);
        free(watch);
        return NULL;
    }
    watch->next = loop->watches;
    watch->from = &loop->watches;
    if (watch->next)
        watch->next->from = &watch->next;
    loop->watches = watch;
    return watch;
}

struct loop_watch *loop_fd(struct loop *loop, int fd, enum loop_direction direction,
                           loop_call *call, void *ctx)
{
    return watch_new(loop, &(struct loop_watch){.wake_fd = -1, .call = call, .ctx = ctx}, fd,
                     direction == LOOP_READ ? EV_READ : EV_WRITE);
}

struct loop_watch *loop_timer(struct loop *loop, unsigned interval_ms, loop_call *call, void *ctx)
{
    struct loop_watch like = {.wake_fd = -1, .call = call, .ctx = ctx, .timer = true};

    like.interval.tv_sec = interval_ms / 1000;
    like.interval.tv_usec = (suseconds_t)(interval_ms % 1000) * 1000;
    return watch_new(loop, &like, -1, 0);
}

struct loop_watch *loop_signal(struct loop *loop, int signal, loop_call *call, void *ctx)
{
    return watch_new(loop, &(struct loop_watch){.wake_fd = -1, .call = call, .ctx = ctx}, signal,
                     EV_SIGNAL);
}

struct loop_watch *loop_wakeable(struct loop *loop, loop_call *call, void *ctx)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0)
        return NULL;
    return watch_new(loop, &(struct loop_watch){.wake_fd = fd, .call = call, .ctx = ctx}, fd,
                     EV_READ);
}

void loop_wake(struct loop_watch *watch)
{
    eventfd_write(watch->wake_fd, 1); /* fails only where wakes enough are waiting */
}

void loop_rest(struct loop_watch *watch, bool rest)
{
    if (rest)
        event_del(watch->event);
    else
        event_add(watch->event, watch->timer ? &watch->interval : NULL);
}

void loop_unwatch(struct loop_watch *watch)
{
    if (!watch)
        return;
    *watch->from = watch->next;
    if (watch->next)
        watch->next->from = watch->from;
    event_free(watch->event);
    if (watch->wake_fd >= 0)
        close(watch->wake_fd);
    free(watch);
}

const char *loop_library_version(void)
{
    return event_get_version();
}
