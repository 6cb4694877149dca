#include "models.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "helper.h"
#include "json.h"
#include "json_read.h"
#include "judge.h"
#include "log.h"
#include "model_event.h"
#include "training_mark.h"

enum { LOOK_MS = 1000, SECOND_MS = 1000, WAIT_S = 10 };

struct models {
    struct models_config config;
    struct history_stamp seen; /* of the outcome */
    struct loop_watch *look;
    struct loop_watch *answer; /* of the helper; NULL: there is none */
    struct loop_watch *due;    /* NULL: never */
    bool asked;                /* the helper has not answered yet */
};

/* Of the model in use, in events. */
typedef char model_id[sizeof((struct event_source *)0)->model];

static void in_use(const struct models *models, model_id id)
{
    struct judge_stats stats;

    judge_stats(models->config.sources->judge, &stats);
    strcpy(id, stats.source.model);
}

static int find_history(const struct models *models, struct history *history,
                        struct da3d_error *error)
{
    const struct config *config = models->config.config;

    return history_init(history, config->model, config->models.path, error);
}

static void tell(const struct models *models, const struct model_change *change)
{
    model_event_tell(models->config.sources, change);
}

/* Another model is live: it is put to use. */
static void take_live(struct models *models, const char *action, struct json_object *report)
{
    struct model_change change = {
        .action = action, .reason = json_text(report, "reason"), .report = report};
    model_id before;

    in_use(models, before);
    change.before = before;
    if (models->config.load(models->config.service) < 0)
        change = (struct model_change){.action = "failed",
                                       .reason = "the live model cannot be loaded, see the log",
                                       .report = report};
    tell(models, &change);
}

/* What an outcome's verdict means. */
static const struct meaning {
    const char *verdict, *action;
    bool live; /* another model is live */
} meanings[] = {
    {"accepted", "retrained", true},      {"promoted", "promoted", true},
    {"rolled_back", "rolled_back", true}, {"refused", "refused", false},
    {"failed", "failed", false},
};

static void take_outcome(struct models *models, const struct history *history)
{
    struct json_object *report = history_outcome(history);
    const char *verdict = json_text(report, "verdict");

    for (const struct meaning *m = meanings; m < meanings + sizeof meanings / sizeof *meanings; m++)
        if (strcmp(verdict, m->verdict) == 0 && m->live)
            take_live(models, m->action, report);
        else if (strcmp(verdict, m->verdict) == 0)
            tell(models, &(struct model_change){.action = m->action,
                                                .reason = json_text(report, "reason"),
                                                .report = report});
    json_object_put(report);
}

/* Returns whether there was a new outcome. */
static bool look(struct models *models)
{
    struct history history;
    struct history_stamp stamp;
    struct da3d_error error;

    if (find_history(models, &history, &error) < 0)
        return false;
    stamp = history_outcome_stamp(&history);
    if (memcmp(&stamp, &models->seen, sizeof stamp) == 0)
        return false;
    models->seen = stamp;
    take_outcome(models, &history);
    return true;
}

static void on_look(void *ctx)
{
    look(ctx);
}

/* It has ended and told nothing. */
static void tell_end(const struct models *models, int status)
{
    char reason[64];

    if (WIFSIGNALED(status))
        snprintf(reason, sizeof reason, "the retraining was killed by signal %d", WTERMSIG(status));
    else
        snprintf(reason, sizeof reason, "the retraining ended with status %d, see the log",
                 WEXITSTATUS(status));
    tell(models, &(struct model_change){.action = "failed", .reason = reason});
}

static void lose_helper(struct models *models)
{
    log_warning("the helper is gone: no model is retrained or replaced before a restart");
    loop_unwatch(models->answer);
    models->answer = NULL;
}

/* An answer to somebody who has not waited for it is of no interest. */
static void take_answer(struct models *models, const struct helper_answer *answer)
{
    bool told = look(models);

    if (answer->task != HELPER_RETRAIN)
        return;
    models->asked = false;
    if (!told)
        tell_end(models, answer->status);
}

static void on_answer(void *ctx)
{
    struct models *models = ctx;
    struct helper_answer answer;
    ssize_t n = recv(models->config.helper, &answer, sizeof answer, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n == sizeof answer)
        take_answer(models, &answer);
    else
        lose_helper(models);
}

static void on_due(void *ctx)
{
    struct da3d_error error;

    if (models_retrain(ctx, &error) < 0)
        log_warning("no retraining: %s", error.text);
}

static int models_init(struct models *models, struct da3d_error *error)
{
    const struct models_config *config = &models->config;
    struct history history;

    if (find_history(models, &history, error) < 0)
        return -1;
    models->seen = history_outcome_stamp(&history);
    models->look = loop_timer(config->loop, LOOK_MS, on_look, models);
    if (config->helper >= 0)
        models->answer = loop_fd(config->loop, config->helper, LOOP_READ, on_answer, models);
    if (config->helper_retrains && config->config->retrain.interval_s > 0)
        models->due = loop_timer(config->loop, SECOND_MS * config->config->retrain.interval_s,
                                 on_due, models);
    if (!models->look || (config->helper >= 0 && !models->answer))
        return da3d_fail(error, "%s", strerror(errno));
    return 0;
}

struct models *models_new(const struct models_config *config, struct da3d_error *error)
{
    struct models *models = calloc(1, sizeof *models);

