/* roc.h - ROC curves as files: points as CSV, a picture as SVG. */
#ifndef DAEMON_ROC_H
#define DAEMON_ROC_H

#include "core/error.h"
#include "core/metrics.h"

/* Could a curve be written there? To be asked before the work whose result it shows; path is not
 * touched. Returns 0, or -1 with *error. */
int roc_check_writable(const char *path, struct da3d_error *error);

/* fpr,tpr,threshold with a header; the first threshold is inf. Returns 0, or -1 with *error. */
int roc_write_csv(const char *path, const struct metrics_point *points, size_t n,
                  struct da3d_error *error);

/* A picture that needs nothing but itself. auc, ap: for its title. */
int roc_write_svg(const char *path, const struct metrics_point *points, size_t n, double auc,
                  double ap, struct da3d_error *error);

#endif
