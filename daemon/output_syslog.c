/* Events in syslog as "@cee:" and the JSON, which rsyslog and syslog-ng parse. */
#include <syslog.h>

#include "courier.h"

/* syslog() waits where its reader is stuck, and does not say whether the line was taken. */
static bool deliver(const struct parcel *parcel)
{
    if (parcel->line)
        syslog(parcel->alert ? LOG_WARNING : LOG_INFO, "@cee: %s", parcel->line);
    else
        syslog(LOG_WARNING, "%llu events in the last minute were beyond the rate",
               (unsigned long long)parcel->withheld);
    return true;
}

static void *syslog_open(const struct config_output *config, const struct output_context *context,
                         struct da3d_error *error)
{
    (void)config;
    (void)context;
    openlog("da3dd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    return courier_new(deliver, error);
}

const struct output_kind output_syslog = {
    .type = "syslog",
    .open = syslog_open,
    .emit = courier_emit,
    .tell_withheld = courier_tell_withheld,
    .counts = courier_counts,
    .close = courier_close,
};
