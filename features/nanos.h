/* nanos.h - arithmetic on packet times: nanoseconds since the epoch, as captures claim them. */
#ifndef FEATURES_NANOS_H
#define FEATURES_NANOS_H

#include <stdint.h>

#define NANOS_PER_SECOND INT64_C(1000000000)

/* to - from, or the nearest representable number: a capture may claim any times. */
static inline int64_t nanos_between(int64_t from, int64_t to)
{
    int64_t difference;

    if (!__builtin_sub_overflow(to, from, &difference))
        return difference;
    return to > from ? INT64_MAX : INT64_MIN;
}

#endif
