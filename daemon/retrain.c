/* da3dd --retrain: learns anew in the live model's way, and takes the live model's place if that
 * makes nothing worse. The service sees what comes of it in the models' folder. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acceptance.h"
#include "clock.h"
#include "event.h"
#include "json.h"
#include "log.h"
#include "modes.h"
#include "privileges.h"
#include "retrain_rows.h"
#include "settings.h"
#include "training_mark.h"
#include "version.h"

enum { EXIT_REFUSED = 3, GOLDEN_MIN = 100, LEARNED_MIN = 100 };

static const double warm_share = 0.25; /* of the steps */

/* Two models that learned the same rows from other random numbers differ by ten points there. */
static const double synthetic_tolerance = 0.2;

struct retrain {
    const struct options *options; /* borrowed */
    struct config config;
    struct history history;
    int mark; /* -1: none */
    struct training_progress progress;
    int64_t told_ns, deadline_ns; /* steady_ns() */
    struct stored_model live;
    struct retrain_rows rows;
    struct da3d_model *candidate;
    struct acceptance acceptance;
};

/* Once a second. Stops the training when its time is over. */
static bool on_progress(void *ctx, const struct da3d_progress *state)
{
    struct retrain *r = ctx;
    const int64_t now_ns = steady_ns();

    if (now_ns - r->told_ns >= NANOS_PER_SECOND) {
        r->progress.fraction = state->fraction;
        training_mark_tell(r->mark, &r->progress);
        r->told_ns = now_ns;
    }
    return now_ns < r->deadline_ns;
}

static int open_history(struct retrain *r)
{
    struct da3d_error error;

    if (history_init(&r->history, r->config.model, r->config.models.path, &error) < 0 ||
        history_make_folder(&r->history, &error) < 0)
        return log_fail("models", error.text);
    r->mark = training_mark_take(&r->history, &error);
    if (r->mark < 0)
        return log_fail("models", error.text);
    r->progress.started_s = time(NULL);
    training_mark_tell(r->mark, &r->progress);
    return 0;
}

/* Captures are unpacked by programs that may run no more from here on. */
static int confine(const struct retrain *r)
{
    struct da3d_error error;

    tzset(); /* which reads the zone's file */
    return privileges_confine_training(&r->config, r->history.folder, &error) < 0
               ? log_fail("privileges", error.text)
               : 0;
}

static int configure(struct retrain *r)
{
    struct da3d_error error;

    if (settings_load(&r->config, r->options, &error) < 0)
        return -1;
    if (!r->config.model)
        return log_fail("model", "there is none to retrain");
    if (privileges_become(r->config.privileges.user, &error) < 0 || privileges_drop_all(&error) < 0)
        return log_fail("privileges", error.text);
    r->deadline_ns = steady_ns() + (int64_t)r->config.retrain.time_s * NANOS_PER_SECOND;
    if (open_history(r) < 0)
        return -1;
    if (store_load(r->config.model, &r->live, &error) < 0)
        return log_fail(r->config.model, error.text);
    return 0;
}

static bool is_warm(const struct retrain *r)
{
    return strcmp(r->config.retrain.start, "warm") == 0;
}

/* The live model's way, with as many steps as it took, or a share of them. */
static struct da3d_config config_again(const struct da3d_model *live, size_t rows, double share)
{
    const double learned = (double)da3d_model_report(live)->rows_train;
    struct da3d_config config = *da3d_model_config(live);
    const double ratio = share * learned / ((double)rows * (1 - (double)config.holdout));

    config.epochs_aae = (uint32_t)fmax(1, ceil(config.epochs_aae * ratio));
    config.epochs_alarm = (uint32_t)fmax(1, ceil(config.epochs_alarm * ratio));
    config.threads = 1; /* the rest of the machine has work to do */
    strcpy(config.program, "da3dd " DA3DD_VERSION);
    return config;
}

static size_t n_learned(const struct retrain *r)
{
    return r->rows.normal.n - r->rows.n_golden;
}

static int train(struct retrain *r)
{
    const struct da3d_rows rows = {
        .schema = da3d_model_schema(r->live.model),
        .values = r->rows.normal.values,
        .n = n_learned(r),
    };
    struct da3d_config config = config_again(r->live.model, rows.n, is_warm(r) ? warm_share : 1);
    struct da3d_error error;

    config.judged = r->options->inputs.n == 0; /* when the spool was read */

    if (da3d_train_from(is_warm(r) ? r->live.model : NULL, &config, &rows,
                        &(struct da3d_watch){on_progress, r}, &r->candidate, &error) < 0)
        return log_fail("training",
                        steady_ns() >= r->deadline_ns ? "its time is over" : error.text);
    return 0;
}

static int judge(struct retrain *r)
{
    const struct flow_rows *normal = &r->rows.normal;
    const struct acceptance_config config = {
        .live = r->live.model,
        .candidate = r->candidate,
        .golden = {normal->values + n_learned(r) * normal->n_columns, r->rows.n_golden},
        .known = {r->rows.known.values, r->rows.known.n},
        .marked = {r->rows.marked.values, r->rows.marked.n},
        .threshold = r->config.scoring.threshold,
        .budget = r->config.retrain.budget,
        .tolerance = r->config.retrain.tolerance,
        .synthetic_tolerance = synthetic_tolerance,
        .seed = da3d_model_config(r->candidate)->seed,
    };

    return acceptance_judge(&config, &r->acceptance) < 0 ? log_fail("acceptance", strerror(errno))
                                                         : 0;
}

