/* models.h - the models in the service's care: has others retrain and replace the live one, sees
 * what came of it, changes the one in use, tells events of it.
 *
 * Those others are processes of their own: the helper (helper.h), or, for a retraining, whoever is
 * woken by a file that is written (systemd's da3dd-retrain.path). They leave the outcome in the
 * models' folder, where this looks once a second, so that what is done by hand is seen as well. */
#ifndef DAEMON_MODELS_H
#define DAEMON_MODELS_H

#include "config.h"
#include "history.h"
#include "loop.h"
#include "stats.h"

struct models_config {
    const struct config *config; /* borrowed while the models live; it may change meanwhile */
    const struct stats_sources *sources; /* likewise; complete when the loop runs */
    const struct feature_set *set;       /* in use, for good */
    struct loop *loop;                   /* borrowed while the models live */
    int helper;                          /* taken over; -1: none */
    bool helper_retrains;                /* it, not who reads requests */
    /* Puts the live model to use. Returns 0, or -1 with the reason logged and nothing changed. */
    int (*load)(void *service);
    void *service;
};

struct models;

/* Returns NULL with *error; the helper is closed then. */
struct models *models_new(const struct models_config *config, struct da3d_error *error);
void models_free(struct models *models); /* NULL-safe */

/* Asks for a retraining. Returns 0, or -1 with *error: one runs, or there is nobody to do it. */
int models_retrain(struct models *models, struct da3d_error *error);

/* Each makes a model live and puts it to use, with the helper, for which it waits. Returns 0, or -1
 * with *error. */
int models_promote(struct models *models, const char *name, struct da3d_error *error);
int models_rollback(struct models *models, struct da3d_error *error);

/* The model in use was loaded, for the configuration was; before: how events named the one in use
 * then. Returns whether it is another. */
bool models_loaded(struct models *models, const char *before);

/* All that the folder has. Returns json-c's, the caller's, or NULL with *error. */
struct json_object *models_list(const struct models *models, struct da3d_error *error);

/* How far a retraining is, and what came of the last; json-c's, the caller's. */
struct json_object *models_retraining(const struct models *models);

#endif
