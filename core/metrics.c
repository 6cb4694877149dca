#include "metrics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct labelled {
    float score;
    bool anomaly;
};

/* A step of the curve: what scores at or above one distinct score. */
struct point {
    size_t anomalies, normals;
};

static int compare_descending(const void *a, const void *b)
{
    const struct labelled *x = a, *y = b;
    return (x->score < y->score) - (x->score > y->score);
}

/* Copies sorted by falling score, the caller's; NULL with errno ENOMEM. */
static struct labelled *sorted(const float *scores, const bool *anomaly, size_t n)
{
    struct labelled *rows = calloc(n + 1, sizeof *rows);
    if (rows == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct labelled){scores[i], anomaly[i]};
    }
    qsort(rows, n, sizeof *rows, compare_descending);
    return rows;
}

/* Adds the rows that tie with rows[i] to *seen; returns the index after them. */
static size_t take_ties(const struct labelled *rows, size_t n, size_t i, struct point *seen)
{
    const float score = rows[i].score;
    for (; i < n && rows[i].score == score; i++) {
        seen->anomalies += rows[i].anomaly;
        seen->normals += !rows[i].anomaly;
    }
    return i;
}

static struct point count(const bool *anomaly, size_t n)
{
    struct point total = {0};
    for (size_t i = 0; i < n; i++) {
        total.anomalies += anomaly[i];
        total.normals += !anomaly[i];
    }
    return total;
}

/* Trapezoids under the curve: what ties counts half. */
static double area(const struct labelled *rows, size_t n, struct point total)
{
    double area = 0;
    struct point seen = {0};
    for (size_t i = 0; i < n;) {
        struct point before = seen;
        i = take_ties(rows, n, i, &seen);
        area += (double)(seen.normals - before.normals) *
                ((double)before.anomalies + (double)seen.anomalies) / 2.0;
    }
    return area / (double)total.normals / (double)total.anomalies;
}

static double precision_sum(const struct labelled *rows, size_t n, struct point total)
{
    double sum = 0;
    struct point seen = {0};
    for (size_t i = 0; i < n;) {
        struct point before = seen;
        i = take_ties(rows, n, i, &seen);
        sum += (double)(seen.anomalies - before.anomalies) * (double)seen.anomalies / (double)i;
    }
    return sum / (double)total.anomalies;
}

typedef double curve_fn(const struct labelled *rows, size_t n, struct point total);

static double over_curve(const float *scores, const bool *anomaly, size_t n, curve_fn *of)
{
    struct point total = count(anomaly, n);
    if (total.anomalies == 0 || total.normals == 0) {
        return (double)NAN;
    }
    struct labelled *rows = sorted(scores, anomaly, n);
    if (rows == NULL) {
        return (double)NAN;
    }
    double result = of(rows, n, total);
    free(rows);
    return result;
}

double metrics_auc(const float *scores, const bool *anomaly, size_t n)
{
    return over_curve(scores, anomaly, n, area);
}

double metrics_ap(const float *scores, const bool *anomaly, size_t n)
{
    return over_curve(scores, anomaly, n, precision_sum);
}

float metrics_threshold_at_fpr(const float *scores, const bool *anomaly, size_t n, double fpr)
{
    struct point total = count(anomaly, n);
    struct labelled *rows = total.normals > 0 ? sorted(scores, anomaly, n) : NULL;
    if (rows == NULL) {
        return NAN;
    }
    float threshold = INFINITY;
    struct point seen = {0};
    for (size_t i = 0; i < n;) {
        float score = rows[i].score;
        i = take_ties(rows, n, i, &seen);
        if ((double)seen.normals > fpr * (double)total.normals) {
            break;
        }
        threshold = score;
    }
    free(rows);
    return threshold;
}

size_t metrics_roc(const float *scores, const bool *anomaly, size_t n, struct metrics_point *points)
{
    struct point total = count(anomaly, n), seen = {0};
    if (total.anomalies == 0 || total.normals == 0) {
        return 0;
    }
    struct labelled *rows = sorted(scores, anomaly, n);
    if (rows == NULL) {
        return 0;
    }
    size_t made = 0;
    points[made++] = (struct metrics_point){.threshold = INFINITY};
    for (size_t i = 0; i < n;) {
        float threshold = rows[i].score;
        i = take_ties(rows, n, i, &seen);
        points[made++] = (struct metrics_point){
            .fpr = (double)seen.normals / (double)total.normals,
            .tpr = (double)seen.anomalies / (double)total.anomalies,
            .threshold = threshold,
        };
    }
    free(rows);
    return made;
}
