#include "sensor.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "recorder.h"

/* A silent interface's clock: no frame older than this can still come out of the kernel's ring. */
enum { LATENESS_MS = 10 * CAPTURE_WAIT_MS };

enum { STATS_MS = 500, PAUSE_MAX_MS = 8 * CAPTURE_WAIT_MS, DRAIN_MS = 2000 };

struct sensor {
    struct sensor_config config;
    struct capture *capture;
    struct recorder *recorder; /* NULL: none */
    struct meter *meter;
    sensor_sink *sink;
    void *ctx; /* the sink's */
    pthread_t thread;
    atomic_bool stop;  /* asked of the thread */
    atomic_bool ended; /* by the thread */
    atomic_bool turned;
    unsigned pause_ms; /* before the interface is tried again; 0: it is up */
    int64_t down_at;   /* ns, when the latest outage was noticed */
    bool refused;      /* it has been said that it cannot be opened again */
    uint32_t outages;
    pthread_mutex_t lock; /* of stats */
    struct sensor_stats stats;
    int64_t stats_at; /* ns, when they were taken */
};

static int tell(void *ctx, const struct flow *flow, const double *x)
{
    const struct sensor *sensor = ctx;

    return sensor->sink(sensor->ctx, sensor->config.number, flow, x);
}

static int open_recorder(struct sensor *sensor, struct da3d_error *error)
{
    const struct recorder_config config = {
        .path = sensor->config.record,
        .limit = sensor->config.record_limit,
        .linktype = capture_linktype(sensor->capture),
        .snaplen = sensor->config.live.snaplen,
    };

    if (!config.path)
        return 0;
    sensor->recorder = recorder_open(&config, error);
    return sensor->recorder ? 0 : -1;
}

static int sensor_init(struct sensor *sensor, struct da3d_error *error)
{
    sensor->capture = capture_open_live(&sensor->config.live, error);
    if (!sensor->capture)
        return -1;
    if (!decode_link_supported(capture_linktype(sensor->capture)))
        return da3d_fail(error, "link type %d (%s) is not supported",
                         capture_linktype(sensor->capture), capture_linktype_name(sensor->capture));
    if (open_recorder(sensor, error) < 0)
        return -1;
    sensor->meter = meter_new(&sensor->config.meter, tell, sensor);
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
    recorder_close(sensor->recorder);
    meter_free(sensor->meter);
    pthread_mutex_destroy(&sensor->lock);
    free(sensor);
}

static void publish_stats(struct sensor *sensor)
{
    struct sensor_stats stats = {.up = sensor->pause_ms == 0, .outages = sensor->outages};

    meter_stats(sensor->meter, &stats.meter);
    capture_counts(sensor->capture, &stats.capture);
    pthread_mutex_lock(&sensor->lock);
    sensor->stats = stats;
    pthread_mutex_unlock(&sensor->lock);
    if (sensor->recorder)
        recorder_flush(sensor->recorder);
}

static void on_outage(struct sensor *sensor, const char *reason)
{
    log_warning("%s: %s; waiting for it", sensor->config.live.interface, reason);
    sensor->outages++;
    sensor->pause_ms = CAPTURE_WAIT_MS;
    sensor->down_at = wall_ns();
    sensor->refused = false;
}

/* Once in an outage: without CAP_NET_RAW an interface that was removed is lost. */
static void on_refusal(struct sensor *sensor, const char *reason)
{
    if (!sensor->refused)
        log_error("%s: cannot be opened again: %s", sensor->config.live.interface, reason);
    sensor->refused = true;
}

/* Pauses first, so that an interface that was only down is found to be back before it is opened
 * anew, and its first frames are not lost. */
