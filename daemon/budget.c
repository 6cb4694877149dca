#include "budget.h"

#include <math.h>
#include <stdlib.h>

#include "log.h"
#include "meter_settings.h"

enum { TICK_MS = 60000 };

/* What no calibration promises: neither so few alerts nor so many. */
static const double target_min = 1e-9, target_max = 0.5;

struct budget {
    struct judge *judge;
    const struct stats *stats;
    struct loop_watch *tick;
    double target_fpr;
    double alerts_per_day;        /* 0: none to keep */
    double trained_flows_per_day; /* 0: not known */
};

double budget_target(double alerts_per_day, double flows_per_day)
{
    if (!(flows_per_day > 0))
        return 0;
    return fmin(fmax(alerts_per_day / flows_per_day, target_min), target_max);
}

static void keep(struct budget *budget)
{
    const double measured = stats_flows_per_day(budget->stats);
    const double flows = measured > 0 ? measured : budget->trained_flows_per_day;

    judge_set_target(budget->judge, budget->alerts_per_day > 0
                                        ? budget_target(budget->alerts_per_day, flows)
                                        : budget->target_fpr);
}

static void on_tick(void *ctx)
{
    keep(ctx);
}

struct budget *budget_new(struct loop *loop, struct judge *judge, const struct stats *stats)
{
    struct budget *budget = calloc(1, sizeof *budget);

    if (!budget)
        return NULL;
    budget->judge = judge;
    budget->stats = stats;
    budget->tick = loop_timer(loop, TICK_MS, on_tick, budget);
    if (!budget->tick) {
        budget_free(budget);
        return NULL;
    }
    return budget;
}

void budget_free(struct budget *budget)
{
    if (!budget)
        return;
    loop_unwatch(budget->tick);
    free(budget);
}

void budget_configure(struct budget *budget, const struct config *config,
                      const struct row_settings *trained)
{
    budget->target_fpr = config->scoring.target_fpr;
    budget->alerts_per_day = config->scoring.alerts_per_day;
    budget->trained_flows_per_day = 0;
    row_settings_find(trained, meter_flows_per_day, &budget->trained_flows_per_day);
    if (budget->alerts_per_day > 0 && !(budget->trained_flows_per_day > 0))
        log_info("scoring.alerts_per_day: alerts begin where the model says for the first hour: it "
                 "does not know how many flows a day has");
    keep(budget);
}
