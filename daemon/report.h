/* report.h - scores beside labels: what was found, how well normal and attack are told apart. */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/da3d.h"

enum { REPORT_RATES = 3, REPORT_KINDS_MAX = 4096, REPORT_NAME_MAX = SCHEMA_VALUE_MAX };

/* One kind of row: an attack, or the normal ones, or all attacks together. */
struct tally {
    char name[REPORT_NAME_MAX]; /* of an attack, else empty */
    size_t rows;
    size_t alerted;               /* at the model's threshold */
    size_t at_rate[REPORT_RATES]; /* at the thresholds that so many of the normal rows reach */
};

/* Zero-initialised but for its noun is empty. */
struct report {
    const char *noun; /* of its rows: "flows" */
    size_t n, capacity;
    float *logits;
    int *kinds; /* index into by_kind, -1 normal */
    bool *alerts;
    bool *anomaly;
    struct tally normal, attacks;
    struct tally *by_kind; /* n_kinds, in order of appearance */
    size_t n_kinds;
    double auc, ap, seconds;
};

/* Index of the attack of that name, added if new; -1 (already reported) if there are too many. */
int report_kind(struct report *report, const char *name);

/* kind: as report_kind() gave it, or -1: normal. Returns 0, or -1 (already reported). */
int report_add(struct report *report, int kind, const struct da3d_score *score);

/* Computes everything but seconds, which is the caller's. Where all rows are normal, or all
 * attacks, warns of what cannot be told: it is NaN. Returns 0, or -1 (already reported). */
int report_finish(struct report *report);

/* On standard output. */
void report_print(const struct report *report, bool json);

/* Writes the ROC curve to either path that is not NULL. Returns 0, or -1 (already reported):
 * all rows are normal, or all attacks. */
int report_write_roc(const struct report *report, const char *csv, const char *svg);
void report_clear(struct report *report);

#endif
