/* da3dd -i: the service. Opens, starts, runs until it is told to stop, and ends in mirror order. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"
#include "log.h"
#include "modes.h"
#include "service.h"

/* It reads the same file, with the same changes. */
static int start_helper(struct service *s)
{
    enum { FIXED = 8, WORDS = FIXED + 2 * CLI_SETTINGS_MAX };
    const char *words[WORDS] = {"-c", s->options->config_file};
    struct helper_config config = {
        .words = words,
        .memory = s->config.retrain.memory,
        .time_s = s->config.retrain.time_s,
    };
    struct da3d_error error;
    size_t n = 2;

    if (s->options->model) {
        words[n++] = "--model";
        words[n++] = s->config.model;
    }
    for (size_t i = 0; i < s->options->n_settings; i++) {
        words[n++] = "--set";
        words[n++] = s->options->settings[i];
    }
    s->helper = helper_start(&config, &error);
    return s->helper < 0 ? log_fail("helper", error.text) : 0;
}

static int configure(struct service *s)
{
    struct da3d_error error;

    if (settings_load(&s->config, s->options, &error) < 0 ||
        settings_check(&s->config, s->options, &error) < 0)
        return -1;
    if (privileges_become(s->config.privileges.user, &error) < 0)
        return log_fail("privileges", error.text);
    if (s->options->config_file && start_helper(s) < 0)
        return -1;
    s->model = service_load_model(&s->config, NULL, &error);
    if (!s->model)
        return -1;
    s->meter = s->config.meter;
    s->meter.set = judge_model_set(s->model);
    return service_take_meter_settings(&s->meter, s->model, s->config.model, &error);
}

/* Threads share nothing: columns that count the flows around a flow see those of its thread. */
static void warn_of_threads(const struct config_interface *interface, const struct feature_set *set)
{
    if (interface->threads > 1 && set->new_traffic)
        log_warning("%s: each of %" PRIu32 " capture threads counts its own flows around a flow, "
                    "for the model's set %s: scores are not those of one thread",
                    interface->name, interface->threads, set->version);
}

/* One sensor for each thread of an interface. */
static int open_interface(struct service *s, const struct config_interface *interface)
{
    struct sensor_config config = {
        .live = {.interface = interface->name,
                 .snaplen = interface->snaplen,
                 .filter = interface->filter,
                 .buffer_bytes = interface->buffer_bytes,
                 .promiscuous = interface->promiscuous},
        .meter = s->meter,
        .record = s->options->record,
        .record_limit = s->options->record_limit,
    };
    struct da3d_error error;

    if (config.record && (s->n_sensors > 0 || interface->threads > 1))
        return log_fail("--write", "goes with one interface and one capture thread");
    warn_of_threads(interface, s->meter.set);
    if (interface->threads > 1)
        config.live.fanout = (uint16_t)(s->first_group + s->n_sensors);
    for (uint32_t i = 0; i < interface->threads; i++) {
        if (s->n_sensors == SENSORS_MAX)
            return log_fail(interface->name, "too many capture threads");
        config.number = (unsigned)s->n_sensors;
        s->sensor[s->n_sensors] = sensor_open(&config, &error);
        if (!s->sensor[s->n_sensors])
            return log_fail(interface->name, error.text);
        s->interface[s->n_sensors++] = interface->name;
    }
    return 0;
}

static int open_interfaces(struct service *s)
{
    for (size_t i = 0; i < s->config.n_interfaces; i++)
        if (open_interface(s, &s->config.interface[i]) < 0)
            return -1;
    return 0;
}

static void take_verdict(struct service *s, const struct verdict *verdict)
{
    if (verdict->retired) {
        alerts_flush(s->alerts);
        drift_watch_forget(s->drift, verdict->model);
        judge_model_free(verdict->model);
    } else {
        archive_verdict(s->archive, verdict, alerts_verdict(s->alerts, verdict));
        console_verdict(s->console, verdict);
        drift_watch_verdict(s->drift, verdict);
    }
}

size_t service_take_verdicts(struct service *s)
{
    size_t n = judge_take(s->judge, s->verdicts, JUDGE_TAKE_MAX);

    for (size_t i = 0; i < n; i++)
        take_verdict(s, &s->verdicts[i]);
    return n;
}

/* One batch at a time: the outputs' readers must have their turn too. */
static void on_verdicts(void *ctx)
{
    struct service *s = ctx;

    if (service_take_verdicts(s) == JUDGE_TAKE_MAX)
        loop_wake(s->verdicts_ready);
}