static void wait_for_interface(struct sensor *sensor, const struct da3d_error *error)
{
    struct da3d_error refusal;
    int rc = 0;

    if (sensor->pause_ms == 0)
        on_outage(sensor, error->text);
    else
        rc = capture_reopen(sensor->capture, &refusal);
    if (rc > 0)
        return;
    if (rc < 0)
        on_refusal(sensor, refusal.text);
    nanosleep(&(struct timespec){.tv_nsec = sensor->pause_ms * 1000000L}, NULL);
    if (sensor->pause_ms < PAUSE_MAX_MS)
        sensor->pause_ms *= 2;
}

/* rc: of capture_next(). A frame may still be one from before the outage. */
static bool is_back(const struct sensor *sensor, int rc, const struct frame *frame)
{
    return sensor->pause_ms > 0 && (rc == 0 || (rc > 0 && frame->ts_ns > sensor->down_at));
}

static void on_return(struct sensor *sensor)
{
    log_info("%s: the interface is back", sensor->config.live.interface);
    sensor->pause_ms = 0;
}

static void take_frame(struct sensor *sensor, const struct frame *frame)
{
    if (sensor->recorder)
        recorder_frame(sensor->recorder, frame);
    meter_frame(sensor->meter, capture_linktype(sensor->capture), frame);
}

/* Returns the time by which stats are taken. */
static int64_t step(struct sensor *sensor)
{
    struct da3d_error error;
    struct frame frame;
    int rc = capture_next(sensor->capture, &frame, &error);
    int64_t now;

    if (is_back(sensor, rc, &frame))
        on_return(sensor);
    if (rc > 0) {
        take_frame(sensor, &frame);
        return frame.ts_ns;
    }
    if (rc < 0)
        wait_for_interface(sensor, &error);
    now = wall_ns();
    meter_advance(sensor->meter, now - LATENESS_MS * INT64_C(1000000));
    return now;
}

/* What the kernel has received by now is taken too, as far as time allows. */
static void drain(struct sensor *sensor)
{
    const int64_t now = wall_ns();
    struct da3d_error error;
    struct frame frame;

    while (capture_next(sensor->capture, &frame, &error) > 0 && frame.ts_ns <= now &&
           wall_ns() - now < DRAIN_MS * INT64_C(1000000))
        take_frame(sensor, &frame);
}

static void *run(void *ctx)
{
    struct sensor *sensor = ctx;

    while (!atomic_load_explicit(&sensor->stop, memory_order_relaxed)) {
        int64_t now = step(sensor);

        atomic_store_explicit(&sensor->turned, true, memory_order_relaxed);
        if (now < sensor->stats_at || now - sensor->stats_at > STATS_MS * INT64_C(1000000)) {
            publish_stats(sensor);
            sensor->stats_at = now;
        }
    }
    drain(sensor);
    meter_flush(sensor->meter);
    publish_stats(sensor);
    atomic_store(&sensor->ended, true);
    return NULL;
}

int sensor_start(struct sensor *sensor, sensor_sink *sink, void *ctx)
{
    sensor->sink = sink;
    sensor->ctx = ctx;
    errno = pthread_create(&sensor->thread, NULL, run, sensor);
    return errno == 0 ? 0 : -1;
}

void sensor_end(struct sensor *sensor)
{
    atomic_store(&sensor->stop, true);
}

bool sensor_ended(const struct sensor *sensor)
{
    return atomic_load(&sensor->ended);
}

void sensor_stop(struct sensor *sensor)
{
    struct sensor_stats stats;

    sensor_end(sensor);
    pthread_join(sensor->thread, NULL);
    sensor_stats(sensor, &stats);
    log_info("%s: %" PRIu64 " frames, %" PRIu64 " dropped for want of room, %" PRIu32
             " times down or gone",
             sensor->config.live.interface, stats.meter.frames, stats.capture.dropped,
             stats.outages);
}

bool sensor_turned(struct sensor *sensor)
{
    return atomic_exchange_explicit(&sensor->turned, false, memory_order_relaxed);
}

void sensor_stats(struct sensor *sensor, struct sensor_stats *out)
{
    pthread_mutex_lock(&sensor->lock);
    *out = sensor->stats;
    pthread_mutex_unlock(&sensor->lock);
}
