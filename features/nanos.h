/* nanos.h - arithmetic on packet times: nanoseconds since the epoch, as captures claim them. */
#ifndef FEATURES_NANOS_H
#define FEATURES_NANOS_H

#include <stdint.h>

#define NANOS_PER_SECOND INT64_C(1000000000)
#define NANOS_MAX        ((INT64_C(1) << 62) - 1) /* no difference of two such times can overflow */

/* That many nanoseconds after so many seconds, held to +-NANOS_MAX: a capture may claim any. */
static inline int64_t nanos_at(int64_t seconds, int64_t nanoseconds)
{
    int64_t ns;

    if (__builtin_mul_overflow(seconds, NANOS_PER_SECOND, &ns) ||
        __builtin_add_overflow(ns, nanoseconds, &ns))
        return seconds < 0 ? -NANOS_MAX : NANOS_MAX;
    return ns < -NANOS_MAX ? -NANOS_MAX : ns > NANOS_MAX ? NANOS_MAX : ns;
}

/* to - from, or the nearest representable number: a capture may claim any times. */
static inline int64_t nanos_between(int64_t from, int64_t to)
{
    int64_t difference;

    if (!__builtin_sub_overflow(to, from, &difference))
        return difference;
    return to > from ? INT64_MAX : INT64_MIN;
}

#endif
