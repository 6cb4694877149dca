#include "model_event.h"

#include <stdlib.h>

#include "clock.h"
#include "json.h"
#include "log.h"

static struct json_object *event_of(const struct stats_sources *sources,
                                    const struct model_change *change)
{
    struct json_object *event, *object = json_object_new_object();
    struct judge_stats stats;

    judge_stats(sources->judge, &stats);
    event = event_begin("model", stats.source.host, wall_ns());
    json_add_string(object, "action", change->action);
    json_add_string(object, "id", stats.source.model);
    if (change->before)
        json_add_string(object, "previous", change->before);
    json_add_string(object, "feature_set", stats.source.feature_set);
    if (change->reason)
        json_add_string(object, "reason", change->reason);
    if (change->report)
        json_object_object_add(object, "report", json_object_get(change->report));
    json_object_object_add(event, "model", object);
    return event;
}

void model_event_tell(const struct stats_sources *sources, const struct model_change *change)
{
    struct json_object *object = event_of(sources, change);
    struct output_event event = {.kind = OUTPUT_MODEL};
    char *line = json_line(object, &event.length);

    event.line = line;
    if (line)
        outputs_emit(sources->outputs, &event);
    free(line);
    json_object_put(object);
    log_info("model: %s%s%s", change->action, change->reason ? ": " : "",
             change->reason ? change->reason : "");
}
