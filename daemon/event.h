/* event.h - scored flows as EVE-shaped JSON lines. Specified by etc/schema.json. */
#ifndef DAEMON_EVENT_H
#define DAEMON_EVENT_H

#include <stddef.h>

#include "core/da3d.h"
#include "features/flow.h"
#include "store.h"

enum { EVENT_DIGEST = 4 }; /* bytes of the model's SHA-256 that name it in an event */

/* What is the same in every event of one run. */
struct event_source {
    char host[256];
    char model[sizeof "sha256:" + 2 * EVENT_DIGEST];
    const char *feature_set;
    double threshold; /* as a score */
    float threshold_logit;
};

void event_source_init(struct event_source *source, const struct stored_model *stored);

/* One line with its newline: event_type "alert" where score->alert, else "score". The event's time
 * is the row's end in packet time. interface: where it was seen; NULL: in a file.
 * Returns a malloc'd string, the caller's, and its *length; NULL with errno. */
char *event_line(const struct event_source *source, const char *interface, const struct flow *flow,
                 const struct da3d_score *score, size_t *length);

#endif
