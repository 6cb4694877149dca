#include "sensor.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"

/* A silent interface's clock: no frame older than this can still come out of the kernel's ring. */
enum { LATENESS_MS = 10 * CAPTURE_WAIT_MS, STATS_MS = 500 };

struct sensor {
    struct sensor_config config;
    struct capture *capture;
    struct meter *meter;
    struct judge *judge; /* borrowed */
    pthread_t thread;
    atomic_bool stop;
    pthread_mutex_t lock; /* of stats */
    struct sensor_stats stats;
    int64_t stats_at; /* ns, when they were taken */
};

static int submit(void *ctx, const struct flow *flow, const double *x)
{
    struct sensor *sensor = ctx;

    judge_submit(sensor->judge, sensor->config.number, flow, x);
    return 0;
}

static int sensor_init(struct sensor *sensor, struct da3d_error *error)
{
    sensor->capture = capture_open_live(&sensor->config.live, error);
    if (!sensor->capture)
        return -1;
    if (!decode_link_supported(capture_linktype(sensor->capture)))
        return da3d_fail(error, "link type %d (%s) is not supported",
                         capture_linktype(sensor->capture), capture_linktype_name(sensor->capture));
    if (capture_set_filter(sensor->capture, sensor->config.filter, error) < 0)
        return -1;
    sensor->meter = meter_new(&sensor->config.meter, submit, sensor);
    return sensor->meter ? 0 : da3d_fail(error, "%s", strerror(errno));
}

struct sensor *sensor_open(const struct sensor_config *config, struct da3d_error *error)
{
    struct sensor *sensor = calloc(1, sizeof *sensor);

    if (!sensor) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    sensor->config = *config;
    sensor->stats.up = true;
    pthread_mutex_init(&sensor->lock, NULL);
    if (sensor_init(sensor, error) < 0) {
        sensor_free(sensor);
        return NULL;
    }
    return sensor;
}

void sensor_free(struct sensor *sensor)
{
    if (!sensor)
        return;
    capture_close(sensor->capture);
    meter_free(sensor->meter);
    pthread_mutex_destroy(&sensor->lock);
    free(sensor);
}

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void publish_stats(struct sensor *sensor, bool up)
{
    struct sensor_stats stats = {.up = up};

    meter_stats(sensor->meter, &stats.meter);
    capture_counts(sensor->capture, &stats.capture);
    pthread_mutex_lock(&sensor->lock);
    sensor->stats = stats;
    pthread_mutex_unlock(&sensor->lock);
}

/* An interface that is down comes back to the same handle. */
static void wait_for_interface(struct sensor *sensor, const struct da3d_error *error)
{
    if (sensor->stats.up)
        log_warning("%s: %s", sensor->config.live.interface, error->text);
    publish_stats(sensor, false);
    nanosleep(&(struct timespec){.tv_nsec = CAPTURE_WAIT_MS * 1000000L}, NULL);
}

static void *run(void *ctx)
{
    struct sensor *sensor = ctx;
    const int linktype = capture_linktype(sensor->capture);
    struct da3d_error error;
    struct frame frame;

    while (!atomic_load_explicit(&sensor->stop, memory_order_relaxed)) {
        int rc = capture_next(sensor->capture, &frame, &error);
        int64_t now;

        if (rc > 0)
            meter_frame(sensor->meter, linktype, &frame);
        else if (rc < 0)
            wait_for_interface(sensor, &error);
        now = rc > 0 ? frame.ts_ns : now_ns();
        if (rc == 0)
            meter_advance(sensor->meter, now - LATENESS_MS * INT64_C(1000000));
        if (rc >= 0 &&
            (now < sensor->stats_at || now - sensor->stats_at > STATS_MS * INT64_C(1000000))) {
            publish_stats(sensor, true);
            sensor->stats_at = now;
        }
    }
    meter_flush(sensor->meter);
    publish_stats(sensor, true);
    return NULL;
}

int sensor_start(struct sensor *sensor, struct judge *judge)
{
    sensor->judge = judge;
    errno = pthread_create(&sensor->thread, NULL, run, sensor);
    return errno == 0 ? 0 : -1;
}

void sensor_stop(struct sensor *sensor)
{
    atomic_store(&sensor->stop, true);
    pthread_join(sensor->thread, NULL);
}

void sensor_stats(struct sensor *sensor, struct sensor_stats *out)
{
    pthread_mutex_lock(&sensor->lock);
    *out = sensor->stats;
    pthread_mutex_unlock(&sensor->lock);
}
