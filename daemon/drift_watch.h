/* drift_watch.h - the service's eye on drift (drift.h): gives it every scored flow, and tells of a
 * window that has moved by an event, in statistics, and to who wants to retrain. */
#ifndef DAEMON_DRIFT_WATCH_H
#define DAEMON_DRIFT_WATCH_H

#include "config.h"
#include "drift.h"
#include "judge.h"
#include "output.h"

/* Told of a window in which something drifted. */
typedef void drift_hook(void *ctx, const struct drift_report *report);

struct drift_watch;

/* outputs: borrowed while the watch lives. hook: NULL: nobody. Returns NULL with errno. */
struct drift_watch *drift_watch_new(struct outputs *outputs, drift_hook *hook, void *ctx);
void drift_watch_free(struct drift_watch *watch); /* NULL-safe */

/* Reads config's drift, from now on. */
void drift_watch_configure(struct drift_watch *watch, const struct config *config);

/* A scored flow. Another model than the one before begins anew. */
void drift_watch_verdict(struct drift_watch *watch, const struct verdict *verdict);

/* The model is about to be freed. */
void drift_watch_forget(struct drift_watch *watch, const struct judge_model *model);

struct drift_watch_stats {
    uint64_t windows, drifted;     /* looked at; those in which something drifted */
    double psi;                    /* of the last window's feature that moved most */
    char feature[SCHEMA_NAME_MAX]; /* its name; empty: no window yet */
    const char *cause;             /* of the last window: "none", "network" or "host" */
};
void drift_watch_stats(const struct drift_watch *watch, struct drift_watch_stats *out);

#endif
