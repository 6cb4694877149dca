/* da3dd --extract: captures, or an interface, to CSV. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "log.h"
#include "loop.h"
#include "meter_settings.h"
#include "modes.h"
#include "pipeline.h"
#include "sensor.h"
#include "text.h"

static const char *end_column(const struct meter_config *config)
{
    return config->rule ? config->rule->end_column : NULL;
}

static void print_header(const struct meter_config *config)
{
    const struct feature_set *set = config->set;

    fputs("src_ip,src_port,dest_ip,dest_port,proto,start", stdout);
    for (size_t i = 0; i < set->n_columns; i++)
        printf(",%s", set->columns[i].name);
    if (end_column(config))
        printf(",%s", end_column(config));
    putchar('\n');
}

static void print_identity(const struct flow *flow)
{
    char src[TEXT_ADDR], dst[TEXT_ADDR], proto[TEXT_PROTO], start[TEXT_TIME];

    text_addr(&flow->id.src, flow->id.ip_version, src);
    text_addr(&flow->id.dst, flow->id.ip_version, dst);
    text_proto(flow->id.proto, proto);
    text_epoch(flow->start_ns, start);
    printf("%s,%u,%s,%u,%s,%s", src, flow->id.sport, dst, flow->id.dport, proto, start);
}

static int print_row(void *ctx, const struct flow *flow, const double *x)
{
    const struct meter_config *config = ctx;
    const struct feature_set *set = config->set;
    char end[TEXT_TIME];

    print_identity(flow);
    for (size_t i = 0; i < set->n_columns; i++) {
        if (isnan(x[i]))
            printf(",%s", feature_sentinel(set, x, i));
        else if (set->columns[i].values != NULL)
            printf(",%s", feature_category(&set->columns[i], x[i]));
        else
            printf(",%.17g", x[i]);
    }
    if (end_column(config)) {
        text_epoch(flow->end_ns, end);
        printf(",%s", end);
    }
    putchar('\n');
    return ferror(stdout) ? -1 : 0;
}

static int extract_captures(const struct options *options, const struct meter_config *config)
{
    struct pipeline_stats stats;
    union {
        const struct meter_config *config;
        void *ctx;
    } ctx = {.config = config};

    if (pipeline_run(&options->inputs, options->filter, config, print_row, ctx.ctx, &stats) < 0)
        return -1;
    if (!options->quiet)
        pipeline_log_stats(&stats);
    return 0;
}

/* An interface that is extracted. */
struct tap {
    const struct meter_config *config;
    struct loop *loop;
    struct loop_watch *broken; /* the output takes no more */
};

/* Called on the sensor's thread, which is the only one that prints then. */
static int print_live_row(void *ctx, unsigned sensor, const struct flow *flow, const double *x)
{
    const struct tap *tap = ctx;
    union {
        const struct meter_config *config;
        void *ctx;
    } row = {.config = tap->config};

    (void)sensor;
    if (print_row(row.ctx, flow, x) == 0 && fflush(stdout) == 0)
        return 0;
    loop_wake(tap->broken);
    return -1;
}

static void on_stop(void *ctx)
{
    const struct tap *tap = ctx;

    loop_stop(tap->loop);
}

static int prepare(struct tap *tap)
{
    tap->loop = loop_new();
    if (!tap->loop || !loop_signal(tap->loop, SIGTERM, on_stop, tap) ||
        !loop_signal(tap->loop, SIGINT, on_stop, tap))
        return -1;
    tap->broken = loop_wakeable(tap->loop, on_stop, tap);
    return tap->broken ? 0 : -1;
}

static int run_live(struct tap *tap, struct sensor *sensor, const char *interface)
{
    int rc = prepare(tap);

    if (rc == 0)
        rc = sensor_start(sensor, print_live_row, tap);
    if (rc < 0) {
        log_error("%s", strerror(errno));
    } else {
        log_info("listening on %s", interface);
        rc = loop_run(tap->loop);
        sensor_stop(sensor);
    }
    loop_free(tap->loop);
    return rc;
}

static int extract_live(const struct options *options, const struct meter_config *meter)
{
    const struct sensor_config config = {
        .live = {.interface = options->interfaces[0],
                 .filter = options->filter,
                 .snaplen = CAPTURE_SNAPLEN,
                 .buffer_bytes = CAPTURE_BUFFER_BYTES,
                 .promiscuous = true},
        .meter = *meter,
        .record = options->record,
        .record_limit = options->record_limit,
    };
    struct tap tap = {.config = meter};
    struct da3d_error error;
    struct sensor *sensor = sensor_open(&config, &error);
    int rc;

    if (!sensor) {
        log_error("%s: %s", config.live.interface, error.text);
        return -1;
    }
    rc = run_live(&tap, sensor, config.live.interface);
    sensor_free(sensor);
    return rc;
}

int mode_extract(const struct options *options)
{
    struct meter_config config = options->meter;
    int rc;

    meter_settings_default(&config);
    config.set = config.rule ? config.rule->set : options->set ? options->set : *feature_sets();
    print_header(&config);
    fflush(stdout);
    rc = options->n_interfaces > 0 ? extract_live(options, &config)
                                   : extract_captures(options, &config);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
