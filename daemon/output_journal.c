/* Events in the systemd journal, with their fields. The only file that knows sd-journal. Where no
 * journal runs, its library throws them away. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "journal_fields.h"
#include "output.h"

static void *journal_open(const struct config_output *config, const struct output_context *context,
                          struct da3d_error *error)
{
    struct output_counts *counts = calloc(1, sizeof *counts);

    (void)config;
    (void)context;
    if (!counts)
        da3d_fail(error, "%s", strerror(errno));
    return counts;
}

static void journal_emit(void *state, const struct output_event *event)
{
    struct output_counts *counts = state;
    struct journal_fields fields;

    if (journal_fields_init(&fields, event->line, event->length) == 0 &&
        sd_journal_sendv(fields.field, (int)fields.n) == 0)
        counts->written++;
    else
        counts->dropped++;
    journal_fields_clear(&fields);
}

static void journal_tell_withheld(void *state, uint64_t lines)
{
    (void)state;
    sd_journal_send("MESSAGE=%llu events in the last minute were beyond the rate",
                    (unsigned long long)lines, "PRIORITY=4", "SYSLOG_IDENTIFIER=da3dd",
                    "DA3DD_WITHHELD=%llu", (unsigned long long)lines, NULL);
}

static void journal_counts(const void *state, struct output_counts *out)
{
    *out = *(const struct output_counts *)state;
}

static void journal_close(void *state)
{
    free(state);
}

const struct output_kind output_journal = {
    .type = "journal",
    .open = journal_open,
    .emit = journal_emit,
    .tell_withheld = journal_tell_withheld,
    .counts = journal_counts,
    .close = journal_close,
};
