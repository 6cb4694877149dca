/* alert_rate.h - how many flows are scored, and which share of them reaches the threshold, to be
 * held against the one that was promised: since the start and over the last day. Plain data; zero
 * is empty. Times are steady, in seconds, and never step back. */
#ifndef DAEMON_ALERT_RATE_H
#define DAEMON_ALERT_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum { ALERT_RATE_HOURS = 24 };

struct alert_count {
    uint64_t flows, reached;
};

struct alert_rate {
    struct alert_count all;
    struct alert_count hour[ALERT_RATE_HOURS]; /* a ring, by the hour's number */
    int64_t hours;                             /* number of the one that is counted in */
    int64_t began_s;                           /* when the first flow came */
};

void alert_rate_add(struct alert_rate *rate, bool reached, int64_t now_s);

/* Of the last day: this hour and the 23 before. */
struct alert_count alert_rate_recent(const struct alert_rate *rate, int64_t now_s);

/* Flows a day, by the last day or what of it there has been; 0: less than an hour. */
double alert_rate_per_day(const struct alert_rate *rate, int64_t now_s);

/* Of all flows like those that were counted: the share that reaches the threshold, with 95 %
 * confidence (Wilson, 1927). 0 to 1 where none was counted. */
struct alert_interval {
    double low, high;
};
struct alert_interval alert_interval(struct alert_count count);

#endif
