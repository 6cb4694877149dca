/* trim.h - what of the rows that are assumed normal is not: a few attacks among them cost little.
 *
 *   judged       rows are judged by views that were fitted to rows of other identities (schema.h;
 *                of flows, of other pairs of hosts), which fell into the other half of all; the
 *                half's held-out rows tell what is evidence. What is often, but of one identity
 *                alone, stays odd: none vouches for itself. Of four such partings that counts which
 *                finds a row least odd. The residual, whose network learned from all rows, does not
 *                judge, if it is not the only one. Twice: the second time by views without the
 *                trimmed rows of the first
 *   trimmed      the share config.trim of the training rows, the oddest: the views are fitted
 *                without them
 *   refused      rows that hold an identity that occurs more than once, and in odd rows alone:
 *                those that would be among the oddest half of the trimmed ones. They teach no
 *                identity, and of the held-out rows no more than one in 200 is such a row and
 *                sets the threshold. Where novelty is no view, none is refused
 *
 * Trimming is that of Rousseeuw and Van Driessen, "A fast algorithm for the minimum covariance
 * determinant estimator" (1999). */
#ifndef CORE_TRIM_H
#define CORE_TRIM_H

#include "training.h"

/* Fits the views of t->model to what is left of the training rows. Sets t->refused, and puts the
 * t->n_normal held-out rows that count as normal first in t->order. Returns 0, or -1 with
 * *t->error. */
int trim(struct training *t);

#endif
