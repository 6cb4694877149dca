/* event.h - scored flows as EVE-shaped JSON lines. Specified by etc/schema.json. */
#ifndef DAEMON_EVENT_H
#define DAEMON_EVENT_H

#include <stddef.h>

#include "core/da3d.h"
#include "features/flow.h"
#include "reasons.h"
#include "store.h"
#include "threshold.h"

enum {
    EVENT_DIGEST = 4, /* bytes of the model's SHA-256 that name it in an event */
    EVENT_MODEL = sizeof "sha256:" + 2 * EVENT_DIGEST /* the name's size, with its NUL */
};

/* What is the same in every event of one run. */
struct event_source {
    char host[256];
    char model[EVENT_MODEL];
    const char *feature_set;
    struct threshold threshold;       /* the model's, unless the configuration has one */
    uint32_t views;                   /* da3d_config.views of the model */
    const struct da3d_model *trained; /* borrowed: what reasons are named by */
};

void event_source_init(struct event_source *source, const struct stored_model *stored);

/* Why a flow that reaches the threshold is not alerted on. Its line is a score's then. */
enum event_withheld {
    EVENT_NOT_WITHHELD,
    EVENT_FOLDED,    /* counted: a later alert stands for it (fold.h) */
    EVENT_SUPPRESSED /* by a rule (suppress.h) */
};

struct event_flow {
    const char *interface; /* where it was seen; NULL: in a file */
    const struct flow *flow;
    const struct da3d_score *score;
    const struct threshold *threshold; /* by which it was judged; NULL: the source's */
    enum event_withheld withheld;
    const struct reasons *reasons; /* of an alert; NULL: not told */
    uint64_t suppressed;           /* alerts that this one stands for; 0: it is raised for itself */
};

/* One line with its newline: event_type "alert" where score->alert and not withheld, else "score".
 * The event's time is the row's end in packet time.
 * Returns a malloc'd string, the caller's, and its *length; NULL with errno. */
char *event_line(const struct event_source *source, const struct event_flow *event, size_t *length);

struct json_object;

/* The same as an object: json-c's, the caller's. */
struct json_object *event_object(const struct event_source *source, const struct event_flow *event);

/* What every event begins with; json-c's, the caller's. */
struct json_object *event_begin(const char *type, const char *host, int64_t time_ns);

/* The flow's addresses, ports and protocol, as every event names them. */
void event_add_ends(struct json_object *event, const struct flow_id *id);

#endif
