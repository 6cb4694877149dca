/* acceptor.h - tells of connections that wait at a listening socket. */
#ifndef DAEMON_ACCEPTOR_H
#define DAEMON_ACCEPTOR_H

#include "loop.h"

struct acceptor {
    struct loop_watch *acceptable; /* at rest while nothing can be accepted */
    struct loop_watch *retry;      /* at rest while acceptable is not */
};

/* fd: listens; borrowed. call: as of loop_fd(). Returns 0, or -1 with errno; to be closed in both
 * cases. */
int acceptor_open(struct acceptor *acceptor, struct loop *loop, int fd, loop_call *call, void *ctx);
void acceptor_close(struct acceptor *acceptor);

/* There is no room, or no memory or descriptor: who waits is told of again a second later. */
void acceptor_pause(struct acceptor *acceptor);

#endif
