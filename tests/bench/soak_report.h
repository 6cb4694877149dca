/* soak_report.h - what a soak has come to: with the guards, and beside it without. */
#ifndef TESTS_BENCH_SOAK_REPORT_H
#define TESTS_BENCH_SOAK_REPORT_H

#include <stdbool.h>

/* Days are counted from 1. */
enum { SOAK_DAYS = 30, SOAK_SERVICE_DAY = 12, SOAK_FLOOD_DAY = 20, SOAK_FLOOD_DAYS = 2 };
/* False alarms are averaged over as many days from the first retraining on, and to the end. */
enum { SOAK_EARLY_DAY = 9, SOAK_MEAN_DAYS = 10 };

/* Shares that alert: of the flows held back, but for lived. */
struct soak_rates {
    double attacks, poison, flood; /* of all attacks; of the attacker's kinds alone; of the flood */
    double life, service;          /* normal ones; of the new service alone */
    double lived; /* of the normal flows of the day, without the new service's, by its model */
};

struct soak_outcome {
    struct soak_rates first; /* day */
    struct soak_rates early; /* means, of false alarms alone */
    struct soak_rates late;
    struct soak_rates least;    /* each for itself */
    int loud_day;               /* the last on which the new service alerted; 0: none */
    double attacker, flood;     /* their share of the rows that were learned last; at most */
    double bytes;               /* of the spool */
    long peak_first, peak_last; /* KiB of the whole process until then */
};

/* A day is over, and the model has changed or not. */
void soak_note(struct soak_outcome *outcome, int day, const struct soak_rates *rates);

void soak_print_table(const struct soak_outcome *on, const struct soak_outcome *off);

/* Prints the bars, and whether each is met. promise: share of normal flows that may alert. Returns
 * whether all are. */
bool soak_check(const struct soak_outcome *on, double promise);

#endif
