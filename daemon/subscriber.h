/* subscriber.h - one reader of a stream of lines: a connected socket, and how far it has got.
 *
 * A reader that is slower than the lines come loses the oldest, and whole lines only: one that has
 * been begun is finished. */
#ifndef DAEMON_SUBSCRIBER_H
#define DAEMON_SUBSCRIBER_H

#include <stdbool.h>

#include "backlog.h"

struct subscriber {
    int fd;        /* owned */
    uint64_t next; /* number of the line to be begun next */
    char *begun;   /* what is left of the line before it, with begun_at; owned, NULL: nothing */
    size_t begun_length, begun_at;
    bool full;                 /* it must read before more can be written */
    uint64_t written, dropped; /* lines */
};

/* fd: a connected socket, taken over. It is given the lines to come. */
void subscriber_init(struct subscriber *subscriber, int fd, const struct backlog *backlog);
void subscriber_clear(struct subscriber *subscriber);

/* Lines that wait for it, one that has been begun included. */
uint64_t subscriber_lag(const struct subscriber *subscriber, const struct backlog *backlog);

/* Writes as much as it takes now. Returns 0, or -1 with errno: it cannot be served any more. */
int subscriber_write(struct subscriber *subscriber, const struct backlog *backlog);

/* To be called before a line is added: the oldest is lost to it if it is overwritten and waits. */
void subscriber_pass(struct subscriber *subscriber, const struct backlog *backlog);

enum subscriber_state {
    SUBSCRIBER_OPEN,
    SUBSCRIBER_SILENT, /* it will send nothing more, but reads */
    SUBSCRIBER_CLOSED
};

/* Throws away what it has sent: there is nothing to say to this socket. */
enum subscriber_state subscriber_listen(const struct subscriber *subscriber);

#endif