/* Called on the sensors' threads. */
static int submit(void *ctx, unsigned sensor, const struct flow *flow, const double *x)
{
    const struct service *s = ctx;

    judge_submit(s->judge, sensor, flow, x);
    return judge_is_late(s->judge) ? -1 : 0; /* then the vectors of others need not be made */
}

/* Called on the judge's thread. */
static void verdicts_are_ready(void *ctx)
{
    const struct service *s = ctx;

    loop_wake(s->verdicts_ready);
}

static void on_stop(void *ctx)
{
    struct service *s = ctx;

    loop_stop(s->loop);
}

static void on_hangup(void *ctx)
{
    struct da3d_error error;

    service_reload(ctx, &error);
}

/* By its name, as its unit says, or by its path; -1: none was handed over, or none is wanted. */
static int inherited_control(const struct config *config)
{
    const int named = config->control.path ? notify_inherited_named("control") : -1;

    return named < 0 && config->control.path ? notify_inherited(config->control.path) : named;
}

/* Where systemd runs the service, it retrains as well. */
static bool helper_retrains(const struct config *config)
{
    if (strcmp(config->retrain.helper, "auto") == 0)
        return !notify_managed();
    return strcmp(config->retrain.helper, "on") == 0;
}

static int open_models(struct service *s)
{
    const struct models_config config = {
        .config = &s->config,
        .sources = &s->parts,
        .set = s->meter.set,
        .loop = s->loop,
        .helper = s->helper,
        .helper_retrains = helper_retrains(&s->config),
        .load = service_load_live,
        .service = s,
    };
    struct da3d_error error;

    s->models = models_new(&config, &error);
    s->helper = -1;
    return s->models ? 0 : log_fail("models", error.text);
}

static int open_console(struct service *s)
{
    const struct console_config config = {
        .config = &s->config,
        .config_file = s->options->config_file,
        .control = inherited_control(&s->config),
        .sources = &s->parts,
        .confinement = &s->confinement,
        .models = s->models,
        .reload = service_reload,
        .service = s,
    };
    struct da3d_error error;

    s->parts = (struct stats_sources){
        .sensors = s->sensor,
        .interfaces = s->interface,
        .n_sensors = s->n_sensors,
        .alerts = s->alerts,
        .archive = s->archive,
        .drift = s->drift,
        .outputs = s->outputs,
    };
    s->console = console_new(&config, s->loop, &error);
    return s->console ? 0 : log_fail("control", error.text);
}

/* Called by the watchdog's timer. */
static bool is_alive(void *ctx)
{
    struct service *s = ctx;
    bool alive = judge_turned(s->judge);

    for (size_t i = 0; i < s->n_running; i++)
        alive &= sensor_turned(s->sensor[i]);
    return alive;
}

static void write_status(void *ctx, char *out, size_t size)
{
    struct service *s = ctx;
    size_t up = 0;
    uint64_t frames = 0;
    struct sensor_stats sensor;
    struct judge_stats judge;
    struct alerts_stats alerts;

    for (size_t i = 0; i < s->n_sensors; i++) {
        sensor_stats(s->sensor[i], &sensor);
        up += sensor.up;
        frames += sensor.capture.dropped;
    }
    judge_stats(s->judge, &judge);
    alerts_stats(s->alerts, &alerts);
    snprintf(out, size,
             "%zu of %zu captures up; %" PRIu64 " flows scored, %" PRIu64 " alerts; %" PRIu64
             " frames and %" PRIu64 " flows lost",
             up, s->n_sensors, alerts.flows, alerts.raised, frames, judge.flows.refused);
}

/* What one host does is for a person to look at, and not to be learned. */
static void on_drift(void *ctx, const struct drift_report *report)
{
    struct service *s = ctx;
    struct da3d_error error;

    if (s->config.retrain.on_drift && s->config.spool.path && !report->one_host &&
        models_retrain(s->models, &error) < 0)
        log_warning("drift: no retraining: %s", error.text);
}

