/* courier.h - takes lines to where delivery may have to wait, on a thread of its own, so that who
 * sends them never waits. */
#ifndef DAEMON_COURIER_H
#define DAEMON_COURIER_H

#include <stdbool.h>

#include "output.h"

struct courier;

/* What it carries: a line, or that so many were withheld. */
struct parcel {
    char *line; /* without its newline; owned; NULL: none */
    bool alert;
    uint64_t withheld; /* lines; 0: this is a line */
};

/* Called on the courier's thread. Returns false if the parcel could not be delivered. */
typedef bool courier_deliver(const struct parcel *parcel);

/* The thread begins with the first parcel: with what rights the process has left by then.
 * Returns NULL with *error. */
struct courier *courier_new(courier_deliver *deliver, struct da3d_error *error);

/* These fit struct output_kind; state: the courier. A line that finds no room is counted. */
void courier_emit(void *state, const struct output_event *event);
void courier_tell_withheld(void *state, uint64_t lines);
void courier_counts(const void *state, struct output_counts *out);
void courier_close(void *state, int64_t until_ns);

#endif
