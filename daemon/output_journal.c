/* Events in the systemd journal, with their fields. The only file that knows sd-journal, which
 * waits where the journal is stuck and says nothing where none runs. */
#include <systemd/sd-journal.h>

#include "courier.h"
#include "journal_fields.h"

static bool send_withheld(uint64_t lines)
{
    return sd_journal_send("MESSAGE=%llu events in the last minute were beyond the rate",
                           (unsigned long long)lines, "PRIORITY=4", "SYSLOG_IDENTIFIER=da3dd",
                           "DA3DD_WITHHELD=%llu", (unsigned long long)lines, NULL) == 0;
}

static bool deliver(const struct parcel *parcel)
{
    struct journal_fields fields;
    bool sent;

    if (!parcel->line)
        return send_withheld(parcel->withheld);
    if (journal_fields_init(&fields, parcel->line) < 0)
        return false;
    sent = sd_journal_sendv(fields.field, (int)fields.n) == 0;
    journal_fields_clear(&fields);
    return sent;
}

static void *journal_open(const struct config_output *config, const struct output_context *context,
                          struct da3d_error *error)
{
    (void)config;
    (void)context;
    return courier_new(deliver, error);
}

const struct output_kind output_journal = {
    .type = "journal",
    .open = journal_open,
    .emit = courier_emit,
    .tell_withheld = courier_tell_withheld,
    .counts = courier_counts,
    .close = courier_close,
};
