#include "alert_rate.h"

#include <math.h>

enum { HOUR_S = 3600 };

/* Empties the hours between the last one that was counted in and this one. */
static void move_to(struct alert_rate *rate, int64_t hour)
{
    const int64_t passed = hour - rate->hours;

    for (int64_t i = 1; i <= passed && i <= ALERT_RATE_HOURS; i++)
        rate->hour[(rate->hours + i) % ALERT_RATE_HOURS] = (struct alert_count){0};
    rate->hours = hour;
}

static void count(struct alert_count *into, bool reached)
{
    into->flows++;
    into->reached += reached;
}

void alert_rate_add(struct alert_rate *rate, bool reached, int64_t now_s)
{
    if (rate->all.flows == 0)
        rate->began_s = now_s;
    move_to(rate, now_s / HOUR_S);
    count(&rate->all, reached);
    count(&rate->hour[rate->hours % ALERT_RATE_HOURS], reached);
}

struct alert_count alert_rate_recent(const struct alert_rate *rate, int64_t now_s)
{
    const int64_t oldest = now_s / HOUR_S - ALERT_RATE_HOURS + 1;
    struct alert_count sum = {0};

    for (int64_t i = 0; i < ALERT_RATE_HOURS; i++) {
        const int64_t hour = rate->hours - i;

        if (hour < oldest || hour < 0)
            break;
        sum.flows += rate->hour[hour % ALERT_RATE_HOURS].flows;
        sum.reached += rate->hour[hour % ALERT_RATE_HOURS].reached;
    }
    return sum;
}

double alert_rate_per_day(const struct alert_rate *rate, int64_t now_s)
{
    const int64_t since_s = now_s - rate->began_s;
    const int64_t window_s = now_s % HOUR_S + (ALERT_RATE_HOURS - 1) * (int64_t)HOUR_S;
    const int64_t counted_s = since_s < window_s ? since_s : window_s;

    if (rate->all.flows == 0 || counted_s < HOUR_S)
        return 0;
    return (double)alert_rate_recent(rate, now_s).flows / (double)counted_s * 86400;
}

struct alert_interval alert_interval(struct alert_count count)
{
    const double z = 1.959963984540054, n = (double)count.flows;
    double share, centre, half;

    if (count.flows == 0)
        return (struct alert_interval){0, 1};
    share = (double)count.reached / n;
    centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    return (struct alert_interval){
        .low = count.reached == 0 ? 0 : centre - half,
        .high = count.reached == count.flows ? 1 : centre + half,
    };
}
