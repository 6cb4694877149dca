/* Events on standard output. Nobody else prints there while the service runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static void *stdout_open(const struct config_output *config, const struct output_context *context,
                         struct da3d_error *error)
{
    struct output_counts *counts = calloc(1, sizeof *counts);

    (void)config;
    (void)context;
    if (!counts)
        da3d_fail(error, "%s", strerror(errno));
    return counts;
}

static void stdout_emit(void *state, const struct output_event *event)
{
    struct output_counts *counts = state;

    if (fwrite(event->line, 1, event->length, stdout) == event->length && fflush(stdout) == 0)
        counts->written++;
    else
        counts->dropped++;
}

static void stdout_counts(const void *state, struct output_counts *out)
{
    *out = *(const struct output_counts *)state;
}

static void stdout_close(void *state, int64_t until_ns)
{
    (void)until_ns;
    free(state);
}

const struct output_kind output_stdout = {
    .type = "stdout",
    .open = stdout_open,
    .emit = stdout_emit,
    .counts = stdout_counts,
    .close = stdout_close,
};
