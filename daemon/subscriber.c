#include "subscriber.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCH = 64 };

void subscriber_init(struct subscriber *subscriber, int fd, const struct backlog *backlog)
{
    *subscriber = (struct subscriber){.fd = fd, .next = backlog->end};
}

void subscriber_clear(struct subscriber *subscriber)
{
    close(subscriber->fd);
    free(subscriber->begun);
}

uint64_t subscriber_lag(const struct subscriber *subscriber, const struct backlog *backlog)
{
    return backlog->end - subscriber->next + (subscriber->begun != NULL);
}

/* Returns how many parts it has filled. */
static size_t gather(const struct subscriber *subscriber, const struct backlog *backlog,
                     struct iovec parts[BATCH])
{
    size_t n = 0;

    if (subscriber->begun)
        parts[n++] = (struct iovec){subscriber->begun + subscriber->begun_at,
                                    subscriber->begun_length - subscriber->begun_at};
    for (uint64_t i = subscriber->next; i < backlog->end && n < BATCH; i++) {
        const struct backlog_line *line = backlog_at(backlog, i);

        parts[n++] = (struct iovec){line->text, line->length};
    }
    return n;
}

/* The backlog may overwrite the line before the rest of it can be written. */
static int keep_begun(struct subscriber *subscriber, const char *text, size_t length)
{
    subscriber->begun = malloc(length);
    if (!subscriber->begun)
        return -1;
    memcpy(subscriber->begun, text, length);
    subscriber->begun_length = length;
    subscriber->begun_at = 0;
    return 0;
}

/* Returns how many of the sent bytes were not the begun line's. */
static size_t advance_begun(struct subscriber *subscriber, size_t sent)
{
    size_t left = subscriber->begun_length - subscriber->begun_at;

    if (!subscriber->begun)
        return sent;
    if (sent < left) {
        subscriber->begun_at += sent;
        return 0;
    }
    free(subscriber->begun);
    subscriber->begun = NULL;
    subscriber->written++;
    return sent - left;
}

static int advance(struct subscriber *subscriber, const struct backlog *backlog, size_t sent)
{
    sent = advance_begun(subscriber, sent);
    while (sent > 0) {
        const struct backlog_line *line = backlog_at(backlog, subscriber->next++);

        if (sent < line->length)
            return keep_begun(subscriber, line->text + sent, line->length - sent);
        sent -= line->length;
        subscriber->written++;
    }
    return 0;
}

int subscriber_write(struct subscriber *subscriber, const struct backlog *backlog)
{
    struct iovec parts[BATCH];

    subscriber->full = false;
    while (subscriber_lag(subscriber, backlog) > 0) {
        struct msghdr message = {.msg_iov = parts};
        ssize_t sent;

        message.msg_iovlen = gather(subscriber, backlog, parts);
        sent = sendmsg(subscriber->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            subscriber->full = true;
            return 0;
        }
        if (sent < 0 && errno != EINTR)
            return -1;
        if (sent > 0 && advance(subscriber, backlog, (size_t)sent) < 0)
            return -1;
    }
    return 0;
}

void subscriber_pass(struct subscriber *subscriber, const struct backlog *backlog)
{
    if (backlog->end - subscriber->next < backlog->capacity)
        return;
    subscriber->next++;
    subscriber->dropped++;
}

/* An end of stream is a closed socket only where the other direction is closed too. */
enum subscriber_state subscriber_listen(const struct subscriber *subscriber)
{
    char ignored[4096];
    struct pollfd poll_for = {.fd = subscriber->fd};
    ssize_t n = recv(subscriber->fd, ignored, sizeof ignored, MSG_DONTWAIT);

    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return SUBSCRIBER_OPEN;
    if (n < 0 || poll(&poll_for, 1, 0) < 0 || (poll_for.revents & (POLLHUP | POLLERR)))
        return SUBSCRIBER_CLOSED;
    return SUBSCRIBER_SILENT;
}
