#include "pipeline.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "features/extractor.h"
#include "log.h"

struct pipeline {
    const struct feature_set *set;
    const char *filter;
    pipeline_sink *sink;
    void *ctx;
    struct decoder *decoder;
    struct flow_table *table;
    struct feature_extractor *extractor;
    double *x;
    int stopped; /* the sink's answer */
    struct pipeline_stats *stats;
};

static void on_flow(void *ctx, const struct flow *flow)
{
    struct pipeline *pipeline = ctx;

    if (pipeline->stopped)
        return;
    feature_extract(pipeline->extractor, flow, pipeline->x);
    pipeline->stopped = pipeline->sink(pipeline->ctx, flow, pipeline->x);
}

static int pipeline_init(struct pipeline *pipeline)
{
    uint8_t key[16];

    randombytes_buf(key, sizeof key);
    pipeline->decoder = decoder_new(key);
    pipeline->table = flow_table_new(&flow_config_default, key, on_flow, pipeline);
    pipeline->extractor =
        feature_extractor_new(pipeline->set, flow_config_default.max_packets, key);
    pipeline->x = calloc(pipeline->set->n_columns, sizeof *pipeline->x);
    if (!pipeline->decoder || !pipeline->table || !pipeline->extractor || !pipeline->x) {
        log_error("%s", strerror(errno));
        return -1;
    }
    return 0;
}

static void pipeline_clear(struct pipeline *pipeline)
{
    decoder_free(pipeline->decoder);
    flow_table_free(pipeline->table);
    feature_extractor_free(pipeline->extractor);
    free(pipeline->x);
}

static void on_frame(struct pipeline *pipeline, int linktype, const struct frame *frame)
{
    enum decode_result result;
    struct packet packet;

    pipeline->stats->frames++;
    pipeline->stats->bytes += frame->wirelen;
    result = decode_packet(pipeline->decoder, linktype, frame->ts_ns, frame->data, frame->caplen,
                           &packet);
    pipeline->stats->decoded[result]++;
    if (result == DECODE_OK)
        flow_update(pipeline->table, &packet);
}

/* Returns 0, or -1 if the sink stopped it. */
static int read_frames(struct pipeline *pipeline, struct capture *capture, const char *path)
{
    struct da3d_error error;
    struct frame frame;
    int linktype = capture_linktype(capture);
    int rc;

    while ((rc = capture_next(capture, &frame, &error)) > 0 && !pipeline->stopped)
        on_frame(pipeline, linktype, &frame);
    if (rc < 0)
        log_warning("%s: frame %llu: %s; used up to there", path,
                    (unsigned long long)pipeline->stats->frames + 1, error.text);
    return pipeline->stopped;
}

static int unreadable(struct pipeline *pipeline, const struct input *input, const char *reason)
{
    if (input->named) {
        log_error("%s: %s", input->path, reason);
        return -1;
    }
    log_warning("%s: %s; skipped", input->path, reason);
    pipeline->stats->files_skipped++;
    return 0;
}

static int read_input(struct pipeline *pipeline, struct input *input)
{
    struct da3d_error error;
    struct capture *capture = NULL;
    struct unpack *source;
    char reason[128];
    int rc;

    source = input_open(input, &error);
    if (source)
        capture = capture_open(source, pipeline->filter, &error);
    if (!capture)
        return unreadable(pipeline, input, error.text);
    if (!decode_link_supported(capture_linktype(capture))) {
        snprintf(reason, sizeof reason, "link type %d (%s) is not supported",
                 capture_linktype(capture), capture_linktype_name(capture));
        rc = unreadable(pipeline, input, reason);
    } else {
        pipeline->stats->files++;
        rc = read_frames(pipeline, capture, input->path);
    }
    capture_close(capture);
    return rc;
}

static int no_flow(const struct inputs *inputs)
{
    if (inputs->n == 1)
        log_error("%s: no usable flow", inputs->items[0].path);
    else
        log_error("no usable flow in %zu files", inputs->n);
    return -1;
}

int pipeline_run(const struct inputs *inputs, const char *filter, const struct feature_set *set,
                 pipeline_sink *sink, void *ctx, struct pipeline_stats *stats)
{
    struct pipeline pipeline = {
        .set = set, .filter = filter, .sink = sink, .ctx = ctx, .stats = stats};
    int rc;

    *stats = (struct pipeline_stats){0};
    rc = pipeline_init(&pipeline);
    for (size_t i = 0; rc == 0 && i < inputs->n; i++)
        rc = read_input(&pipeline, &inputs->items[i]);
    if (rc == 0) {
        flow_flush(pipeline.table);
        rc = pipeline.stopped;
        flow_table_stats(pipeline.table, &stats->flows);
        if (stats->flows.flows == 0)
            rc = no_flow(inputs);
    }
    pipeline_clear(&pipeline);
    return rc;
}

void pipeline_log_stats(const struct pipeline_stats *stats)
{
    uint64_t left_out = stats->frames - stats->decoded[DECODE_OK];

    log_info("read %llu frames in %llu files: %llu flows", (unsigned long long)stats->frames,
             (unsigned long long)stats->files, (unsigned long long)stats->flows.flows);
    if (left_out > 0)
        for (enum decode_result r = DECODE_OK + 1; r < DECODE_RESULT_COUNT; r++)
            if (stats->decoded[r] > 0)
                log_info("not scored, %s: %llu frames", decode_result_name(r),
                         (unsigned long long)stats->decoded[r]);
    if (stats->flows.dropped > 0)
        log_warning("out of memory for flows: %llu packets dropped",
                    (unsigned long long)stats->flows.dropped);
}
