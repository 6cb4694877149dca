/* model_event.h - events of type "model": what became of the model in use. See da3dd-events(5). */
#ifndef DAEMON_MODEL_EVENT_H
#define DAEMON_MODEL_EVENT_H

#include "stats.h"

struct model_change {
    const char *action;         /* as the event names it */
    const char *before;         /* id of the model in use until then; NULL: it has not changed */
    const char *reason;         /* NULL: none */
    struct json_object *report; /* of the model or the retraining; borrowed; NULL: none */
};

/* To the outputs, and to the log. */
void model_event_tell(const struct stats_sources *sources, const struct model_change *change);

#endif
