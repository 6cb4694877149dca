#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct output_kind *const kinds[] = {&output_stdout};

struct open_output {
    const struct output_kind *kind;
    bool wants[OUTPUT_STATS + 1]; /* by enum output_event_kind */
    void *state;
};

struct outputs {
    struct open_output open[CONFIG_OUTPUTS_MAX];
    size_t n;
};

static const struct output_kind *kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->type, type) == 0)
            return kinds[i];
    return NULL;
}

static int open_one(struct outputs *outputs, const struct config_output *config, struct loop *loop,
                    struct da3d_error *error)
{
    struct open_output *open = &outputs->open[outputs->n];

    open->kind = kind_of(config->type);
    if (!open->kind)
        return da3d_fail(error, "there is no output '%s'", config->type);
    open->wants[OUTPUT_SCORE] = config->scores;
    open->wants[OUTPUT_ALERT] = config->alerts;
    open->wants[OUTPUT_STATS] = config->stats;
    open->state = open->kind->open(config, loop, error);
    if (!open->state)
        return -1;
    outputs->n++;
    return 0;
}

struct outputs *outputs_open(const struct config *config, struct loop *loop,
                             struct da3d_error *error)
{
    struct outputs *outputs = calloc(1, sizeof *outputs);

    if (!outputs) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    for (size_t i = 0; i < config->n_outputs; i++)
        if (open_one(outputs, &config->output[i], loop, error) < 0) {
            outputs_close(outputs);
            return NULL;
        }
    return outputs;
}

void outputs_emit(struct outputs *outputs, const struct output_event *event)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (outputs->open[i].wants[event->kind])
            outputs->open[i].kind->emit(outputs->open[i].state, event);
}

void outputs_reopen(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->n; i++)
        if (outputs->open[i].kind->reopen)
            outputs->open[i].kind->reopen(outputs->open[i].state);
}

void outputs_close(struct outputs *outputs)
{
    if (!outputs)
        return;
    for (size_t i = 0; i < outputs->n; i++)
        outputs->open[i].kind->close(outputs->open[i].state);
    free(outputs);
}
