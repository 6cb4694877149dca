#include "explanation.h"

#include <string.h>

#include "features/set.h"
#include "json.h"

/* All columns' contributions, and the normal rows to compare with. */
struct view {
    const struct da3d_model *model;
    const struct feature_set *set;
    struct da3d_reason reason[FEATURE_COLUMNS_MAX];
    size_t n, n_top;
    double nearest[DA3D_NEAREST][FEATURE_COLUMNS_MAX];
    size_t n_nearest;
};

static void look(struct view *view, const struct explanation_input *in)
{
    double rows[DA3D_NEAREST * FEATURE_COLUMNS_MAX];

    view->model = in->source->trained;
    view->set = feature_set_find(in->source->feature_set);
    view->n = da3d_explain(in->explainer, in->x, view->reason, FEATURE_COLUMNS_MAX);
    view->n_top = view->n < REASONS_MAX ? view->n : REASONS_MAX;
    view->n_nearest = da3d_explain_nearest(in->explainer, in->x, rows, DA3D_NEAREST);
    for (size_t i = 0; i < view->n_nearest; i++)
        memcpy(view->nearest[i], rows + i * view->n, view->n * sizeof *rows);
}

static struct json_object *feature_object(const struct view *view, const struct da3d_reason *reason)
{
    const struct feature_column *feature = &view->set->columns[reason->column];
    struct json_object *object = reasons_object(reason, view->model);
    struct json_object *nearest = json_object_new_array();

    for (size_t i = 0; i < view->n_nearest; i++)
        json_object_array_add(
            nearest, reasons_value(view->model, reason->column, view->nearest[i][reason->column]));
    json_object_object_add(object, "nearest", nearest);
    json_add_string(object, "unit", feature->unit);
    json_add_string(object, "definition", feature->definition);
    return object;
}

static double rest(const struct view *view)
{
    double sum = 0;

    for (size_t i = view->n_top; i < view->n; i++)
        sum += view->reason[i].contribution;
    return sum;
}

/* The event names the model that scored it, whichever explains. */
static void add_event(struct json_object *object, const struct explanation_input *in)
{
    struct event_source source = *in->source;

    if (in->scored_by)
        strcpy(source.model, in->scored_by);
    json_object_object_add(object, "event", event_object(&source, &in->event));
    if (strcmp(source.model, in->source->model) != 0)
        json_add_string(object, "explained_by", in->source->model);
}

struct json_object *explanation_object(const struct explanation_input *in)
{
    const struct flow *flow = in->event.flow;
    struct json_object *object = json_object_new_object();
    struct json_object *features = json_object_new_array();
    struct view view;

    look(&view, in);
    for (size_t i = 0; i < view.n_top; i++)
        json_object_array_add(features, feature_object(&view, &view.reason[i]));
    add_event(object, in);
    json_add_number(object, "duration", (double)(flow->end_ns - flow->start_ns) * 1e-9);
    json_add_number(object, "baseline", (double)da3d_explain_baseline(in->explainer));
    json_object_object_add(object, "features", features);
    json_add_int(object, "others", view.n - view.n_top);
    json_add_number(object, "rest", rest(&view));
    return object;
}
