/* crew.h - threads that share out numbered jobs. */
#ifndef CORE_CREW_H
#define CORE_CREW_H

#include <stddef.h>

enum { CREW_THREADS_MAX = 64 };

struct crew;

/* threads: at work in all, the caller's among them; 1 to CREW_THREADS_MAX. The others sleep until
 * there is work, and take no signals. NULL with errno ENOMEM or EAGAIN. */
struct crew *crew_new(unsigned threads);
void crew_free(struct crew *crew);

/* Runs job(ctx, i) once for each i below n, in any order, and returns when all are done. One
 * caller at a time. crew: NULL: all on the calling thread. */
void crew_run(struct crew *crew, size_t n, void (*job)(void *ctx, size_t i), void *ctx);

/* Processors that this process may run on, at least 1. */
unsigned crew_processors(void);

#endif
