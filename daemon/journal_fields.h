/* journal_fields.h - an event as fields of the systemd journal.
 *
 * Each value of the event is a field: DA3DD_ and its name in capitals, behind the names of the
 * objects that it is in, da3d left out: DA3DD_SRC_IP, DA3DD_FLOW_AGE, DA3DD_SCORE. An array gives
 * one field for each of its elements. MESSAGE is for people; DA3DD_EVENT is the line itself. */
#ifndef DAEMON_JOURNAL_FIELDS_H
#define DAEMON_JOURNAL_FIELDS_H

#include <stddef.h>
#include <sys/uio.h>

enum { JOURNAL_FIELDS_MAX = 64 };

struct journal_fields {
    struct iovec field[JOURNAL_FIELDS_MAX]; /* "NAME=value", owned; what is beyond is left out */
    size_t n;
};

/* line: an event without its newline. Returns 0, or -1 with errno (EINVAL: not a JSON object). */
int journal_fields_init(struct journal_fields *out, const char *line);
void journal_fields_clear(struct journal_fields *fields);

#endif