static int prepare(struct service *s)
{
    struct da3d_error error;

    s->loop = loop_new();
    if (!s->loop || !loop_signal(s->loop, SIGTERM, on_stop, s) ||
        !loop_signal(s->loop, SIGINT, on_stop, s) || !loop_signal(s->loop, SIGHUP, on_hangup, s))
        return log_fail("event loop", strerror(errno));
    s->verdicts_ready = loop_wakeable(s->loop, on_verdicts, s);
    if (!s->verdicts_ready)
        return log_fail("event loop", strerror(errno));
    s->notify = notify_new(
        s->loop, &(struct notify_source){.alive = is_alive, .status = write_status, .ctx = s});
    if (!s->notify)
        return log_fail("event loop", strerror(errno));
    s->outputs = outputs_open(
        &s->config, &(struct output_context){.loop = s->loop, .inherited = notify_inherited},
        &error);
    if (!s->outputs)
        return log_fail("outputs", error.text);
    s->alerts = alerts_new(&s->config, s->loop, s->outputs, s->interface, &error);
    if (!s->alerts)
        return log_fail("alerts", error.text);
    s->drift = drift_watch_new(s->outputs, on_drift, s);
    if (!s->drift)
        return log_fail("drift", strerror(errno));
    drift_watch_configure(s->drift, &s->config);
    s->archive = archive_open(&s->config, &s->meter, s->loop, &error);
    if (!s->archive)
        return log_fail("archive", error.text);
    return open_models(s) < 0 ? -1 : open_console(s);
}

/* What was opened before stays open. */
static int confine(struct service *s)
{
    char text[CONFINEMENT_TEXT];
    struct da3d_error error;

    tzset(); /* syslog(3) would read the zone's file later */
    if (privileges_confine(&s->config, s->options->config_file, &s->confinement, &error) < 0)
        return log_fail("privileges", error.text);
    confinement_text(&s->confinement, text);
    log_info("confined: %s", text);
    return 0;
}

/* Capture threads alone have the capabilities that are left. */
static int start(struct service *s)
{
    struct da3d_error error;
    struct judge_config config = {
        .set = s->meter.set,
        .queue = s->config.scoring.queue,
        .batch = s->config.scoring.batch,
        .wait_ms = s->config.scoring.wait_ms,
        .ready = verdicts_are_ready,
        .ctx = s,
    };
    const struct row_settings *trained = service_row_settings(s->model);

    s->judge = judge_new(&config, s->model);
    if (!s->judge)
        return log_fail("scoring queues", strerror(errno));
    s->parts.judge = s->judge;
    s->model = NULL;
    s->budget = budget_new(s->loop, s->judge, console_stats(s->console));
    if (!s->budget)
        return log_fail("event loop", strerror(errno));
    budget_configure(s->budget, &s->config, trained);
    for (; s->n_running < s->n_sensors; s->n_running++)
        if (sensor_start(s->sensor[s->n_running], submit, s) < 0)
            return log_fail("capture thread", strerror(errno));
    if (privileges_drop_all(&error) < 0)
        return log_fail("privileges", error.text);
    if (archive_start(s->archive) < 0)
        return log_fail("spool", strerror(errno));
    return judge_start(s->judge) == 0 ? 0 : log_fail("scoring thread", strerror(errno));
}

static void release(struct service *s)
{
    drift_watch_free(s->drift);
    budget_free(s->budget);
    console_free(s->console);
    archive_close(s->archive);
    models_free(s->models);
    if (s->helper >= 0)
        close(s->helper);
    alerts_free(s->alerts);
    outputs_close(s->outputs);
    notify_free(s->notify);
    judge_free(s->judge);
    judge_model_free(s->model);
    for (size_t i = 0; i < s->n_sensors; i++)
        sensor_free(s->sensor[i]);
    loop_free(s->loop);
    config_clear(&s->config);
}

static int run(struct service *s)
{
    int rc;

    if (configure(s) < 0 || open_interfaces(s) < 0 || prepare(s) < 0 || confine(s) < 0)
        return -1;
    rc = start(s);
    if (rc == 0) {
        for (size_t i = 0; i < s->config.n_interfaces; i++)
            log_info("listening on %s", s->config.interface[i].name);
        notify_ready(s->notify);
        rc = loop_run(s->loop);
        notify_stopping();
    }
    service_stop(s);
    return rc;
}

int mode_service(const struct options *options)
{
    struct service *s = calloc(1, sizeof *s);
    int rc;

    if (!s)
        return EXIT_FAILURE;
    signal(SIGHUP, SIG_IGN); /* until the loop takes it: what it asks for is being done */
    s->options = options;
    s->helper = -1;
    s->first_group = 1 + randombytes_uniform(UINT16_MAX - SENSORS_MAX);
    rc = run(s);
    release(s);
    free(s);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
