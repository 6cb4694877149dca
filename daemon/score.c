/* da3dd -r: captures and a model to JSON lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "log.h"
#include "modes.h"
#include "scoring.h"

struct writer {
    struct event_source source;
    uint64_t flows, alerts;
};

static int write_event(void *ctx, const struct flow *flow, const struct da3d_score *score)
{
    struct writer *writer = ctx;

    writer->flows++;
    writer->alerts += score->alert;
    if (event_write(stdout, &writer->source, flow, score) == 0)
        return 0;
    log_error("standard output: %s", strerror(errno));
    return -1;
}

static int score_with(const struct options *options, const struct stored_model *stored)
{
    struct pipeline_stats stats;
    struct writer writer = {0};

    event_source_init(&writer.source, stored);
    if (scoring_run(options, stored->model, write_event, &writer, &stats) < 0)
        return -1;
    if (fflush(stdout) == EOF) {
        log_error("standard output: %s", strerror(errno));
        return -1;
    }
    if (!options->quiet) {
        pipeline_log_stats(&stats);
        log_info("%llu flows scored, %llu alerts", (unsigned long long)writer.flows,
                 (unsigned long long)writer.alerts);
    }
    return 0;
}

int mode_score(const struct options *options)
{
    struct stored_model stored;
    struct da3d_error error;
    int rc;

    if (store_load(options->model, &stored, &error) < 0) {
        log_error("%s: %s", options->model, error.text);
        return EXIT_FAILURE;
    }
    rc = score_with(options, &stored);
    store_clear(&stored);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
