#include "acceptor.h"

#include <stddef.h>

enum { RETRY_MS = 1000 };

static void pause_or_go_on(struct acceptor *acceptor, bool pause)
{
    loop_rest(acceptor->acceptable, pause);
    loop_rest(acceptor->retry, !pause);
}

static void on_retry(void *ctx)
{
    pause_or_go_on(ctx, false);
}

int acceptor_open(struct acceptor *acceptor, struct loop *loop, int fd, loop_call *call, void *ctx)
{
    acceptor->acceptable = loop_fd(loop, fd, LOOP_READ, call, ctx);
    acceptor->retry = loop_timer(loop, RETRY_MS, on_retry, acceptor);
    if (!acceptor->acceptable || !acceptor->retry)
        return -1;
    pause_or_go_on(acceptor, false);
    return 0;
}

void acceptor_close(struct acceptor *acceptor)
{
    loop_unwatch(acceptor->acceptable);
    loop_unwatch(acceptor->retry);
    *acceptor = (struct acceptor){NULL, NULL};
}

void acceptor_pause(struct acceptor *acceptor)
{
    pause_or_go_on(acceptor, true);
}
