#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

static const struct output_kind *const kinds[] = {
    &output_stdout, &output_socket, &output_file, &output_journal, &output_syslog,
};

enum { MINUTE_MS = 60000, LAST_CHANCE_S = 1 };

struct open_output {
    const struct output_kind *kind;
    bool wants[OUTPUT_MODEL + 1]; /* by enum output_event_kind */
    char *path;
    void *state;
    uint32_t rate;     /* lines a minute; 0: no limit */
    uint32_t emitted;  /* in this minute */
    uint64_t withheld; /* in this minute */
    uint64_t withheld_before;
};

struct outputs {
    struct open_output open[CONFIG_OUTPUTS_MAX];
    size_t n;
    struct loop_watch *minute;
};

static const struct output_kind *kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->type, type) == 0)
            return kinds[i];
    return NULL;
}

static int open_one(struct outputs *outputs, const struct config_output *config,
                    const struct output_context *context, struct da3d_error *error)
{
    struct open_output *open = &outputs->open[outputs->n];

    *open = (struct open_output){
        .kind = kind_of(config->type),
        .wants = {[OUTPUT_SCORE] = config->scores,
                  [OUTPUT_ALERT] = config->alerts,
                  [OUTPUT_STATS] = config->stats,
                  [OUTPUT_MODEL] = config->models},
        .path = strdup(config->path ? config->path : ""),
    };
    if (!open->kind)
        da3d_fail(error, "there is no output '%s'", config->type);
    else if (!open->path)
        da3d_fail(error, "%s", strerror(errno));
    else
        open->state = open->kind->open(config, context, error);
    if (!open->state) {
        free(open->path);
        return -1;
    }
    open->rate = open->kind->tell_withheld ? config->rate : 0;
    outputs->n++;
    return 0;
}

static void tell_withheld(struct open_output *open)
{
    if (open->withheld > 0)
        open->kind->tell_withheld(open->state, open->withheld);
    open->withheld_before += open->withheld;
    open->withheld = 0;
    open->emitted = 0;
}

static void on_minute(void *ctx)
{
    struct outputs *outputs = ctx;

    for (size_t i = 0; i < outputs->n; i++)
        tell_withheld(&outputs->open[i]);
}

struct outputs *outputs_open(const struct config *config, const struct output_context *context,
                             struct da3d_error *error)
{
    struct outputs *outputs = calloc(1, sizeof *outputs);

    if (outputs)
        outputs->minute = loop_timer(context->loop, MINUTE_MS, on_minute, outputs);
    if (!outputs || !outputs->minute) {
        da3d_fail(error, "%s", strerror(errno));
        free(outputs);
        return NULL;
    }
    for (size_t i = 0; i < config->n_outputs; i++)
        if (open_one(outputs, &config->output[i], context, error) < 0) {
            outputs_close(outputs);
            return NULL;
        }
    return outputs;
}

static void emit(struct open_output *open, const struct output_event *event)
{
    if (open->rate > 0 && open->emitted == open->rate) {
        open->withheld++;
        return;
    }
    open->emitted++;
    open->kind->emit(open->state, event);
}

void outputs_emit(struct outputs *outputs, const struct output_event *event)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (outputs->open[i].wants[event->kind])
            emit(&outputs->open[i], event);
}

void outputs_reopen(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (outputs->open[i].kind->reopen)
            outputs->open[i].kind->reopen(outputs->open[i].state);
}

size_t outputs_stats(const struct outputs *outputs, struct output_stats out[CONFIG_OUTPUTS_MAX])
{
    for (size_t i = 0; i < outputs->n; i++) {
        const struct open_output *open = &outputs->open[i];

        out[i] = (struct output_stats){.type = open->kind->type, .path = open->path};
        open->kind->counts(open->state, &out[i].counts);
        out[i].counts.withheld = open->withheld_before + open->withheld;
    }
    return outputs->n;
}

void outputs_close(struct outputs *outputs)
{
    const int64_t until_ns = steady_ns() + LAST_CHANCE_S * NANOS_PER_SECOND;

    if (!outputs)
        return;
    for (size_t i = 0; i < outputs->n; i++) {
        struct open_output *open = &outputs->open[i];

        tell_withheld(open);
        open->kind->close(open->state, until_ns);
        free(open->path);
    }
    loop_unwatch(outputs->minute);
    free(outputs);
}
