/* Events on a UNIX stream socket, to every process that connects, from its next event on. A reader
 * that is stuck or dead costs its own lines alone; they are counted. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "acceptor.h"
#include "backlog.h"
#include "clock.h"
#include "output.h"
#include "subscriber.h"
#include "unix_listener.h"

enum { READERS_MAX = 256 };

struct socket_output;

struct reader {
    struct subscriber subscriber;
    struct socket_output *output; /* NULL: this place is free */
    struct loop_watch *readable;
    struct loop_watch *writable; /* at rest while nothing waits */
};

struct socket_output {
    struct loop *loop;
    struct unix_listener listener;
    struct acceptor acceptor;
    struct backlog backlog;
    struct reader reader[READERS_MAX];
    size_t used; /* places that have ever been taken: the first ones */
    size_t n_readers;
    struct output_counts gone; /* of readers that are no more */
};

static void reader_clear(struct reader *reader)
{
    struct socket_output *output = reader->output;

    output->gone.written += reader->subscriber.written;
    output->gone.dropped +=
        reader->subscriber.dropped + subscriber_lag(&reader->subscriber, &output->backlog);
    loop_unwatch(reader->readable);
    loop_unwatch(reader->writable);
    subscriber_clear(&reader->subscriber);
    *reader = (struct reader){0};
    output->n_readers--;
}

/* Lines that wait for it; 0 for a free place. */
static uint64_t reader_lag(const struct reader *reader)
{
    return reader->output ? subscriber_lag(&reader->subscriber, &reader->output->backlog) : 0;
}

/* Whom nothing can be written to is gone. */
static void reader_write(struct reader *reader)
{
    if (subscriber_write(&reader->subscriber, &reader->output->backlog) < 0)
        reader_clear(reader);
}

static void on_writable(void *ctx)
{
    struct reader *reader = ctx;

    reader_write(reader);
    if (reader->output && reader_lag(reader) == 0)
        loop_rest(reader->writable, true);
}

static void on_readable(void *ctx)
{
    struct reader *reader = ctx;

    switch (subscriber_listen(&reader->subscriber)) {
    case SUBSCRIBER_OPEN: break;
    case SUBSCRIBER_SILENT: loop_rest(reader->readable, true); break;
    case SUBSCRIBER_CLOSED: reader_clear(reader); break;
    }
}

/* fd: taken over. There must be a free place. */
static int reader_add(struct socket_output *output, int fd)
{
    struct reader *reader = output->reader;

    while (reader->output)
        reader++;
    if (reader == output->reader + output->used)
        output->used++;
    reader->output = output;
    output->n_readers++;
    subscriber_init(&reader->subscriber, fd, &output->backlog);
    reader->readable = loop_fd(output->loop, fd, LOOP_READ, on_readable, reader);
    reader->writable = loop_fd(output->loop, fd, LOOP_WRITE, on_writable, reader);
    if (!reader->readable || !reader->writable) {
        reader_clear(reader);
        return -1;
    }
    loop_rest(reader->writable, true);
    return 0;
}