    if (!models) {
        da3d_fail(error, "%s", strerror(errno));
        if (config->helper >= 0)
            close(config->helper);
        return NULL;
    }
    models->config = *config;
    if (models_init(models, error) < 0) {
        models_free(models);
        return NULL;
    }
    return models;
}

void models_free(struct models *models)
{
    if (!models)
        return;
    loop_unwatch(models->look);
    loop_unwatch(models->answer);
    loop_unwatch(models->due);
    if (models->config.helper >= 0)
        close(models->config.helper);
    free(models);
}

static int ask_helper(struct models *models, const struct helper_request *request,
                      struct da3d_error *error)
{
    if (!models->answer)
        return da3d_fail(error, "there is no helper");
    if (send(models->config.helper, request, sizeof *request, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return da3d_fail(error, "the helper cannot be asked: %s", strerror(errno));
    return 0;
}

static int write_request(const char *path, struct da3d_error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    int rc = 0;

    if (fd < 0 || write(fd, "retrain\n", 8) != 8)
        rc = da3d_fail(error, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

int models_retrain(struct models *models, struct da3d_error *error)
{
    const char *request = models->config.config->retrain.request;
    struct training_progress progress;
    struct history history;

    if (find_history(models, &history, error) < 0)
        return -1;
    if (models->asked || training_mark_read(&history, &progress))
        return da3d_fail(error, "a retraining is running");
    if (models->config.helper_retrains) {
        models->asked =
            ask_helper(models, &(struct helper_request){HELPER_RETRAIN, ""}, error) == 0;
        return models->asked ? 0 : -1;
    }
    if (request)
        return write_request(request, error);
    return da3d_fail(error, "there is neither a helper (retrain.helper) nor a file for requests "
                            "(retrain.request)");
}

/* Is it whole, and of the feature set that is in use? */
static int check_model(const struct models *models, const struct history *history, const char *name,
                       struct da3d_error *error)
{
    struct judge_model *model;
    char path[HISTORY_PATH];

    if (!history_has(history, name))
        return da3d_fail(error, "there is no model '%.64s'", name);
    history_model_path(history, name, path);
    model = judge_model_load(path, models->config.set, error);
    judge_model_free(model);
    return model ? 0 : -1;
}

/* The helper answers what it was asked before, too. */
static int wait_for(struct models *models, enum helper_task task, struct da3d_error *error)
{
    const int64_t until_ns = steady_ns() + WAIT_S * NANOS_PER_SECOND;
    struct pollfd fd = {.fd = models->config.helper, .events = POLLIN};
    struct helper_answer answer;

    while (steady_ns() < until_ns && poll(&fd, 1, SECOND_MS) >= 0) {
        if (recv(fd.fd, &answer, sizeof answer, MSG_DONTWAIT) != sizeof answer)
            continue;
        take_answer(models, &answer);
        if (answer.task == task)
            return answer.status == 0 ? 0 : da3d_fail(error, "failed, as the log says");
    }
    return da3d_fail(error, "the helper does not answer within %d s", WAIT_S);
}

static int replace(struct models *models, const struct helper_request *request,
                   struct da3d_error *error)
{
    struct history history;

    if (find_history(models, &history, error) < 0 ||
        check_model(models, &history, request->name, error) < 0 ||
        ask_helper(models, request, error) < 0)
        return -1;
    return wait_for(models, request->task, error);
}

int models_promote(struct models *models, const char *name, struct da3d_error *error)
{
    struct helper_request request = {.task = HELPER_PROMOTE};

    if (snprintf(request.name, sizeof request.name, "%s", name) >= MODEL_NAME)
        return da3d_fail(error, "there is no model '%.64s'", name);
    return replace(models, &request, error);
}

int models_rollback(struct models *models, struct da3d_error *error)
{
    struct helper_request request = {.task = HELPER_ROLLBACK};
    struct history history;

    if (find_history(models, &history, error) < 0 ||
        history_previous(&history, request.name, error) < 0)
        return -1;
    return replace(models, &request, error);
}

bool models_loaded(struct models *models, const char *before)
{
    model_id now;

    in_use(models, now);
    if (strcmp(before, now) == 0)
        return false;
    tell(models, &(struct model_change){.action = "loaded", .before = before});
    return true;
}

struct json_object *models_list(const struct models *models, struct da3d_error *error)
{
    struct json_object *list;
    struct history history;
    struct history_model *all;
    size_t n;

    if (find_history(models, &history, error) < 0 || history_list(&history, &all, &n, error) < 0)
        return NULL;
    list = json_object_new_array();
    for (size_t i = 0; i < n; i++) {
        struct json_object *report = history_report(&history, all[i].name);

        if (!report)
            report = json_object_new_object();
        json_add_string(report, "name", all[i].name);
        json_add_flag(report, "live", all[i].live);
        json_object_array_add(list, report);
    }
    free(all);
    return list;
}

struct json_object *models_retraining(const struct models *models)
{
    struct json_object *object = json_object_new_object();
    struct training_progress progress;
    struct history history;
    struct da3d_error error;
    bool runs;

    if (find_history(models, &history, &error) < 0)
        return object;
    runs = training_mark_read(&history, &progress);
    json_add_flag(object, "running", runs);
    if (runs) {
        json_add_number(object, "progress", progress.fraction);
        json_add_time(object, "since", progress.started_s * NANOS_PER_SECOND);
    }
    json_object_object_add(object, "last", history_outcome(&history));
    return object;
}
