/* The end of a service: whatever waits to be scored is, for a few seconds. */
#include <inttypes.h>
#include <time.h>

#include "clock.h"
#include "log.h"
#include "service.h"

enum { REST_NS = 1000000, STOP_S = 3 };

static void log_left_out(struct service *s)
{
    struct judge_stats stats;
    struct sensor_stats sensor;
    uint64_t abandoned;

    judge_stats(s->judge, &stats);
    abandoned = stats.abandoned;
    for (size_t i = 0; i < s->n_running; i++) {
        sensor_stats(s->sensor[i], &sensor);
        abandoned += sensor.meter.abandoned;
    }
    if (stats.flows.refused > 0)
        log_warning("%" PRIu64 " flows left out: they came faster than they could be scored",
                    stats.flows.refused);
    if (abandoned > 0)
        log_warning("%" PRIu64 " flows left out: not scored within %d s of the stop", abandoned,
                    STOP_S);
}

/* While other threads end: what they still have to tell is taken, or they would wait for room. */
static void take_or_rest(struct service *s)
{
    if (service_take_verdicts(s) == 0)
        nanosleep(&(struct timespec){.tv_nsec = REST_NS}, NULL);
}

/* They report all flows at once, which is faster than these can be scored. */
static void stop_sensors(struct service *s)
{
    judge_stop_by(s->judge, steady_ns() + STOP_S * NANOS_PER_SECOND);
    for (size_t i = 0; i < s->n_running; i++)
        sensor_end(s->sensor[i]);
    for (size_t i = 0; i < s->n_running; i++) {
        while (!sensor_ended(s->sensor[i]))
            take_or_rest(s);
        sensor_stop(s->sensor[i]);
    }
}

void service_stop(struct service *s)
{
    if (!s->judge)
        return;
    stop_sensors(s);
    judge_close(s->judge);
    while (!judge_ended(s->judge))
        take_or_rest(s);
    while (service_take_verdicts(s) > 0)
        ;
    log_left_out(s);
    alerts_flush(s->alerts);
    console_finish(s->console);
}
