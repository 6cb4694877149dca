/* loop.h - the main thread's event loop. The only module that knows libevent.
 *
 * Everything that the loop calls runs on its thread, one at a time. Watches live until
 * loop_unwatch() or loop_free(); a callback may end its own watch. */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <stdbool.h>

struct loop;
struct loop_watch;

typedef void loop_call(void *ctx);

/* Returns NULL with errno. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Runs until loop_stop(). Returns 0, or -1 if the loop itself failed. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

enum loop_direction { LOOP_READ, LOOP_WRITE };

/* Each calls call(ctx) again and again: when fd can be read or written without waiting, every
 * interval, when the signal has come. Each returns NULL with errno. */
struct loop_watch *loop_fd(struct loop *loop, int fd, enum loop_direction direction,
                           loop_call *call, void *ctx);
struct loop_watch *loop_timer(struct loop *loop, unsigned interval_ms, loop_call *call, void *ctx);
struct loop_watch *loop_signal(struct loop *loop, int signal, loop_call *call, void *ctx);

/* Called soon after loop_wake(), which any thread may call; many wakes may make one call. */
struct loop_watch *loop_wakeable(struct loop *loop, loop_call *call, void *ctx);
void loop_wake(struct loop_watch *watch);

/* A watch at rest calls nothing; it is awake when it is made. */
void loop_rest(struct loop_watch *watch, bool rest);

void loop_unwatch(struct loop_watch *watch); /* NULL-safe */

const char *loop_library_version(void);

#endif
