/* clock.h - a clock that nobody sets, for waits and windows; and the one on the wall. */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "features/nanos.h"

static inline int64_t clock_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * NANOS_PER_SECOND + t.tv_nsec;
}

static inline int64_t steady_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

/* Processor time of the calling thread. */
static inline int64_t thread_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static inline int64_t wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

#endif
