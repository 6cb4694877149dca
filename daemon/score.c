/* da3dd -r: captures and a model to JSON lines. */
#include <stdio.h>
#include <stdlib.h>

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
    size_t length;
    char *line =
        event_line(&writer->source, &(struct event_flow){.flow = flow, .score = score}, &length);
    bool written = line && fwrite(line, 1, length, stdout) == length;

    free(line);
    writer->flows++;
    writer->alerts += score->alert;
    return written ? 0 : -1;
}

int mode_score(const struct options *options, const struct stored_model *stored)
{
    struct pipeline_stats stats;
    struct writer writer = {0};

    event_source_init(&writer.source, stored);
    if (scoring_run(options, stored->model, write_event, &writer, &stats) < 0)
        return EXIT_FAILURE;
    if (!options->quiet) {
        pipeline_log_stats(&stats);
        log_info("%llu flows scored, %llu alerts", (unsigned long long)writer.flows,
                 (unsigned long long)writer.alerts);
    }
    return EXIT_SUCCESS;
}
