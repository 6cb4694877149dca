#include "soak_report.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

static const double quiet_share = 0.05, fall_most = 0.05;

static long peak_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

void soak_note(struct soak_outcome *outcome, int day, const struct soak_rates *rates)
{
    if (day == 1) {
        outcome->first = outcome->least = *rates;
        outcome->peak_first = peak_kib();
    }
    outcome->least.attacks = fmin(outcome->least.attacks, rates->attacks);
    outcome->least.poison = fmin(outcome->least.poison, rates->poison);
    outcome->last = *rates;
    outcome->peak_last = peak_kib();
    if (day >= SOAK_SERVICE_DAY && rates->service > quiet_share)
        outcome->loud_day = day;
}

static void print_row(const char *what, double on, double off)
{
    printf("%-54s %8.2f %8.2f\n", what, on, off);
}

/* Days after the service began until it was quiet for good; NaN: never. */
static double days_loud(const struct soak_outcome *outcome)
{
    if (outcome->loud_day == SOAK_DAYS)
        return (double)NAN;
    return outcome->loud_day < SOAK_SERVICE_DAY ? 0 : outcome->loud_day - SOAK_SERVICE_DAY + 1;
}

void soak_print_table(const struct soak_outcome *on, const struct soak_outcome *off)
{
    printf("%-54s %8s %8s\n", "guards", "on", "off");
    print_row("held attacks found, first day, %", 100 * on->first.attacks,
              100 * off->first.attacks);
    print_row("  least", 100 * on->least.attacks, 100 * off->least.attacks);
    print_row("  last day", 100 * on->last.attacks, 100 * off->last.attacks);
    print_row("of the attacker's kinds, first day, %", 100 * on->first.poison,
              100 * off->first.poison);
    print_row("  least", 100 * on->least.poison, 100 * off->least.poison);
    print_row("  last day", 100 * on->last.poison, 100 * off->last.poison);
    print_row("normal flows that alert, last day, %", 100 * on->last.life, 100 * off->last.life);
    print_row("the new service's, last day, %", 100 * on->last.service, 100 * off->last.service);
    print_row("days until the new service is quiet (nan: never)", days_loud(on), days_loud(off));
    print_row("attacker's share of the rows learned last, %", 100 * on->attacker,
              100 * off->attacker);
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

bool soak_check(const struct soak_outcome *on)
{
    bool good = check("held attacks: never more than 5 points below the first day",
                      on->least.attacks >= on->first.attacks - fall_most);

    good &= check("those of the attacker's kinds: likewise",
                  on->least.poison >= on->first.poison - fall_most);
    good &=
        check("the new service is quiet in the end (at most 5 % alert)", on->loud_day < SOAK_DAYS);
    return good;
}
