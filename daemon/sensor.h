/* sensor.h - one capture thread: an interface (or one member of its fanout group) to flows, of
 * which it tells its sink. Shares nothing with other sensors. */
#ifndef DAEMON_SENSOR_H
#define DAEMON_SENSOR_H

#include "capture.h"
#include "meter.h"

struct sensor_config {
    struct capture_live live; /* strings borrowed while the sensor lives */
    struct meter_config meter;
    unsigned number;       /* told to the sink with every flow */
    const char *record;    /* file for what is captured, see recorder.h; NULL: none; borrowed */
    uint64_t record_limit; /* its bytes at most */
};

struct sensor_stats {
    struct meter_stats meter;
    struct capture_counts capture;
    uint32_t outages; /* how often the interface went down or away */
    bool up;          /* false: it is down or gone; the sensor keeps trying */
};

/* As a meter_sink. Called on the sensor's thread. */
typedef int sensor_sink(void *ctx, unsigned number, const struct flow *flow, const double *x);

struct sensor;

/* Opens the interface, which needs CAP_NET_RAW, and the recording. Returns NULL with *error. */
struct sensor *sensor_open(const struct sensor_config *config, struct da3d_error *error);
void sensor_free(struct sensor *sensor); /* NULL-safe; it must not be running */

/* Starts the thread. Returns 0, or -1 with errno. */
int sensor_start(struct sensor *sensor, sensor_sink *sink, void *ctx);

/* Asks the thread to end, without waiting for it; has it ended? */
void sensor_end(struct sensor *sensor);
bool sensor_ended(const struct sensor *sensor);

/* Ends the thread, after all flows that are left have been told of, and logs its counts. */
void sensor_stop(struct sensor *sensor);

/* Has the thread made a turn since the last call? It makes one a second where no frame comes. */
bool sensor_turned(struct sensor *sensor);

/* As of at most a second ago. */
void sensor_stats(struct sensor *sensor, struct sensor_stats *out);

#endif
