/* soak_report.h - what a soak has come to: with the guards, and beside it without. */
#ifndef TESTS_BENCH_SOAK_REPORT_H
#define TESTS_BENCH_SOAK_REPORT_H

#include <stdbool.h>

enum { SOAK_DAYS = 30, SOAK_SERVICE_DAY = 12 }; /* counted from 1 */

/* Shares of the flows held back that alert. */
struct soak_rates {
    double attacks, poison; /* of all attacks; of the attacker's kinds alone */
    double life, service;   /* normal ones; of the new service alone */
};

struct soak_outcome {
    struct soak_rates first, last; /* days */
    struct soak_rates least;       /* of attacks and poison, each for itself */
    int loud_day;                  /* the last on which the new service alerted; 0: none */
    double attacker;               /* the attacker's share of the rows that were learned last */
    double bytes;                  /* of the spool */
    long peak_first, peak_last;    /* KiB of the whole process until then */
};

/* A day is over, and the model has changed or not. */
void soak_note(struct soak_outcome *outcome, int day, const struct soak_rates *rates);

void soak_print_table(const struct soak_outcome *on, const struct soak_outcome *off);

/* Prints the bars, and whether each is met. Returns whether all are. */
bool soak_check(const struct soak_outcome *on);

#endif
