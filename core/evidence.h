/* evidence.h - from a view's values to evidence against a row being normal: -ln of the share of
 * normal rows that the view finds as odd or odder.
 *
 *   up to the 90 % quantile of the held-out rows   (k + 1) / (n + 1), k of the n being as high
 *   above it                                       an exponential tail, by their mean excess:
 *                                                  beyond what was seen, evidence still grows */
#ifndef CORE_EVIDENCE_H
#define CORE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

enum { EVIDENCE_REFERENCE_MAX = 1024, EVIDENCE_MAX = 500 };

struct evidence {
    uint32_t n;       /* 0: the view does not count */
    float *reference; /* n ascending values of held-out rows; owned */
    float tail;       /* where the tail begins */
    float scale;      /* of the tail, > 0 */
};

/* values: n > 0 finite values of held-out rows, sorted in place.
 * Returns 0, or -1 with errno ENOMEM. */
int evidence_fit(struct evidence *e, float *values, size_t n);
/* The same by rank alone, without a tail: for values of which only a few are different. */
int evidence_fit_ranks(struct evidence *e, float *values, size_t n);
int evidence_alloc(struct evidence *e, uint32_t n);
void evidence_clear(struct evidence *e);

/* 0 to EVIDENCE_MAX, in nats. value: finite. */
double evidence_of(const struct evidence *e, float value);

#endif
