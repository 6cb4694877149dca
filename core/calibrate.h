/* calibrate.h - the held-out rows' part in a training run: what each view's values are worth as
 * evidence, and from what logit on rows alert. */
#ifndef CORE_CALIBRATE_H
#define CORE_CALIBRATE_H

#include "training.h"

/* Evidence of the model's views, by n > 0 held-out rows, of which index holds the numbers. Returns
 * 0, or -1 with *t->error. */
int calibrate_views(struct training *t, const size_t *index, size_t n);

/* By the evidence that there is, the logits of n rows, of which index holds the numbers.
 * Returns 0, or -1 with *t->error. */
int calibrate_logits(const struct training *t, const size_t *index, size_t n, float *logits);

/* All of it: evidence of the model's views, p-values, the threshold. Returns 0, or -1 with
 * *t->error. */
int calibrate(struct training *t);

#endif
