/* judge.h - the scoring thread: finished flows in, verdicts out, in batches.
 *
 * Sensors submit from their threads; the owner (the main thread) takes verdicts and changes models.
 * Both ways are bounded queues. A flow that finds no room is counted and lost; verdicts wait for
 * room, so that a flow which was submitted has its verdict as long as the owner takes them, until
 * the time that judge_stop_by() sets. */
#ifndef DAEMON_JUDGE_H
#define DAEMON_JUDGE_H

#include "event.h"
#include "features/set.h"
#include "queue.h"

/* A model in use, with what its events say of it. */
struct judge_model {
    struct stored_model stored;
    struct event_source source;
};

/* Returns NULL with *error. path: a model file; set: what sensors will submit; NULL: any. */
struct judge_model *judge_model_load(const char *path, const struct feature_set *set,
                                     struct da3d_error *error);
void judge_model_free(struct judge_model *model);

/* Alerts begin at this score, in (0,1), not where the model says. To be called before the model is
 * in use. */
void judge_model_set_threshold(struct judge_model *model, double score);

/* The feature set that the model was trained on. */
const struct feature_set *judge_model_set(const struct judge_model *model);

struct judge_config {
    const struct feature_set *set;
    size_t queue;     /* flows that may wait to be scored, and verdicts that may wait to be taken */
    size_t batch;     /* flows taken to be scored together */
    unsigned wait_ms; /* how long a flow may wait for its batch to fill */
    void (*ready)(void *ctx); /* verdicts can be taken; called on the judge's thread */
    void *ctx;
};

struct verdict {
    struct flow flow;  /* without samples */
    const double *x;   /* the set's columns; the judge's, until the next judge_take(). NULL in a
                        * copy that is kept for longer (fold.h) */
    unsigned sensor;   /* as submitted */
    int64_t waited_ns; /* for its batch */
    struct da3d_score score;
    struct threshold threshold; /* by which score.alert was set */
    struct judge_model *model;  /* that gave the score */
    bool retired;               /* no flow: the model is out of use, and now the taker's */
};

struct judge;

enum { JUDGE_TAKE_MAX = 256 }; /* verdicts at a time */

/* model: taken over, given back by retirement or freed by judge_free(). Flows can be submitted and
 * wait for judge_start(). Returns NULL with errno; the model is the caller's then. */
struct judge *judge_new(const struct judge_config *config, struct judge_model *model);

/* Starts the thread. Returns 0, or -1 with errno. */
int judge_start(struct judge *judge);
void judge_free(struct judge *judge); /* NULL-safe; it must have ended, if it was started */

/* Any thread. flow, x: copied. Returns false if there was no room; counted. Waits for none, but
 * after judge_stop_by(). */
bool judge_submit(struct judge *judge, unsigned sensor, const struct flow *flow, const double *x);

/* The owner's: */
/* model: as in judge_new(), of the same set; used from the next batch on. */
void judge_change_model(struct judge *judge, struct judge_model *model);
/* Moves up to max verdicts, of at most JUDGE_TAKE_MAX, to out without waiting; returns how many. */
size_t judge_take(struct judge *judge, struct verdict *out, size_t max);
/* Alerts begin there from the next batch on, whatever the model; NULL: where each model says. */
void judge_set_threshold(struct judge *judge, const struct threshold *threshold);
/* Else they begin where this share of normal flows reaches, by each model; 0: where it says. */
void judge_set_target(struct judge *judge, double p);
/* Nothing new is coming in: from now on sensors wait for room, until then by steady_ns(). What has
 * not been scored and taken by then is left out and counted. */
void judge_stop_by(struct judge *judge, int64_t until_ns);
/* Any thread: is that time over? */
bool judge_is_late(const struct judge *judge);
/* Nothing more can be submitted. What has been is scored, unless it is late; then the thread ends.
 * The owner takes verdicts until it has, and once more. */
void judge_close(struct judge *judge);
bool judge_ended(const struct judge *judge); /* or was never started */
/* Has the thread made a turn since the last call? It makes one every wait_ms without flows, too. */
bool judge_turned(struct judge *judge);

/* The model that flows are scored with. It is valid until the owner takes the next verdicts. */
const struct judge_model *judge_model_in_use(struct judge *judge);

struct judge_stats {
    struct queue_stats flows;
    uint64_t abandoned;         /* of the flows that were taken: left out since it was late */
    struct event_source source; /* of the model given last */
    struct threshold threshold; /* in use */
    double promised;            /* share of normal flows that reach it, by the model */
    bool overridden;            /* that one is not the model's, but judge_set_threshold()'s */
};
void judge_stats(struct judge *judge, struct judge_stats *out);

#endif
