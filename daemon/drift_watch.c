#include "drift_watch.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "log.h"
#include "text.h"

struct drift_watch {
    struct outputs *outputs;
    drift_hook *hook;
    void *ctx;
    struct drift *drift;
    struct drift_limits limits;      /* window_ns 0: nothing is watched */
    const struct judge_model *model; /* that drift has begun with; never read */
    struct drift_watch_stats stats;
};

struct drift_watch *drift_watch_new(struct outputs *outputs, drift_hook *hook, void *ctx)
{
    struct drift_watch *watch = calloc(1, sizeof *watch);
    uint64_t seed;

    if (!watch)
        return NULL;
    randombytes_buf(&seed, sizeof seed);
    watch->outputs = outputs;
    watch->hook = hook;
    watch->ctx = ctx;
    watch->stats.cause = "none";
    watch->drift = drift_new(seed);
    if (!watch->drift) {
        free(watch);
        return NULL;
    }
    return watch;
}

void drift_watch_free(struct drift_watch *watch)
{
    if (!watch)
        return;
    drift_free(watch->drift);
    free(watch);
}

void drift_watch_configure(struct drift_watch *watch, const struct config *config)
{
    watch->limits = (struct drift_limits){
        .window_ns = (int64_t)config->drift.window_ns,
        .flows = config->drift.flows,
        .threshold = config->drift.threshold,
    };
}

static const char *cause_of(const struct drift_report *report)
{
    return report->drifted == 0 ? "none" : report->one_host ? "host" : "network";
}

static const char *feature_name(const struct schema *schema, uint32_t column)
{
    return column < schema->n_columns ? schema->columns[column].name : "p_value";
}

static struct json_object *features_array(const struct schema *schema,
                                          const struct drift_report *report)
{
    struct json_object *list = json_object_new_array();

    for (uint32_t i = 0; i < report->n_top; i++) {
        struct json_object *feature = json_object_new_object();

        json_add_string(feature, "feature", feature_name(schema, report->top[i].column));
        json_add_number(feature, "psi", report->top[i].psi);
        json_object_array_add(list, feature);
    }
    return list;
}

static struct json_object *drift_object(const struct drift_watch *watch,
                                        const struct judge_model *model,
                                        const struct drift_report *report)
{
    struct json_object *object = json_object_new_object();
    char address[TEXT_ADDR];

    json_add_string(object, "model", model->source.model);
    json_add_string(object, "feature_set", model->source.feature_set);
    json_add_time(object, "since", report->since_ns);
    json_add_time(object, "until", report->until_ns);
    json_add_int(object, "flows", report->flows);
    json_add_number(object, "threshold", watch->limits.threshold);
    json_add_int(object, "drifted", report->drifted);
    json_add_string(object, "cause", cause_of(report));
    if (report->one_host) {
        text_addr(&report->host.address, report->host.ip_version, address);
        json_add_string(object, "src_ip", address);
    }
    json_add_int(object, "hosts", report->hosts);
    json_add_number(object, "p_value_psi", report->p_value_psi);
    json_object_object_add(object, "features",
                           features_array(da3d_model_schema(model->stored.model), report));
    return object;
}

static void emit(const struct drift_watch *watch, const struct judge_model *model,
                 const struct drift_report *report)
{
    struct json_object *object = event_begin("drift", model->source.host, report->until_ns);
    struct output_event event = {.kind = OUTPUT_STATS};
    char *line;

    json_object_object_add(object, "drift", drift_object(watch, model, report));
    line = json_line(object, &event.length);
    event.line = line;
    if (line)
        outputs_emit(watch->outputs, &event);
    free(line);
    json_object_put(object);
}

static void tell(struct drift_watch *watch, const struct judge_model *model,
                 const struct drift_report *report)
{
    const struct schema *schema = da3d_model_schema(model->stored.model);
    struct drift_watch_stats *stats = &watch->stats;

    stats->windows++;
    stats->psi = report->top[0].psi;
    stats->cause = cause_of(report);
    snprintf(stats->feature, sizeof stats->feature, "%s",
             feature_name(schema, report->top[0].column));
    if (report->drifted == 0)
        return;
    stats->drifted++;
    log_warning("drift: %" PRIu32 " features of %" PRIu64 " flows are not as in training, most of "
                "all %s (index %.2f); %s",
                report->drifted, report->flows, stats->feature, stats->psi,
                report->one_host ? "one host has changed" : "the network has changed");
    emit(watch, model, report);
    if (watch->hook)
        watch->hook(watch->ctx, report);
}

/* Where memory is short, nothing is watched until the next model. */
static void begin(struct drift_watch *watch, const struct judge_model *model)
{
    watch->model = model;
    if (drift_begin(watch->drift, model->stored.model) < 0)
        log_warning("drift: out of memory; it is not watched");
}

void drift_watch_verdict(struct drift_watch *watch, const struct verdict *verdict)
{
    const struct drift_flow flow = {
        .x = verdict->x,
        .model = verdict->model->stored.model,
        .p_value = verdict->score.p_value,
        .end_ns = verdict->flow.end_ns,
        .source = {verdict->flow.id.src, verdict->flow.id.ip_version},
    };
    struct drift_report report;

    if (watch->limits.window_ns == 0)
        return;
    if (watch->model != verdict->model)
        begin(watch, verdict->model);
    if (drift_add(watch->drift, &watch->limits, &flow, &report))
        tell(watch, verdict->model, &report);
}

/* A later model may be at the same address. */
void drift_watch_forget(struct drift_watch *watch, const struct judge_model *model)
{
    if (watch->model == model)
        watch->model = NULL;
}

void drift_watch_stats(const struct drift_watch *watch, struct drift_watch_stats *out)
{
    *out = watch->stats;
}