/* Who finds no room, or no memory or descriptor for it, waits in the socket's queue. */
static void on_connection(void *ctx)
{
    struct socket_output *output = ctx;
    int fd;

    if (output->n_readers == READERS_MAX) {
        acceptor_pause(&output->acceptor);
        return;
    }
    fd = unix_listener_accept(&output->listener);
    if (fd >= 0 ? reader_add(output, fd) < 0
                : errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        acceptor_pause(&output->acceptor);
}

static int listen_at(struct socket_output *output, const struct config_output *config,
                     const struct output_context *context, struct da3d_error *error)
{
    int fd = context->inherited ? context->inherited(config->path) : -1;
    struct permissions permissions;

    if (fd >= 0)
        return unix_listener_inherit(&output->listener, fd, error);
    if (permissions_init(&permissions, config->mode, config->group, error) < 0)
        return -1;
    return unix_listener_open(&output->listener, config->path, &permissions, error);
}

static int socket_init(struct socket_output *output, const struct config_output *config,
                       const struct output_context *context, struct da3d_error *error)
{
    if (!config->path)
        return da3d_fail(error, "output 'socket' needs a path");
    if (config->queue == 0)
        return da3d_fail(error, "output 'socket' needs a queue of at least 1 line");
    if (backlog_init(&output->backlog, config->queue) < 0)
        return da3d_fail(error, "%s", strerror(errno));
    if (listen_at(output, config, context, error) < 0)
        return -1;
    output->loop = context->loop;
    if (acceptor_open(&output->acceptor, context->loop, output->listener.fd, on_connection,
                      output) < 0)
        return da3d_fail(error, "%s", strerror(errno));
    return 0;
}

/* Where a line is about to be overwritten that waits for this reader, it gets a last chance. */
static void make_room(struct reader *reader)
{
    const struct backlog *backlog = &reader->output->backlog;

    if (!reader->subscriber.full && backlog->end - reader->subscriber.next == backlog->capacity)
        reader_write(reader);
    if (reader->output)
        subscriber_pass(&reader->subscriber, backlog);
}

static void socket_emit(void *state, const struct output_event *event)
{
    struct socket_output *output = state;

    for (size_t i = 0; i < output->used; i++)
        if (output->reader[i].output)
            make_room(&output->reader[i]);
    if (output->n_readers == 0)
        return;
    if (backlog_add(&output->backlog, event->line, event->length) < 0) {
        output->gone.dropped += output->n_readers;
        return;
    }
    for (size_t i = 0; i < output->used; i++)
        if (reader_lag(&output->reader[i]) == 1)
            loop_rest(output->reader[i].writable, false);
}

static void socket_counts(const void *state, struct output_counts *out)
{
    const struct socket_output *output = state;

    *out = output->gone;
    out->readers = output->n_readers;
    for (size_t i = 0; i < output->used; i++) { /* a free place has none */
        out->written += output->reader[i].subscriber.written;
        out->dropped += output->reader[i].subscriber.dropped;
    }
}

/* Waits for room at a reader that lags. Returns false if none does or the time is over. */
static bool wait_for_room(const struct socket_output *output, int64_t until_ns)
{
    struct pollfd waits[READERS_MAX];
    int64_t left_ms = (until_ns - steady_ns()) / 1000000;
    nfds_t n = 0;

    for (size_t i = 0; i < output->used; i++)
        if (reader_lag(&output->reader[i]) > 0)
            waits[n++] = (struct pollfd){output->reader[i].subscriber.fd, POLLOUT, 0};
    return n > 0 && left_ms > 0 && poll(waits, n, (int)left_ms) > 0;
}

static void write_to_all(struct socket_output *output)
{
    for (size_t i = 0; i < output->used; i++)
        if (output->reader[i].output)
            reader_write(&output->reader[i]);
}

/* Gives readers a moment to take what is left. */
static void drain(struct socket_output *output, int64_t until_ns)
{
    do
        write_to_all(output);
    while (wait_for_room(output, until_ns));
}

static void socket_close(void *state, int64_t until_ns)
{
    struct socket_output *output = state;

    drain(output, until_ns);
    for (size_t i = 0; i < output->used; i++)
        if (output->reader[i].output)
            reader_clear(&output->reader[i]);
    acceptor_close(&output->acceptor);
    unix_listener_close(&output->listener);
    backlog_clear(&output->backlog);
    free(output);
}

static void *socket_open(const struct config_output *config, const struct output_context *context,
                         struct da3d_error *error)
{
    struct socket_output *output = calloc(1, sizeof *output);

    if (!output) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    output->listener.fd = -1;
    if (socket_init(output, config, context, error) < 0) {
        socket_close(output, 0);
        return NULL;
    }
    return output;
}

const struct output_kind output_socket = {
    .type = "socket",
    .open = socket_open,
    .emit = socket_emit,
    .counts = socket_counts,
    .close = socket_close,
};
