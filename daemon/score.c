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
    struct da3d_explainer *explainer;
    uint64_t flows, alerts;
};

static int write_event(void *ctx, const struct flow *flow, const double *x,
                       const struct da3d_score *score)
{
    struct writer *writer = ctx;
    struct reasons reasons = {0};
    const struct event_flow event = {.flow = flow, .score = score, .reasons = &reasons};
    size_t length;
    char *line;
    bool written;

    if (score->alert)
        reasons_find(&reasons, writer->explainer, x, REASONS_DEFAULT);
    line = event_line(&writer->source, &event, &length);
    written = line && fwrite(line, 1, length, stdout) == length;

    free(line);
    writer->flows++;
    writer->alerts += score->alert;
    return written ? 0 : -1;
}

int mode_score(const struct options *options, const struct stored_model *stored)
{
    struct pipeline_stats stats;
    struct writer writer = {.explainer = da3d_explainer_new(stored->model)};
    int rc = -1;

    event_source_init(&writer.source, stored);
    if (!writer.explainer)
        log_error("%s", strerror(errno));
    else
        rc = scoring_run(options, stored->model, write_event, &writer, &stats);
    da3d_explainer_free(writer.explainer);
    if (rc < 0)
        return EXIT_FAILURE;
    if (!options->quiet) {
        pipeline_log_stats(&stats);
        log_info("%llu flows scored, %llu alerts", (unsigned long long)writer.flows,
                 (unsigned long long)writer.alerts);
    }
    return EXIT_SUCCESS;
}
