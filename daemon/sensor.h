/* sensor.h - one capture thread: an interface (or one member of its fanout group) to flows, which
 * it submits to the judge. Shares nothing with other sensors. */
#ifndef DAEMON_SENSOR_H
#define DAEMON_SENSOR_H

#include "capture.h"
#include "judge.h"
#include "meter.h"

struct sensor_config {
    struct capture_live live; /* strings borrowed while the sensor lives */
    const char *filter;       /* BPF expression or "" */
    struct meter_config meter;
    unsigned number; /* told to the judge with every flow */
};

struct sensor_stats {
    struct meter_stats meter;
    struct capture_counts capture;
    bool up; /* false: the interface is down or gone; the sensor keeps trying */
};

struct sensor;

/* Opens the interface, which needs CAP_NET_RAW. Returns NULL with *error. */
struct sensor *sensor_open(const struct sensor_config *config, struct da3d_error *error);
void sensor_free(struct sensor *sensor); /* NULL-safe; it must not be running */

/* Starts the thread, which submits to judge. Returns 0, or -1 with errno. */
int sensor_start(struct sensor *sensor, struct judge *judge);

/* Ends the thread, after all flows that are left have been submitted. */
void sensor_stop(struct sensor *sensor);

/* As of at most a second ago. */
void sensor_stats(struct sensor *sensor, struct sensor_stats *out);

#endif
