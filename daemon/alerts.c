#include "alerts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "fold.h"

enum { WINDOWS_MAX = 8192, TICK_MS = 1000 };

/* Processor time for reasons: one part in so many of the time that passes, of which so much is put
 * by. A flood of alerts is told of at any rate. */
enum { EXPLAIN_PART = 8, EXPLAIN_RESERVE_NS = 500000000 };

struct alerts {
    struct outputs *outputs;
    const char *const *interfaces;
    struct loop_watch *tick;
    struct suppress suppress;
    struct fold *fold;
    size_t features;                     /* that an alert names; 0: none */
    const struct judge_model *explained; /* the explainer's; NULL: there is none */
    struct da3d_explainer *explainer;
    int64_t explain_ns;     /* that may be spent on reasons now */
    int64_t replenished_ns; /* steady_ns() */
    struct alerts_stats stats;
};

static void forget_model(struct alerts *alerts)
{
    da3d_explainer_free(alerts->explainer);
    alerts->explainer = NULL;
    alerts->explained = NULL;
}

static bool may_explain(struct alerts *alerts)
{
    const int64_t now_ns = steady_ns();

    alerts->explain_ns += (now_ns - alerts->replenished_ns) / EXPLAIN_PART;
    if (alerts->explain_ns > EXPLAIN_RESERVE_NS)
        alerts->explain_ns = EXPLAIN_RESERVE_NS;
    alerts->replenished_ns = now_ns;
    return alerts->explain_ns > 0;
}

static void find_reasons(struct alerts *alerts, const struct verdict *verdict, struct reasons *out)
{
    if (alerts->explained != verdict->model) {
        forget_model(alerts);
        alerts->explainer = da3d_explainer_new(verdict->model->stored.model);
        alerts->explained = alerts->explainer ? verdict->model : NULL;
    }
    reasons_find(out, alerts->explainer, verdict->x, alerts->features);
}

/* Where memory or time is short, an alert has no reasons. */
static void explain(void *ctx, const struct verdict *verdict, struct reasons *out)
{
    struct alerts *alerts = ctx;

    out->n = 0;
    if (alerts->features == 0 || !verdict->x)
        return;
    if (may_explain(alerts)) {
        const int64_t since_ns = thread_ns();

        find_reasons(alerts, verdict, out);
        alerts->explain_ns -= thread_ns() - since_ns;
    }
    alerts->stats.unexplained += out->n == 0;
}

/* reasons: NULL: none are known. */
static void write_line(struct alerts *alerts, const struct verdict *verdict,
                       enum event_withheld withheld, const struct reasons *reasons,
                       uint64_t suppressed)
{
    const bool alert = verdict->score.alert && withheld == EVENT_NOT_WITHHELD;
    const struct event_flow flow = {
        .interface = alerts->interfaces[verdict->sensor],
        .flow = &verdict->flow,
        .score = &verdict->score,
        .threshold = &verdict->threshold,
        .withheld = withheld,
        .reasons = reasons,
        .suppressed = suppressed,
    };
    struct output_event event = {
        .kind = alert ? OUTPUT_ALERT : OUTPUT_SCORE,
        .verdict = verdict,
    };
    char *line = event_line(&verdict->model->source, &flow, &event.length);

    if (!line) {
        alerts->stats.lost++;
        return;
    }
    event.line = line;
    alerts->stats.raised += alert;
    outputs_emit(alerts->outputs, &event);
    free(line);
}

static void write_folded(void *ctx, const struct verdict *verdict, const struct reasons *reasons,
                         uint64_t count)
{
    write_line(ctx, verdict, EVENT_NOT_WITHHELD, reasons, count);
}

static enum event_withheld withhold(struct alerts *alerts, const struct verdict *verdict)
{
    alerts->stats.reached++;
    if (suppress_match(&alerts->suppress, &verdict->flow.id, time(NULL))) {
        alerts->stats.suppressed++;
        return EVENT_SUPPRESSED;
    }
    if (!fold_alert(alerts->fold, verdict, steady_ns())) {
        alerts->stats.folded++;
        return EVENT_FOLDED;
    }
    return EVENT_NOT_WITHHELD;
}

enum event_withheld alerts_verdict(struct alerts *alerts, const struct verdict *verdict)
{
    enum event_withheld withheld = EVENT_NOT_WITHHELD;
    struct reasons reasons = {0};

    alerts->stats.flows++;
    if (verdict->score.alert)
        withheld = withhold(alerts, verdict);
    if (verdict->score.alert && withheld == EVENT_NOT_WITHHELD)
        explain(alerts, verdict, &reasons);
    write_line(alerts, verdict, withheld, &reasons, 0);
    return withheld;
}

static void on_tick(void *ctx)
{
    struct alerts *alerts = ctx;

    suppress_expire(&alerts->suppress, time(NULL));
    fold_expire(alerts->fold, steady_ns());
}

struct alerts *alerts_new(const struct config *config, struct loop *loop, struct outputs *outputs,
                          const char *const *interfaces, struct da3d_error *error)
{
    struct alerts *alerts = calloc(1, sizeof *alerts);
    const struct fold_owner owner = {.report = write_folded, .explain = explain, .ctx = alerts};

    if (!alerts) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    alerts->outputs = outputs;
    alerts->interfaces = interfaces;
    alerts->fold = fold_new(WINDOWS_MAX, 0, &owner);
    alerts->tick = loop_timer(loop, TICK_MS, on_tick, alerts);
    if (!alerts->fold || !alerts->tick)
        da3d_fail(error, "%s", strerror(errno));
    if (!alerts->fold || !alerts->tick || alerts_configure(alerts, config, error) < 0) {
        alerts_free(alerts);
        return NULL;
    }
    return alerts;
}

void alerts_free(struct alerts *alerts)
{
    if (!alerts)
        return;
    loop_unwatch(alerts->tick);
    fold_free(alerts->fold);
    forget_model(alerts);
    free(alerts);
}

void alerts_flush(struct alerts *alerts)
{
    fold_flush(alerts->fold);
    forget_model(alerts);
}

int alerts_configure(struct alerts *alerts, const struct config *config, struct da3d_error *error)
{
    if (suppress_configure(&alerts->suppress, config, error) < 0)
        return -1;
    alerts->features = config->explain.features;
    fold_set_window(alerts->fold, config->alerts.fold_s * NANOS_PER_SECOND);
    return 0;
}

struct suppress *alerts_suppress(struct alerts *alerts)
{
    return &alerts->suppress;
}

void alerts_stats(const struct alerts *alerts, struct alerts_stats *out)
{
    *out = alerts->stats;
}
