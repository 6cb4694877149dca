/* split.h - which rows are held out and which are learned from. */
#ifndef CORE_SPLIT_H
#define CORE_SPLIT_H

#include "training.h"

/* Sets t->order, n_holdout, n_train and n_normal from t->n_rows: by the seed and the number of rows
 * alone. Returns 0, or -1 with *t->error. */
int split_rows(struct training *t, const struct da3d_config *config);

#endif
