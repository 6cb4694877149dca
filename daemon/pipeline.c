#include "pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "capture.h"
#include "log.h"

struct pipeline {
    const char *filter;
    bool one_timeline; /* all captures are; false: each has rows of its own */
    struct meter *meter;
    struct pipeline_stats *stats;
};

/* What came of a capture. */
struct outcome {
    uint64_t frames;
    bool decodable; /* some of them are of a link type that can be decoded */
    bool damaged;   /* error says how */
    struct da3d_error error;
};

static void read_frames(struct pipeline *pipeline, struct capture *capture, struct outcome *outcome)
{
    struct frame frame;
    int rc;

    *outcome = (struct outcome){0};
    while ((rc = capture_next(capture, &frame, &outcome->error)) > 0 &&
           !meter_stopped(pipeline->meter)) {
        const int linktype = capture_linktype(capture);

        meter_frame(pipeline->meter, linktype, &frame);
        outcome->decodable = outcome->decodable || decode_link_supported(linktype);
        outcome->frames++;
    }
    outcome->damaged = rc < 0;
}

/* Not a capture of IP traffic: an error where the user named it, else one of the other files that a
 * directory may hold. */
static int not_usable(struct pipeline *pipeline, const struct input *input, const char *reason)
{
    if (input->named)
        return log_fail(input->path, reason);
    log_warning("%s: %s; skipped", input->path, reason);
    pipeline->stats->files_skipped++;
    return 0;
}

static bool is_usable(const struct outcome *outcome)
{
    return outcome->frames > 0 ? outcome->decodable : !outcome->damaged;
}

static int read_capture(struct pipeline *pipeline, const struct input *input,
                        struct capture *capture)
{
    struct outcome outcome;

    if (capture_set_filter(capture, pipeline->filter, &outcome.error) < 0)
        return log_fail(input->path, outcome.error.text);
    read_frames(pipeline, capture, &outcome);
    if (meter_stopped(pipeline->meter))
        return -1;
    if (!pipeline->one_timeline)
        meter_flush(pipeline->meter);
    if (outcome.frames > 0 && !outcome.decodable)
        da3d_fail(&outcome.error, "link type %d (%s) is not supported", capture_linktype(capture),
                  capture_linktype_name(capture));
    if (!is_usable(&outcome))
        return not_usable(pipeline, input, outcome.error.text);
    if (outcome.damaged)
        log_warning("%s: after %" PRIu64 " frames: %s; used up to there", input->path,
                    outcome.frames, outcome.error.text);
    pipeline->stats->files++;
    return 0;
}

static bool is_empty(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_size == 0;
}

static int read_input(struct pipeline *pipeline, struct input *input)
{
    struct da3d_error error;
    struct capture *capture;
    struct unpack *source;
    int rc;

    if (!input->named && is_empty(input->path))
        return not_usable(pipeline, input, "empty file");
    source = input_open(input, &error);
    if (!source)
        return log_fail(input->path, error.text);
    capture = capture_open(source, &error);
    if (!capture)
        return not_usable(pipeline, input, error.text);
    rc = read_capture(pipeline, input, capture);
    capture_close(capture);
    return rc;
}

static void log_count(const char *what, uint64_t count)
{
    if (count > 0)
        log_info("%s: %" PRIu64, what, count);
}

static void log_left_out(const struct meter_stats *stats)
{
    char what[64];

    for (enum decode_result r = DECODE_OK + 1; r < DECODE_RESULT_COUNT; r++) {
        snprintf(what, sizeof what, "frames left out, %s", decode_result_name(r));
        log_count(what, stats->decoded[r]);
    }
}

static void log_tunnels(const struct decoder_stats *stats)
{
    char what[64];

    for (enum tunnel_kind kind = 0; kind < TUNNEL_COUNT; kind++) {
        snprintf(what, sizeof what, "tunnels looked into, %s", decode_tunnel_name(kind));
        log_count(what, stats->inner[kind]);
    }
    log_count("tunnels taken as flows of their own, content not decoded", stats->opaque);
}

int pipeline_need_flows(const struct inputs *inputs, const struct pipeline_stats *stats)
{
    if (stats->meter.flows.flows > 0)
        return 0;
    if (inputs->n == 1)
        log_error("%s: no usable flow", inputs->items[0].path);
    else
        log_error("no usable flow in %zu files", inputs->n);
    log_left_out(&stats->meter);
    return -1;
}

/* What was read before an error is reported all the same. */
static int read_inputs(struct pipeline *pipeline, const struct inputs *inputs)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < inputs->n; i++)
        rc = read_input(pipeline, &inputs->items[i]);
    meter_flush(pipeline->meter);
    meter_stats(pipeline->meter, &pipeline->stats->meter);
    if (meter_stopped(pipeline->meter))
        return -1;
    if (rc == 0 && pipeline->stats->files == 0) {
        log_error("no capture in %zu files", inputs->n);
        rc = -1;
    }
    return rc;
}

int pipeline_run(const struct inputs *inputs, const char *filter, const struct meter_config *config,
                 meter_sink *sink, void *ctx, struct pipeline_stats *stats)
{
    struct pipeline pipeline = {
        .filter = config->rule && !*filter ? config->rule->filter : filter,
        .one_timeline = !config->rule,
        .stats = stats,
    };
    int rc;

    *stats = (struct pipeline_stats){0};
    pipeline.meter = meter_new(config, sink, ctx);
    if (!pipeline.meter) {
        log_error("%s", strerror(errno));
        return -1;
    }
    rc = read_inputs(&pipeline, inputs);
    meter_free(pipeline.meter);
    return rc;
}

void pipeline_log_stats(const struct pipeline_stats *stats)
{
    const struct meter_stats *meter = &stats->meter;
    char what[64];

    log_info("read %" PRIu64 " frames in %" PRIu64 " files: %" PRIu64 " rows of flows",
             meter->frames, stats->files, meter->flows.flows);
    log_left_out(meter);
    log_tunnels(&meter->decoder);
    log_count("files skipped", stats->files_skipped);
    for (enum flow_kind kind = 0; kind < FLOW_KIND_COUNT; kind++) {
        snprintf(what, sizeof what, "flows ended early, table full, %s", flow_kind_name(kind));
        log_count(what, meter->flows.evicted[kind]);
    }
    log_count("rows ended early, time stepped back", meter->flows.ends[FLOW_END_CLOCK]);
    log_count("sessions whose content was not looked at, memory full", meter->flows.uninspected);
}
