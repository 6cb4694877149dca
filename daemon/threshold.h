/* threshold.h - where alerts begin, in both of a score's scales. */
#ifndef DAEMON_THRESHOLD_H
#define DAEMON_THRESHOLD_H

#include <math.h>

struct threshold {
    double score;
    float logit; /* what scores are compared by: exact where they saturate at 1 */
};

/* score: in (0,1). */
static inline struct threshold threshold_at_score(double score)
{
    return (struct threshold){score, (float)log(score / (1 - score))};
}

static inline struct threshold threshold_at_logit(double logit)
{
    return (struct threshold){1 / (1 + exp(-logit)), (float)logit};
}

#endif
