/* trim.h - what of the rows that are assumed normal is not: a few attacks among them cost little.
 *
 *   judged       rows are judged by views that were fitted to rows of others: whose identities
 *                (schema.h) fell into the other half of all; the half's held-out rows tell what is
 *                evidence. What is often, but one's own way alone, stays odd: nobody vouches for
 *                himself. Of four such partings that counts which finds a row least odd. The
 *                residual, whose network learned from all rows, does not judge, if it is not the
 *                only one. Twice: the second time by views without the trimmed rows of the first
 *   trimmed      the share config.trim of the training rows, the oddest: the views are fitted
 *                without them
 *   refused      rows that hold an identity that occurs more than once, and in odd rows alone:
 *                those that would be among the oddest half of the trimmed ones. They teach no
 *                identity, and if they are held out, no more than one in 200 of the held-out rows
 *                is such a row that counts as normal and sets the threshold
 *
 * Trimming is that of Rousseeuw and Van Driessen, "A fast algorithm for the minimum covariance
 * determinant estimator" (1999). */
#ifndef CORE_TRIM_H
#define CORE_TRIM_H

#include "training.h"

/* Fits the views of t->model to what is left of the training rows. Sets t->refused, and puts the
 * held-out rows that count as normal first in t->order, of which there are t->n_normal then. Returns
 * 0, or -1 with *t->error. */
int trim(struct training *t);

#endif
