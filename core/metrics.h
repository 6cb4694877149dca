/* metrics.h - how well scores separate anomalies from normals. Pure functions. */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include <stdbool.h>
#include <stddef.h>

/* Area under the ROC curve: probability that an anomaly outranks a normal, ties count half.
 * scores: n finite or infinite floats, no NaN. anomaly: n labels.
 * Returns NaN if a class is empty or memory is exhausted (errno ENOMEM). */
double metrics_auc(const float *scores, const bool *anomaly, size_t n);

/* Average precision: sum of (R_i - R_{i-1}) P_i over distinct thresholds, as scikit-learn. */
double metrics_ap(const float *scores, const bool *anomaly, size_t n);

/* The lowest of the scores t such that at most fpr of the normals satisfy score >= t.
 * Returns +infinity if not even the highest score can be taken. NaN without normals or memory. */
float metrics_threshold_at_fpr(const float *scores, const bool *anomaly, size_t n, double fpr);

/* A point of the ROC curve: what scores at or above threshold. */
struct metrics_point {
    double fpr, tpr; /* shares of the normals and of the anomalies */
    float threshold; /* the first point's is +infinity */
};

/* The curve from (0, 0) to (1, 1), one point for each distinct score. points: room for n + 1.
 * Returns how many, or 0 if a class is empty or memory is exhausted (errno ENOMEM). */
size_t metrics_roc(const float *scores, const bool *anomaly, size_t n,
                   struct metrics_point *points);

#endif
