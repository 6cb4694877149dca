/* scorer.h - the step of scoring that calibration needs alone: what the views find in rows. */
#ifndef CORE_SCORER_H
#define CORE_SCORER_H

#include "da3d.h"

/* rows: as da3d_score() takes them. values: (n, DA3D_VIEW_COUNT), finite where a view counts. */
void scorer_measure(struct da3d_scorer *scorer, const double *rows, size_t n, float *values);

#endif