static struct json_object *rows_object(const struct retrain *r)
{
    const struct da3d_report *report = da3d_model_report(r->candidate);
    struct json_object *object = json_object_new_object();

    json_add_int(object, "train", report->rows_train);
    json_add_int(object, "holdout", report->rows_holdout);
    json_add_int(object, "golden", r->rows.n_golden);
    json_add_int(object, "suspect", r->rows.suspect);
    json_add_int(object, "chance", r->rows.chance);
    json_add_int(object, "change", r->rows.change);
    return object;
}

/* verdict: "accepted", "refused" or "failed"; reason: why. */
static struct json_object *report_new(const struct retrain *r, const char *verdict,
                                      const char *reason)
{
    struct json_object *object = json_object_new_object();
    struct event_source live;

    json_add_time(object, "time", wall_ns());
    json_add_string(object, "verdict", verdict);
    json_add_string(object, "reason", reason);
    json_add_int(object, "seconds", (uint64_t)(time(NULL) - r->progress.started_s));
    if (r->live.model) {
        event_source_init(&live, &r->live);
        json_add_string(object, "parent", live.model);
    }
    if (!r->candidate)
        return object;
    json_object_object_add(object, "rows", rows_object(r));
    json_add_number(object, "holdout_alert_rate",
                    da3d_model_report(r->candidate)->holdout_alert_rate);
    json_object_object_add(object, "acceptance", acceptance_object(&r->acceptance));
    return object;
}

/* Adds the candidate to the history, and makes it live if it was accepted. */
static int settle(struct retrain *r, struct json_object *report)
{
    char name[MODEL_NAME];
    struct da3d_error error;

    if (history_add(&r->history, r->candidate, report, r->config.models.keep, name, &error) < 0)
        return log_fail("models", error.text);
    log_info("%s: %s: %s", name, r->acceptance.accepted ? "accepted" : "refused",
             r->acceptance.reason);
    if (!r->acceptance.accepted)
        return 0;
    if (history_promote(&r->history, name, r->live.digest, &error) < 0)
        return log_fail(name, error.text);
    return 0;
}

static void tell_outcome(const struct retrain *r, struct json_object *report)
{
    struct da3d_error error;

    if (history_tell_outcome(&r->history, report, &error) < 0)
        log_fail("models", error.text);
}

/* Nothing was trained. Returns the exit status. */
static int give_up(const struct retrain *r, const char *verdict, const char *reason, int status)
{
    struct json_object *report = report_new(r, verdict, reason);

    if (status == EXIT_REFUSED)
        log_info("refused: %s", reason);
    tell_outcome(r, report);
    json_object_put(report);
    return status;
}

static int conclude(struct retrain *r)
{
    struct json_object *report =
        report_new(r, r->acceptance.accepted ? "accepted" : "refused", r->acceptance.reason);
    int rc = settle(r, report);

    if (rc == 0)
        tell_outcome(r, report);
    json_object_put(report);
    if (rc < 0)
        return give_up(r, "failed", "the new model could not be put in its place, see the log",
                       EXIT_FAILURE);
    return r->acceptance.accepted ? EXIT_SUCCESS : EXIT_REFUSED;
}

/* Captures, if there are any, take the spool's place. */
static int read_rows(struct retrain *r)
{
    retrain_rows_init(&r->rows, r->live.model);
    if (retrain_rows_read_captures(&r->rows, r->options, &r->config, r->live.model) < 0 ||
        confine(r) < 0)
        return -1;
    return r->options->inputs.n > 0 ? 0
                                    : retrain_rows_read_spool(&r->rows, &r->config, r->live.model);
}

/* Returns the exit status. */
static int retrain(struct retrain *r)
{
    if (read_rows(r) < 0)
        return give_up(r, "failed", "the flows cannot be read, see the log", EXIT_FAILURE);
    if (r->rows.n_golden < GOLDEN_MIN || n_learned(r) < LEARNED_MIN)
        return give_up(r, "refused", "there are too few flows to learn from and to judge by",
                       EXIT_REFUSED);
    if (r->options->inputs.n == 0 && r->rows.span_ns < (int64_t)r->config.retrain.span_ns)
        return give_up(r, "refused", "the flows tell of too short a time (retrain.span)",
                       EXIT_REFUSED);
    if (train(r) < 0 || judge(r) < 0)
        return give_up(r, "failed", "the training failed, see the log", EXIT_FAILURE);
    return conclude(r);
}

static void release(struct retrain *r)
{
    da3d_model_free(r->candidate);
    retrain_rows_clear(&r->rows);
    store_clear(&r->live);
    if (r->mark >= 0)
        close(r->mark);
    config_clear(&r->config);
}

int mode_retrain(const struct options *options)
{
    struct retrain r = {.options = options, .mark = -1};
    int status = configure(&r) < 0 ? EXIT_FAILURE : retrain(&r);

    release(&r);
    return status;
}
