/* Events in syslog as "@cee:" and the JSON, which rsyslog and syslog-ng parse. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "output.h"

static void *syslog_open(const struct config_output *config, const struct output_context *context,
                         struct da3d_error *error)
{
    struct output_counts *counts = calloc(1, sizeof *counts);

    (void)config;
    (void)context;
    if (!counts)
        da3d_fail(error, "%s", strerror(errno));
    else
        openlog("da3dd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    return counts;
}

/* syslog() does not say whether a line was taken. */
static void syslog_emit(void *state, const struct output_event *event)
{
    struct output_counts *counts = state;

    syslog(event->kind == OUTPUT_ALERT ? LOG_WARNING : LOG_INFO, "@cee: %.*s",
           (int)event->length - 1, event->line);
    counts->written++;
}

static void syslog_tell_withheld(void *state, uint64_t lines)
{
    (void)state;
    syslog(LOG_WARNING, "%llu events in the last minute were beyond the rate",
           (unsigned long long)lines);
}

static void syslog_counts(const void *state, struct output_counts *out)
{
    *out = *(const struct output_counts *)state;
}

static void syslog_close(void *state)
{
    closelog();
    free(state);
}

const struct output_kind output_syslog = {
    .type = "syslog",
    .open = syslog_open,
    .emit = syslog_emit,
    .tell_withheld = syslog_tell_withheld,
    .counts = syslog_counts,
    .close = syslog_close,
};
