#include "alerts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "fold.h"

enum { WINDOWS_MAX = 8192, TICK_MS = 1000 };

struct alerts {
    struct outputs *outputs;
    const char *const *interfaces;
    struct loop_watch *tick;
    struct suppress suppress;
    struct fold *fold;
    struct alerts_stats stats;
};

static void write_line(struct alerts *alerts, const struct verdict *verdict,
                       enum event_withheld withheld, uint64_t suppressed)
{
    const bool alert = verdict->score.alert && withheld == EVENT_NOT_WITHHELD;
    const struct event_flow flow = {
        .interface = alerts->interfaces[verdict->sensor],
        .flow = &verdict->flow,
        .score = &verdict->score,
        .threshold = &verdict->threshold,
        .withheld = withheld,
        .reasons = &verdict->reasons,
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

static void write_folded(void *ctx, const struct verdict *verdict, uint64_t count)
{
    write_line(ctx, verdict, EVENT_NOT_WITHHELD, count);
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

    alerts->stats.flows++;
    if (verdict->score.alert)
        withheld = withhold(alerts, verdict);
    write_line(alerts, verdict, withheld, 0);
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

    if (!alerts) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    alerts->outputs = outputs;
    alerts->interfaces = interfaces;
    alerts->fold = fold_new(WINDOWS_MAX, 0, write_folded, alerts);
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
    free(alerts);
}

void alerts_flush(struct alerts *alerts)
{
    fold_flush(alerts->fold);
}

int alerts_configure(struct alerts *alerts, const struct config *config, struct da3d_error *error)
{
    if (suppress_configure(&alerts->suppress, config, error) < 0)
        return -1;
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
