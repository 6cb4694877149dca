/* budget.h - alerts_per_day: keeps the threshold where so many normal flows reach it in a day, as
 * the number of flows a day changes. That is measured over the last day; in the first hour it is
 * what the model's captures had. */
#ifndef DAEMON_BUDGET_H
#define DAEMON_BUDGET_H

#include "config.h"
#include "judge.h"
#include "loop.h"
#include "stats.h"

struct budget;

/* All borrowed while the budget lives. Returns NULL with errno. */
struct budget *budget_new(struct loop *loop, struct judge *judge, const struct stats *stats);
void budget_free(struct budget *budget); /* NULL-safe */

/* Sets the judge's target as the configuration says, from now on. trained: of the model in use. */
void budget_configure(struct budget *budget, const struct config *config,
                      const struct row_settings *trained);

/* The p-value up to which flows alert, that this many of so many a day do; 0: not known. */
double budget_target(double alerts_per_day, double flows_per_day);

#endif
