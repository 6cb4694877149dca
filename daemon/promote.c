/* da3dd --promote and --rollback: another model of the history becomes the live one. */
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "history.h"
#include "json.h"
#include "log.h"
#include "modes.h"
#include "privileges.h"
#include "scoring.h"
#include "settings.h"

/* config: to be cleared where it returns 0. */
static int configure(struct config *config, const struct options *options, struct history *history)
{
    struct da3d_error error;

    if (settings_load(config, options, &error) < 0)
        return -1;
    if (!config->model)
        da3d_fail(&error, "model: there is none to replace");
    else if (history_init(history, config->model, config->models.path, &error) == 0 &&
             privileges_become(config->privileges.user, &error) == 0 &&
             privileges_confine_training(config, history->folder, &error) == 0)
        return 0;
    config_clear(config);
    return log_fail("models", error.text);
}

/* The service could use no other model than one that loads, of a set that this program has. */
static int check(const struct history *history, const char *name, struct da3d_error *error)
{
    struct stored_model stored;
    char path[HISTORY_PATH];
    int rc;

    history_model_path(history, name, path);
    if (!history_has(history, name))
        return da3d_fail(error, "there is no such model");
    if (store_load(path, &stored, error) < 0)
        return -1;
    rc = scoring_set_of(stored.model, error) ? 0 : -1;
    store_clear(&stored);
    return rc;
}

/* verdict: "promoted" or "rolled_back". */
static int tell(const struct history *history, const char *name, const char *verdict,
                struct da3d_error *error)
{
    struct json_object *report = history_report(history, name);
    int rc;

    if (!report)
        report = json_object_new_object();
    json_add_time(report, "time", wall_ns());
    json_add_string(report, "name", name);
    json_add_string(report, "verdict", verdict);
    json_add_string(report, "reason", "an operator asked for it");
    rc = history_tell_outcome(history, report, error);
    json_object_put(report);
    return rc;
}

/* name: NULL: the one that was live before. */
static int replace(const struct history *history, const char *name, struct da3d_error *error)
{
    char previous[MODEL_NAME];
    int rc;

    if (!name && history_previous(history, previous, error) < 0)
        return -1;
    if (check(history, name ? name : previous, error) < 0)
        return -1;
    rc = name ? history_promote(history, name, NULL, error) : history_rollback(history, error);
    if (rc < 0)
        return -1;
    return tell(history, name ? name : previous, name ? "promoted" : "rolled_back", error);
}

static int run(const struct options *options, const char *name)
{
    struct history history;
    struct config config;
    struct da3d_error error;
    int rc;

    if (configure(&config, options, &history) < 0)
        return EXIT_FAILURE;
    rc = replace(&history, name, &error);
    if (rc < 0)
        log_fail(name ? name : "rollback", error.text);
    config_clear(&config);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int mode_promote(const struct options *options)
{
    return run(options, options->promote);
}

int mode_rollback(const struct options *options)
{
    return run(options, NULL);
}
