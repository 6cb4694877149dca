/* explanation.h - all that is told of one flow and why its score is what it is: as JSON, which
 * page.h prints for people. */
#ifndef DAEMON_EXPLANATION_H
#define DAEMON_EXPLANATION_H

#include <json-c/json.h>

#include "event.h"

struct explanation_input {
    const struct event_source *source; /* of the model that the explainer has */
    struct da3d_explainer *explainer;
    struct event_flow event;
    const char *scored_by; /* the model that did; NULL: the source's */
    const double *x;       /* its vector */
};

/* json-c's, the caller's:
 *
 *   event          as -r prints the flow's, without the reasons of an alert
 *   duration       seconds
 *   baseline       logit of the row that contributions are counted from
 *   explained_by   the model that did, where it is not the event's
 *   features       the REASONS_MAX that contribute most, each as in da3d.top, with its definition,
 *                  its unit, and the values of the nearest normal flows
 *   others, rest   how many other columns there are, and what they contribute together */
struct json_object *explanation_object(const struct explanation_input *in);

#endif
