/* What a running service changes: its configuration and its model. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "meter_settings.h"
#include "service.h"

/* Logged, and in *error for who has asked. */
static int refuse(const char *what, const char *reason, struct da3d_error *error)
{
    log_fail(what, reason);
    return da3d_fail(error, "%s: %s", what, reason);
}

struct judge_model *service_load_model(const struct config *config, const struct feature_set *set,
                                       struct da3d_error *error)
{
    struct da3d_error reason;
    struct judge_model *model = judge_model_load(config->model, set, &reason);

    if (!model)
        refuse(config->model, reason.text, error);
    else if (config->scoring.threshold > 0)
        judge_model_set_threshold(model, config->scoring.threshold);
    return model;
}

const struct row_settings *service_row_settings(const struct judge_model *model)
{
    return &da3d_model_config(model->stored.model)->row_settings;
}

/* Returns 0, or -1 with the reason logged and in *error. */
int service_take_meter_settings(struct meter_config *meter, const struct judge_model *model,
                                const char *path, struct da3d_error *error)
{
    struct da3d_error reason;

    if (meter_settings_take(meter, service_row_settings(model), path, &reason) < 0)
        return refuse(path, reason.text, error);
    return 0;
}

/* What an operator has set stays, which the new configuration may not lead to expect. */
static void log_override(struct service *s)
{
    struct judge_stats stats;

    judge_stats(s->judge, &stats);
    if (stats.overridden)
        log_warning("alerts begin at score %.6g, as set by da3ddctl, not as configured",
                    stats.threshold.score);
}

/* One that scores the flows as they are made. Returns NULL with the reason logged and in *error. */
static struct judge_model *load_alike(const struct service *s, const struct config *config,
                                      struct da3d_error *error)
{
    struct meter_config meter = s->meter; /* nothing in it is open: it stays, with a warning */
    struct judge_model *model = service_load_model(config, s->meter.set, error);

    if (model && service_take_meter_settings(&meter, model, config->model, error) < 0) {
        judge_model_free(model);
        model = NULL;
    }
    return model;
}

/* Returns 0, or -1 with the reason logged and in *error, and nothing changed. */
static int change_config(struct service *s, struct config *fresh, struct da3d_error *error)
{
    struct da3d_error reason;
    struct judge_model *model;
    struct judge_stats before;

    if (settings_check(fresh, s->options, error) < 0)
        return -1;
    model = load_alike(s, fresh, error);
    if (!model)
        return -1;
    if (alerts_configure(s->alerts, fresh, &reason) < 0) {
        judge_model_free(model);
        return refuse("alerts", reason.text, error);
    }
    judge_stats(s->judge, &before);
    budget_configure(s->budget, fresh, service_row_settings(model));
    judge_change_model(s->judge, model);
    log_override(s);
    settings_take_live(&s->config, fresh);
    archive_configure(s->archive, &s->config);
    console_configure(s->console, &s->config);
    drift_watch_configure(s->drift, &s->config);
    if (models_loaded(s->models, before.source.model))
        archive_model_changed(s->archive);
    return 0;
}

/* The models' load(). */
int service_load_live(void *ctx)
{
    struct service *s = ctx;
    struct da3d_error reason;
    struct judge_model *model = load_alike(s, &s->config, &reason);

    if (!model)
        return -1;
    budget_configure(s->budget, &s->config, service_row_settings(model));
    judge_change_model(s->judge, model);
    archive_model_changed(s->archive);
    log_override(s);
    return 0;
}

static int load_config(struct service *s, struct da3d_error *first)
{
    struct config *fresh = calloc(1, sizeof *fresh);
    int rc;

    if (!fresh)
        return da3d_fail(first, "%s", strerror(errno));
    rc = settings_load(fresh, s->options, first);
    if (rc == 0) {
        rc = change_config(s, fresh, first);
        config_clear(fresh);
    }
    free(fresh);
    return rc;
}

/* Returns 0, or -1 with the reasons logged, the first one also in *first. */
static int reload(struct service *s, struct da3d_error *first)
{
    int rc = load_config(s, first);

    if (rc == 0)
        log_info("configuration and model %s loaded", s->config.model);
    else
        log_error("reload: failed; the configuration and the model stay as they were");
    return rc;
}

/* Files that were rotated are opened anew whatever the configuration says. */
int service_reload(void *ctx, struct da3d_error *first)
{
    struct service *s = ctx;
    int rc;

    notify_reloading();
    outputs_reopen(s->outputs);
    rc = reload(s, first);
    notify_ready(s->notify);
    return rc;
}
