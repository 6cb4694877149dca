#include "soak_report.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

static const double quiet_share = 0.05, fall_most = 0.05, flood_most = 0.002;

static long peak_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void add_to_mean(struct soak_rates *mean, const struct soak_rates *rates)
{
    mean->life += rates->life / SOAK_MEAN_DAYS;
    mean->lived += rates->lived / SOAK_MEAN_DAYS;
}

void soak_note(struct soak_outcome *outcome, int day, const struct soak_rates *rates)
{
    if (day == 1) {
        outcome->first = outcome->least = *rates;
        outcome->peak_first = peak_kib();
    }
    outcome->least.attacks = fmin(outcome->least.attacks, rates->attacks);
    outcome->least.poison = fmin(outcome->least.poison, rates->poison);
    outcome->least.flood = fmin(outcome->least.flood, rates->flood);
    if (day >= SOAK_EARLY_DAY && day < SOAK_EARLY_DAY + SOAK_MEAN_DAYS)
        add_to_mean(&outcome->early, rates);
    if (day > SOAK_DAYS - SOAK_MEAN_DAYS)
        add_to_mean(&outcome->late, rates);
    outcome->peak_last = peak_kib();
    if (day >= SOAK_SERVICE_DAY && rates->service > quiet_share)
        outcome->loud_day = day;
}

static void print_row(const char *what, double on, double off)
{
    printf("%-60s %8.2f %8.2f\n", what, on, off);
}

/* Days after the service began until it was quiet for good; NaN: never. */
static double days_loud(const struct soak_outcome *outcome)
{
    if (outcome->loud_day == SOAK_DAYS)
        return (double)NAN;
    return outcome->loud_day < SOAK_SERVICE_DAY ? 0 : outcome->loud_day - SOAK_SERVICE_DAY + 1;
}

static void print_attacks(const struct soak_outcome *on, const struct soak_outcome *off)
{
    print_row("held attacks found, first day, %", 100 * on->first.attacks,
              100 * off->first.attacks);
    print_row("  least", 100 * on->least.attacks, 100 * off->least.attacks);
    print_row("of the attacker's kinds, first day, %", 100 * on->first.poison,
              100 * off->first.poison);
    print_row("  least", 100 * on->least.poison, 100 * off->least.poison);
    print_row("of the flood, first day, %", 100 * on->first.flood, 100 * off->first.flood);
    print_row("  least", 100 * on->least.flood, 100 * off->least.flood);
    print_row("attacker's share of the rows learned last, %", 100 * on->attacker,
              100 * off->attacker);
    print_row("the flood's, at most, %", 100 * on->flood, 100 * off->flood);
}

void soak_print_table(const struct soak_outcome *on, const struct soak_outcome *off)
{
    printf("%-60s %8s %8s\n", "guards", "on", "off");
    print_attacks(on, off);
    print_row("normal flows of the day that alert, first day, %", 100 * on->first.lived,
              100 * off->first.lived);
    print_row("  days 9 to 18", 100 * on->early.lived, 100 * off->early.lived);
    print_row("  last ten days", 100 * on->late.lived, 100 * off->late.lived);
    print_row("normal flows held back that alert, first day, %", 100 * on->first.life,
              100 * off->first.life);
    print_row("  days 9 to 18", 100 * on->early.life, 100 * off->early.life);
    print_row("  last ten days", 100 * on->late.life, 100 * off->late.life);
    print_row("days until the new service is quiet (nan: never)", days_loud(on), days_loud(off));
    print_row("spool, MB", on->bytes / 1e6, off->bytes / 1e6);
    print_row("peak memory of the process by the first day, MB", (double)on->peak_first / 1e3,
              (double)off->peak_first / 1e3);
    print_row("  by the last", (double)on->peak_last / 1e3, (double)off->peak_last / 1e3);
}

static bool check(const char *what, bool holds)
{
    printf("%s: %s\n", what, holds ? "yes" : "NO");
    return holds;
}

/* Of the attacker's kinds there is no bar: on the first day he is a stranger to all that he talks
 * to, which is evidence of its own; later flows of his choice have been learned with their ends. */
static bool check_attacks(const struct soak_outcome *on)
{
    bool good = check("held attacks: never more than 5 points below the first day",
                      on->least.attacks >= on->first.attacks - fall_most);

    good &= check("the flood's: likewise", on->least.flood >= on->first.flood - fall_most);
    good &= check("the flood is not learned (at most 0.2 % of the rows)", on->flood <= flood_most);
    return good;
}

bool soak_check(const struct soak_outcome *on, double promise)
{
    bool good = check_attacks(on);

    good &= check("the new service is quiet (at most 5 % alert) after quarantine and a retraining",
                  on->loud_day <= SOAK_SERVICE_DAY + 1);
    good &= check("normal flows alert at most twice as often as promised, the last ten days",
                  on->late.lived <= 2 * promise);
    good &= check("those held back no more often then than on days 9 to 18, by a quarter",
                  on->late.life <= 1.25 * on->early.life);
    return good;
}
